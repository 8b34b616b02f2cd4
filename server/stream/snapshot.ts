/**
 * A Snapshot: what newcomers get, as frames encoded once for everyone who joins; of a table all its
 * rows at one seq.
 *
 * It holds references to rows, which are never mutated, so encoding may take its time, a chunk at a
 * time as the fastest reader asks, while the table moves on.
 *
 * @see SPEC 3.2 `init`, `rows`, `ready`, "Snapshots are shared"
 */
import type { Row } from '../wire/change.ts';
import type { InitEvent } from '../wire/event.ts';
import { FORGET_ID } from '../wire/frame.ts';
import { encodeFrame, type Frame } from './frame.ts';

/** JSON characters in one chunk: large enough to be few, small enough for a slow reader's buffer. */
export const CHUNK_CHARS = 64 * 1_024;

/** What an `init` says beside its rows. */
export type SnapshotHead = Omit<InitEvent, 'type' | 'data' | 'total' | 'more'>;

/** What a newcomer gets, as frames; grows until `done`. */
export interface Snapshot {
  /** Whoever has it goes on after this seq. */
  readonly seq: number;
  readonly frames: readonly Frame[];
  /** All frames are there. */
  readonly done: boolean;
  /** Bytes encoded so far. */
  readonly bytes: number;
  /** Encodes one frame more. */
  encodeNext(): void;
}

/** Frames of a table's rows at `seq`. */
export class TableSnapshot implements Snapshot {
  readonly seq: number;
  readonly frames: Frame[] = [];
  readonly #id: string;
  readonly #head: SnapshotHead;
  readonly #total: number;
  #rows: readonly Row[];
  #loaded = 0;
  #done = false;
  #bytes = 0;

  constructor(options: { rows: readonly Row[]; seq: number; id: string; head: SnapshotHead }) {
    this.seq = options.seq;
    this.#id = options.id;
    this.#head = options.head;
    this.#rows = options.rows;
    this.#total = options.rows.length;
  }

  get done(): boolean {
    return this.#done;
  }

  get bytes(): number {
    return this.#bytes;
  }

  encodeNext(): void {
    if (this.#done) return;
    if (this.frames.length > 0 && this.#loaded === this.#total) {
      this.#push(JSON.stringify({ type: 'ready', total: this.#total }), this.#id);
      this.#finish();
      return;
    }
    const first = this.frames.length === 0;
    const data = this.#nextRows();
    const loaded = this.#loaded;
    const total = this.#total;
    if (!first) {
      this.#push(`{"type":"rows","data":${data},"loaded":${loaded},"total":${total}}`, undefined);
      return;
    }
    const more = loaded < total;
    const { timestamp, heartbeat_ms, ...names } = this.#head;
    const start = JSON.stringify({ type: 'init', ...names }).slice(0, -1);
    const end = JSON.stringify({ total, more, heartbeat_ms, timestamp }).slice(1);
    this.#push(`${start},"data":${data},${end}`, more ? FORGET_ID : this.#id);
    if (!more) this.#finish();
  }

  #nextRows(): string {
    const rows: string[] = [];
    let chars = 0;
    while (this.#loaded < this.#total && chars < CHUNK_CHARS) {
      const json = JSON.stringify(this.#rows[this.#loaded++]);
      rows.push(json);
      chars += json.length;
    }
    return `[${rows.join(',')}]`;
  }

  #push(json: string, id: string | undefined): void {
    const frame = encodeFrame(json, id, this.seq, 0);
    this.frames.push(frame);
    this.#bytes += frame.chunk.length;
  }

  #finish(): void {
    this.#done = true;
    this.#rows = [];
  }
}
