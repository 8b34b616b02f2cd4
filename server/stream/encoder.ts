/**
 * The Encoder turns flushed changes into frames: one change is its own event, several are `batch`es
 * of bounded size, each with the id of its last change.
 *
 * @see SPEC 3.2 `add` `update` `delete` `batch` `batch_update`
 */
import type { Applied } from '../table/applied.ts';
import type { RowSet } from '../table/row-set.ts';
import type { Change, Row } from '../wire/change.ts';
import type { EndEvent, EndReason, StreamEvent } from '../wire/event.ts';
import { formatEventId } from '../wire/event-id.ts';
import { frameText } from '../wire/frame.ts';
import { encodeAside, encodeFrame, type Frame } from './frame.ts';
import type { Framing, FramingOf } from './framing.ts';
import type { PendingChange } from './pending.ts';
import { CHUNK_CHARS, TableSnapshot } from './snapshot.ts';
import { encodeSync, type SyncStep } from './sync.ts';

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

const MS_PER_SECOND = 1_000;

const VERB = { add: 'Added', update: 'Updated', delete: 'Deleted' } as const;

/** Encodes the events of one channel. */
export class Encoder implements Framing {
  readonly replaces = true;
  readonly shares = true;
  readonly #table: RowSet;
  readonly #decorate: Decorate;
  /** Names the channel in ids that only it can resume from. */
  readonly #channel: string;
  readonly #heartbeatMs: number;
  /** Subscribers have been told that the table is too large. */
  #hasNoticed = false;

  constructor(table: RowSet, decorate: Decorate, channel: string, heartbeatMs: number) {
    this.#table = table;
    this.#decorate = decorate;
    this.#channel = channel;
    this.#heartbeatMs = heartbeatMs;
  }

  tells(_applied: Applied): boolean {
    return true;
  }

  snapshot(seq: number, nowMs: number): TableSnapshot {
    const { name, key, columns } = this.#table;
    const { sessionId } = this.#decorate;
    const head = {
      ...(sessionId !== undefined && { session_id: sessionId }),
      table: name,
      key,
      columns,
      heartbeat_ms: this.#heartbeatMs,
      timestamp: new Date(nowMs).toISOString(),
    };
    return new TableSnapshot({ rows: this.#table.rows(), seq, id: this.#idOf(seq), head });
  }

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
      const id = next === undefined ? this.#idOf(seq) : this.#idWithin(seq);
      frames.push(encodeFrame(batch, id, seq, parts.length));
      parts = [];
      chars = 0;
    }
    return frames;
  }

  encodeBatchUpdate(data: readonly Row[], message: string, seq: number, nowMs: number): Frame {
    const timestamp = new Date(nowMs).toISOString();
    const json = JSON.stringify({
      type: 'batch_update',
      data,
      message,
      timestamp,
      ...this.#extras(),
    });
    return encodeFrame(json, this.#idOf(seq), seq, data.length);
  }

  encodeSync(seq: number, headSeq: number): SyncStep | undefined {
    const table = this.#table;
    if (seq < table.floorSeq || table.countSince(seq) > table.size / 2 + 1) return undefined;
    return encodeSync(table, seq, headSeq, (reached) => this.#idOf(reached));
  }

  /** With `?full=1`, that the table has become too large. */
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

  encodeResumed(missed: number | undefined): Frame | undefined {
    return missed === undefined ? undefined : this.#aside({ type: 'resumed', missed });
  }

  /** An `init` replaces all that the client holds. */
  encodeUnknown(): undefined {
    return undefined;
  }

  encodeHeartbeat(seq: number, nowMs: number): Frame {
    const timestamp = Math.floor(nowMs / MS_PER_SECOND);
    return this.#aside({ type: 'heartbeat', timestamp, version: this.#idOf(seq) });
  }

  encodeEnd(reason: EndReason, message: string): Frame {
    const event: EndEvent = { type: 'end', reason, message };
    if (this.#decorate.sessionId !== undefined) event.session_id = this.#decorate.sessionId;
    return this.#aside(event);
  }

  encodeError(code: string, message: string): Frame {
    return this.#aside({ type: 'error', code, message });
  }

  /** An event outside the history: it has no id. */
  #aside(event: StreamEvent): Frame {
    return encodeAside(frameText(JSON.stringify(event)));
  }

  /** The id of the state after `seq`. */
  #idOf(seq: number): string {
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
    return encodeFrame(JSON.stringify(event), this.#idOf(seq), seq, 1);
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

/** The framing of a table, or of a view of one. */
export function tableFraming(table: RowSet, decorate: Decorate = {}): FramingOf {
  return (channel, heartbeatMs) => new Encoder(table, decorate, channel, heartbeatMs);
}

function messageOf(change: Change, key: string): string {
  return `${VERB[change.type]} ${change.data[key]}`;
}
