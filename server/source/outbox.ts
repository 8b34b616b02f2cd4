/**
 * The Outbox: a table of (seq, op, key) in the user's database, written by triggers, from which the
 * server learns what changed and then reads the rows. One concept; stores differ only in their SQL.
 *
 * What the outbox says is "look at this key again": a row is read as it is now, so an entry too many
 * is harmless, and an entry read twice as well. Its seqs are those of the event ids, so a client
 * resumes across a restart of the server as far back as the outbox reaches.
 *
 * @see SPEC 6
 */

import type { RowState } from '../table/row-set.ts';
import { type Change, type Row, setColumn } from '../wire/change.ts';
import type { Batch, StoreHistory, TableSpec } from './source.ts';

/** Entries kept behind the reader: how far back a client resumes across a restart. */
export const KEPT_ENTRIES = 100_000;

/** Entries too many before they are trimmed: one trimming for many changes. */
const TRIM_EVERY = 10_000;

/** Changes of one batch: a few ms, then others get their turn. */
const BATCH_CHANGES = 1_000;

/** What an outbox holds: the entries after `floorSeq`, up to `headSeq`. */
export interface OutboxBounds {
  /** Made when the triggers are installed; `[A-Za-z0-9_-]`, at most 32 characters. */
  epoch: string;
  floorSeq: number;
  headSeq: number;
}

export interface OutboxPage {
  /** The state of each key named, by the seq of its last entry in the page, ascending. */
  states: RowState[];
  /** Everything up to here has been read. */
  seq: number;
  /** The last seq in the outbox. */
  headSeq: number;
  /** There may be more. */
  more: boolean;
}

/**
 * One table's outbox in a store. An entry's seq is a safe integer that never changes, and no entry
 * ever appears below one that has been read: an implementation holds back what could be overtaken by
 * a transaction that commits late.
 */
export interface Outbox {
  /**
   * What there is. Where the store does not hold what has been `read` and has not trimmed it either (it
   * was restored from an older copy, or lost commits in a crash), another epoch begins here.
   */
  bounds(read: StoreHistory | undefined): OutboxBounds | Promise<OutboxBounds>;
  /** All rows, in pages of a few ms each, each read after `bounds`. */
  rows(): Iterable<Row[]> | AsyncIterable<Row[]>;
  /**
   * What changed after `seq`, looking at no more than `limit` entries.
   * @returns undefined when entries after `seq` have been trimmed.
   */
  readAfter(seq: number, limit: number): OutboxPage | undefined | Promise<OutboxPage | undefined>;
  /** Forgets entries up to `seq`; nothing to do where the server may not. */
  trim(seq: number): void | Promise<void>;
}

/** Reads one table through its outbox: all of it once, then what changed. */
export class OutboxReader {
  readonly #spec: Pick<TableSpec, 'name' | 'key' | 'writer'>;
  #outbox: Outbox;
  #epoch: string | undefined;
  #seq = 0;
  #floorSeq = 0;
  #headSeq = 0;

  constructor(spec: Pick<TableSpec, 'name' | 'key' | 'writer'>, outbox: Outbox) {
    this.#spec = spec;
    this.#outbox = outbox;
  }

  /** Everything up to here has been applied. */
  get seq(): number {
    return this.#seq;
  }

  /** Entries that were there when last looked, and have not been applied. */
  get waiting(): number {
    return Math.max(0, this.#headSeq - this.#seq);
  }

  /** Goes on with the same table on another connection. `catchUp` comes next. */
  rebind(outbox: Outbox): void {
    this.#outbox = outbox;
  }

  /**
   * Brings the table up to date: goes on where it was, or loads all where there is nothing to go on
   * from: at the start, after the outbox was made anew, or trimmed beyond the position.
   */
  async *catchUp(open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const read = this.#epoch === undefined ? undefined : { epoch: this.#epoch, seq: this.#seq };
    const { epoch, floorSeq, headSeq } = await this.#outbox.bounds(read);
    this.#headSeq = headSeq;
    const goesOn = epoch === this.#epoch && this.#seq >= floorSeq && this.#seq <= headSeq;
    if (goesOn) {
      yield* this.drain(open);
      return;
    }
    this.#epoch = undefined; // until it is whole, there is nothing to go on from
    this.#seq = floorSeq;
    open({ ...this.#spec, append: false, loads: true, history: { epoch, seq: floorSeq } });
    this.#floorSeq = floorSeq;
    for await (const rows of this.#outbox.rows()) {
      const seqs = rows.map(() => floorSeq);
      yield { ...this.#batch(rows.map((data) => ({ type: 'add', data }))), seqs, whole: 'part' };
    }
    // Then the history: rows take the place that their last change gives them, the deleted become
    // known as such, and what changed while the pages were read is read again.
    for (;;) {
      const page = await this.#outbox.readAfter(this.#seq, BATCH_CHANGES);
      if (page === undefined) {
        yield* this.catchUp(open);
        return;
      }
      this.#headSeq = page.headSeq;
      const whole = page.more ? 'part' : 'last';
      yield { ...this.#toBatch(page.states), whole };
      this.#seq = page.seq; // after the batch has been applied
      if (!page.more) break;
    }
    this.#epoch = epoch;
  }

  /** What changed since the last time. */
  async *drain(open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    for (;;) {
      const page = await this.#outbox.readAfter(this.#seq, BATCH_CHANGES);
      if (page === undefined) {
        yield* this.catchUp(open);
        return;
      }
      this.#headSeq = page.headSeq;
      if (page.states.length > 0) yield this.#toBatch(page.states);
      this.#seq = page.seq; // after the batch has been applied
      if (!page.more) break;
    }
    if (this.#seq - this.#floorSeq < KEPT_ENTRIES + TRIM_EVERY) return;
    this.#floorSeq = this.#seq - KEPT_ENTRIES;
    await this.#outbox.trim(this.#floorSeq);
  }

  #toBatch(states: readonly RowState[]): Batch {
    const { key } = this.#spec;
    const changes = states.map((state): Change => {
      if (state.row !== undefined) return { type: 'add', data: state.row };
      const data: Row = {};
      setColumn(data, key, state.key);
      return { type: 'delete', data };
    });
    return { ...this.#batch(changes), seqs: states.map(({ seq }) => seq) };
  }

  #batch(changes: Change[]): Batch {
    return { table: this.#spec.name, changes };
  }
}
