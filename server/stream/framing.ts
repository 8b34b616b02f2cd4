/**
 * A Framing: the words in which a channel speaks of its rows. The Encoder tells of a table and its
 * changes; a FeedEncoder of messages or lines, one event each.
 *
 * @see SPEC 3.2, 3.4, 3.6
 */
import type { Applied } from '../table/applied.ts';
import type { Row } from '../wire/change.ts';
import type { EndReason } from '../wire/event.ts';
import type { Frame } from './frame.ts';
import type { PendingChange } from './pending.ts';
import type { Snapshot } from './snapshot.ts';
import type { SyncStep } from './sync.ts';

export interface Framing {
  /** Whether subscribers are told of this change. */
  tells(applied: Applied): boolean;
  /**
   * A snapshot replaces all that a client holds: it may be one that the ring continues, and half way
   * another may take its place. Otherwise each client gets one of its moment, once.
   */
  readonly replaces: boolean;
  /** Those who join at the same seq may have the same snapshot. */
  readonly shares: boolean;
  /** What a newcomer gets, who goes on after `seq`; nothing of the rows waits to be flushed. */
  snapshot(seq: number, nowMs: number): Snapshot;
  /** Frames for the changes of one flush, in order of seq. */
  encode(changes: readonly PendingChange[], nowMs: number): Frame[];
  /** A batch update as one event; undefined: its changes are told like any others. */
  encodeBatchUpdate(
    rows: readonly Row[],
    message: string,
    seq: number,
    nowMs: number,
  ): Frame | undefined;
  /**
   * The next chunk of what changed after `seq`; the ring goes on at `headSeq`.
   * @returns undefined when a snapshot is cheaper, or the only way.
   */
  encodeSync(seq: number, headSeq: number): SyncStep | undefined;
  /** What subscribers must be told before the next change, once. It takes a place after `seq`. */
  notice(seq: number): Frame | undefined;
  /**
   * The answer to a good Last-Event-ID.
   * @param missed changes that follow; undefined: the current state of what changed does.
   */
  encodeResumed(missed: number | undefined, nowMs: number): Frame | undefined;
  /** The client's place is not known; what a newcomer gets follows. */
  encodeUnknown(): Frame | undefined;
  /** @param seq of the newest change that has been told. */
  encodeHeartbeat(seq: number, nowMs: number): Frame;
  encodeError(code: string, message: string): Frame;
  encodeEnd(reason: EndReason, message: string): Frame;
}

/** Makes the framing of one channel. @param channel names it in ids that only it can resume from. */
export type FramingOf = (channel: string, heartbeatMs: number) => Framing;
