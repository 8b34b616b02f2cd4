/**
 * The FeedEncoder: the stream of rows that only ever come, such as messages and lines of a log.
 * A newcomer gets `connected` and the latest rows, then each row is an event of its own. A row that
 * goes away is not told: the client has read it.
 *
 * @see SPEC 3.4, 3.6
 */
import type { Applied } from '../table/applied.ts';
import { keyOf } from '../table/row.ts';
import type { RowSet } from '../table/row-set.ts';
import type { Json, Row } from '../wire/change.ts';
import type { ConnectedEvent, EndReason, FeedEvent, StreamEvent } from '../wire/event.ts';
import { formatEventId } from '../wire/event-id.ts';
import { frameText } from '../wire/frame.ts';
import { encodeAside, encodeEvents, type Frame } from './frame.ts';
import type { Framing } from './framing.ts';
import type { PendingChange } from './pending.ts';
import { CHUNK_CHARS, type Snapshot } from './snapshot.ts';
import type { SyncStep } from './sync.ts';

const MS_PER_SECOND = 1_000;

const SKIPPED: StreamEvent = {
  type: 'skipped',
  message: 'what came while this client was away, or too slow, is not kept any more',
};

/** What a feed says. */
export interface FeedFormat {
  /** Tells feeds of one table apart, and names this one in statistics. */
  name: string;
  /** Rows that a newcomer gets. */
  history: number;
  heartbeatMs: number;
  /** Rows are taken away once they have been read: a newcomer must not get them a moment later. */
  takesAway?: boolean;
  /** What `connected` says beside its time. */
  connected: Pick<ConnectedEvent, 'message' | 'service' | 'sessionId' | 'robotId'>;
  /** The event that a row is, as plain JSON. */
  eventOf(row: Row): FeedEvent | Json;
}

/** A row and the seq of its last change. */
interface Told {
  row: Row;
  seq: number;
}

/** Encodes the events of one feed. */
export class FeedEncoder implements Framing {
  readonly replaces = false;
  readonly shares: boolean;
  readonly #rows: RowSet;
  readonly #format: FeedFormat;

  constructor(rows: RowSet, format: FeedFormat) {
    this.shares = format.takesAway !== true;
    this.#rows = rows;
    this.#format = format;
  }

  tells({ after }: Applied): boolean {
    return after !== undefined;
  }

  snapshot(seq: number, nowMs: number): Snapshot {
    const latest = this.#latest();
    const before = latest[0] === undefined ? seq : latest[0].seq - 1;
    const hello = this.#connected(nowMs, false, this.#idOf(before));
    return new FeedSnapshot(hello, latest, seq, (told, isLast) =>
      this.#textOf(told.row, isLast ? seq : told.seq),
    );
  }

  encode(changes: readonly PendingChange[]): Frame[] {
    const frames: Frame[] = [];
    let text = '';
    let count = 0;
    for (const [index, { change, seq }] of changes.entries()) {
      // An update bears only what has changed; and the row may have gone since.
      const row =
        change.type === 'add' ? change.data : this.#rows.get(keyOf(change.data, this.#rows.key));
      if (row !== undefined) text += this.#textOf(row, seq);
      count++;
      if (text === '' || (text.length < CHUNK_CHARS && index < changes.length - 1)) continue;
      frames.push(encodeEvents(text, seq, count));
      text = '';
      count = 0;
    }
    return frames;
  }

  encodeBatchUpdate(): undefined {
    return undefined;
  }

  /** Never gives way to a snapshot: that holds the latest rows only. */
  encodeSync(seq: number, headSeq: number): SyncStep {
    let text = seq < this.#rows.lostSeq ? frameText(JSON.stringify(SKIPPED)) : '';
    let count = 0;
    let reached = seq;
    for (const { row, seq: changedAt } of this.#rows.changesSince(seq)) {
      if (text.length >= CHUNK_CHARS) {
        return { frame: encodeEvents(text, reached, count), seq: reached, last: false };
      }
      reached = changedAt;
      if (row === undefined) continue;
      text += this.#textOf(row, changedAt);
      count++;
    }
    const frame = text === '' ? undefined : encodeEvents(text, headSeq, count);
    return { frame, seq: headSeq, last: true };
  }

  notice(): undefined {
    return undefined;
  }

  encodeResumed(_missed: number | undefined, nowMs: number): Frame {
    return encodeAside(this.#connected(nowMs, true, undefined));
  }

  encodeUnknown(): Frame {
    return this.#aside(SKIPPED);
  }

  encodeHeartbeat(seq: number, nowMs: number): Frame {
    const timestamp = Math.floor(nowMs / MS_PER_SECOND);
    return this.#aside({ type: 'heartbeat', timestamp, version: this.#idOf(seq) });
  }

  encodeError(code: string, message: string): Frame {
    return this.#aside({ type: 'error', code, message });
  }

  encodeEnd(reason: EndReason, message: string): Frame {
    return this.#aside({ type: 'end', reason, message });
  }

  /** The rows of a newcomer's history, in order of seq: each bears an id to go on from. */
  #latest(): Told[] {
    const { history } = this.#format;
    const rows = history === 0 ? [] : this.#rows.rows().slice(-history);
    return rows
      .map((row) => ({ row, seq: this.#rows.seqOf(keyOf(row, this.#rows.key)) ?? 0 }))
      .sort((a, b) => a.seq - b.seq);
  }

  #connected(nowMs: number, resumed: boolean, id: string | undefined): string {
    const event: StreamEvent = {
      type: 'connected',
      ...this.#format.connected,
      resumed,
      heartbeat_ms: this.#format.heartbeatMs,
      timestamp: new Date(nowMs).toISOString(),
    };
    return frameText(JSON.stringify(event), id);
  }

  #textOf(row: Row, seq: number): string {
    return frameText(JSON.stringify(this.#format.eventOf(row)), this.#idOf(seq));
  }

  #aside(event: StreamEvent): Frame {
    return encodeAside(frameText(JSON.stringify(event)));
  }

  #idOf(seq: number): string {
    return formatEventId(this.#rows.epoch, seq);
  }
}

/** `connected` and the latest rows, a chunk at a time. */
class FeedSnapshot implements Snapshot {
  readonly seq: number;
  readonly frames: Frame[] = [];
  readonly #textOf: (told: Told, isLast: boolean) => string;
  #text: string;
  #latest: readonly Told[];
  #next = 0;
  #done = false;
  #bytes = 0;

  constructor(
    hello: string,
    latest: readonly Told[],
    seq: number,
    textOf: (told: Told, isLast: boolean) => string,
  ) {
    this.seq = seq;
    this.#text = hello;
    this.#latest = latest;
    this.#textOf = textOf;
  }

  get done(): boolean {
    return this.#done;
  }

  get bytes(): number {
    return this.#bytes;
  }

  encodeNext(): void {
    if (this.#done) return;
    const { length } = this.#latest;
    while (this.#next < length && this.#text.length < CHUNK_CHARS) {
      const told = this.#latest[this.#next++];
      if (told !== undefined) this.#text += this.#textOf(told, this.#next === length);
    }
    const frame = encodeEvents(this.#text, this.seq, 0);
    this.frames.push(frame);
    this.#bytes += frame.chunk.length;
    this.#text = '';
    if (this.#next < length) return;
    this.#done = true;
    this.#latest = [];
  }
}

/** The framing of a feed of `rows`. */
export function feedFraming(rows: RowSet, format: FeedFormat): () => FeedEncoder {
  return () => new FeedEncoder(rows, format);
}
