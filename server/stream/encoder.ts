/**
 * The Encoder turns flushed changes into frames: one change is its own event, several are `batch`es
 * of bounded size, each with the id of its last change.
 *
 * @see SPEC 3.2 `add` `update` `delete` `batch` `batch_update`
 */
import type { RowSet } from '../table/row-set.ts';
import type { Change, Row } from '../wire/change.ts';
import type { EndEvent, EndReason, StreamEvent } from '../wire/event.ts';
import { formatEventId } from '../wire/event-id.ts';
import { frameText } from '../wire/frame.ts';
import { encodeAside, encodeFrame, type Frame } from './frame.ts';
import type { PendingChange } from './pending.ts';
import { CHUNK_CHARS, type SnapshotHead } from './snapshot.ts';

/** With `?full=1` every change carries the whole table: bearable only for a small one. */
export const MAX_FULL_ROWS = 1_000;

/** What a channel adds to its events. */
export interface Decorate {
  /** The demo session whose stream this is. */
  sessionId?: string;
  generationCount?: () => number;
  /** `?full=1`: each change carries the whole table, while it has at most MAX_FULL_ROWS. */
  full?: boolean;
}

const VERB = { add: 'Added', update: 'Updated', delete: 'Deleted' } as const;

/** Encodes the events of one channel. */
export class Encoder {
  readonly #table: RowSet;
  readonly #decorate: Decorate;
  /** Names the channel in ids that only it can resume from. */
  readonly #channel: string;
  /** Subscribers have been told that the table is too large. */
  #hasNoticed = false;

  constructor(table: RowSet, decorate: Decorate, channel: string) {
    this.#table = table;
    this.#decorate = decorate;
    this.#channel = channel;
  }

  /** What an `init` says beside its rows. */
  head(heartbeatMs: number, nowMs: number): SnapshotHead {
    const { name, key, columns } = this.#table;
    const { sessionId } = this.#decorate;
    return {
      ...(sessionId !== undefined && { session_id: sessionId }),
      table: name,
      key,
      columns,
      heartbeat_ms: heartbeatMs,
      timestamp: new Date(nowMs).toISOString(),
    };
  }

  /** Frames for the changes of one flush, in order of seq. */
  encode(changes: readonly PendingChange[], nowMs: number): Frame[] {
    const only = changes[0];
    if (only === undefined) return [];
    const timestamp = new Date(nowMs).toISOString();
    if (changes.length === 1) return [this.#encodeOne(only, timestamp)];
    const frames: Frame[] = [];
    const { generation_count, table_data } = this.#extras();
    const tail = JSON.stringify({ timestamp, generation_count, table_data }).slice(1);
    let parts: string[] = [];
    let chars = 0;
    for (const [index, { change, seq }] of changes.entries()) {
      const json = JSON.stringify(change);
      parts.push(json);
      chars += json.length;
      // In a live top-N one change moves two rows. A frame never ends between them: its id says seq,
      // and who has it must have all of seq.
      const next = changes[index + 1];
      if (next !== undefined && (chars < CHUNK_CHARS || next.seq === seq)) continue;
      const batch = `{"type":"batch","changes":[${parts.join(',')}],${tail}`;
      const id = next === undefined ? this.idOf(seq) : this.#idWithin(seq);
      frames.push(encodeFrame(batch, id, seq, parts.length));
      parts = [];
      chars = 0;
    }
    return frames;
  }

  /** The demo's batch operation as one event. */
  encodeBatchUpdate(data: readonly Row[], message: string, seq: number, nowMs: number): Frame {
    const timestamp = new Date(nowMs).toISOString();
    const json = JSON.stringify({
      type: 'batch_update',
      data,
      message,
      timestamp,
      ...this.#extras(),
    });
    return encodeFrame(json, this.idOf(seq), seq, data.length);
  }

  /**
   * What subscribers must be told before the next change: with `?full=1`, once, that the table has
   * become too large. It takes a place in the ring after `seq`, so that all get it in order.
   */
  notice(seq: number): Frame | undefined {
    if (this.#decorate.full !== true) return undefined;
    const isTooLarge = this.#table.size > MAX_FULL_ROWS;
    const isNew = isTooLarge && !this.#hasNoticed;
    this.#hasNoticed = isTooLarge;
    if (!isNew) return undefined;
    const message = `the table has more than ${MAX_FULL_ROWS} rows: changes come without table_data until it has fewer`;
    const event: StreamEvent = { type: 'error', code: 'table_too_large', message };
    return encodeFrame(JSON.stringify(event), undefined, seq, 0);
  }

  /** An event outside the history: it has no id. */
  encodeAside(event: StreamEvent): Frame {
    return encodeAside(frameText(JSON.stringify(event)));
  }

  /** The `end` of a stream. */
  encodeEnd(reason: EndReason, message: string): Frame {
    const event: EndEvent = { type: 'end', reason, message };
    if (this.#decorate.sessionId !== undefined) event.session_id = this.#decorate.sessionId;
    return this.encodeAside(event);
  }

  /** An `error` event. */
  encodeError(code: string, message: string): Frame {
    return this.encodeAside({ type: 'error', code, message });
  }

  /** The id of the state after `seq`. */
  idOf(seq: number): string {
    return formatEventId(this.#table.epoch, seq);
  }

  #idWithin(seq: number): string {
    return formatEventId(this.#table.epoch, seq, this.#channel);
  }

  #encodeOne({ change, seq }: PendingChange, timestamp: string): Frame {
    const event = {
      ...change,
      message: change.message ?? messageOf(change, this.#table.key),
      timestamp,
      ...this.#extras(),
    };
    return encodeFrame(JSON.stringify(event), this.idOf(seq), seq, 1);
  }

  #extras(): { generation_count?: number; table_data?: Row[] } {
    const { generationCount } = this.#decorate;
    const full = this.#decorate.full === true && this.#table.size <= MAX_FULL_ROWS;
    return {
      ...(generationCount !== undefined && { generation_count: generationCount() }),
      ...(full && { table_data: this.#table.rows() }),
    };
  }
}

function messageOf(change: Change, key: string): string {
  return `${VERB[change.type]} ${change.data[key]}`;
}
