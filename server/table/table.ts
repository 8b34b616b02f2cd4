/**
 * A Table: a named, keyed set of rows with a version. It applies changes and answers the one question
 * behind snapshot, resume and slow clients: what changed since seq?
 *
 * @see SPEC 1, 10; DESIGN 1
 */
import { SseTableError } from '../base/errors.ts';
import { type Change, type Key, keyId, type Row } from '../wire/change.ts';
import type { Column } from '../wire/event.ts';
import { formatEventId } from '../wire/event-id.ts';
import type { Applied, TableListener } from './applied.ts';
import { Columns } from './columns.ts';
import { Entries, type HeldRow } from './entries.ts';
import { type Difference, difference, keyOnly, mergeRow } from './merge.ts';
import type { Entry } from './recency.ts';
import { keyOf } from './row.ts';
import type { RowSet, RowState } from './row-set.ts';

/** Rows in one table unless told otherwise: about 0.3 GB of small rows. */
const DEFAULT_MAX_ROWS = 1_000_000;

export interface TableOptions {
  name: string;
  key: string;
  /** Names this history: a new one for each start, unless the store remembers it. */
  epoch: string;
  /** Where the history begins: what changed before is not known. 0 unless a store counts. */
  floorSeq?: number;
  maxRows?: number;
  /** At `maxRows`: `refuse` throws `table_full`; `evict` drops the row unchanged for longest. */
  whenFull?: 'refuse' | 'evict';
}

export interface ApplyOptions {
  batchUpdate?: string | undefined;
  /** The seq of each change, where a store or another process counts them; ascending. */
  seqs?: readonly number[] | undefined;
}

/** A named, keyed set of rows with a version. */
export class Table implements RowSet {
  readonly name: string;
  readonly key: string;
  readonly epoch: string;
  readonly #maxRows: number;
  readonly #whenFull: 'refuse' | 'evict';
  readonly #entries: Entries;
  readonly #columns = new Columns();
  readonly #listeners: TableListener[] = [];
  #seq: number;
  /** For the change being applied, when somebody else counts. */
  #givenSeq: number | undefined;
  #applied = 0;
  #evicted = 0;
  #lostSeq = 0;
  #refused = 0;

  constructor(options: TableOptions) {
    this.name = options.name;
    this.key = options.key;
    this.epoch = options.epoch;
    this.#maxRows = options.maxRows ?? DEFAULT_MAX_ROWS;
    this.#whenFull = options.whenFull ?? 'refuse';
    this.#seq = options.floorSeq ?? 0;
    this.#entries = new Entries(this.#seq);
  }

  /** Rows held. */
  get size(): number {
    return this.#entries.size;
  }

  /** Number of the newest change; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** The event id of the newest change. */
  get version(): string {
    return formatEventId(this.epoch, this.#seq);
  }

  /** The oldest seq from which `changesSince` is complete: older deletes are forgotten. */
  get floorSeq(): number {
    return this.#entries.history.floorSeq;
  }

  /** Columns seen so far, in order of first appearance. */
  get columns(): Column[] {
    return this.#columns.list();
  }

  /** Changes that took effect, ever. */
  get applied(): number {
    return this.#applied;
  }

  /** Rows dropped because the table was full. */
  get evicted(): number {
    return this.#evicted;
  }

  /** The highest seq of a row dropped because the table was full. */
  get lostSeq(): number {
    return this.#lostSeq;
  }

  /** Rows refused because the table was full. */
  get refused(): number {
    return this.#refused;
  }

  /** The row of `key`. Never mutate it. */
  get(key: Key): Row | undefined {
    return this.#entries.get(key)?.row;
  }

  /** seq of the last change of the row of `key`, undefined when there is none. */
  seqOf(key: Key): number | undefined {
    const entry = this.#entries.get(key);
    return entry?.row === undefined ? undefined : entry.seq;
  }

  /** The row at `position` in 0..size-1, longest unchanged first: for picking at random. */
  at(position: number): Row | undefined {
    return this.#entries.history.rowAt(position)?.row;
  }

  /**
   * The latest state of each key, remembered deletes among them, in order of first appearance. The
   * table may change while it is read: then a state may be newer than the reading.
   */
  states(): Iterable<RowState> {
    return this.#entries.all();
  }

  /** The keys of all rows. */
  *keys(): Generator<Key> {
    for (const entry of this.#entries.all()) if (entry.row !== undefined) yield entry.key;
  }

  /** All rows in order of first appearance: references to objects that are never mutated. */
  rows(): Row[] {
    const rows: Row[] = [];
    for (const entry of this.#entries.all()) if (entry.row !== undefined) rows.push(entry.row);
    return rows;
  }

  /** Tells `listener` of every change from now on. Returns the undo. */
  listen(listener: TableListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /**
   * Applies changes in order. An `add` of a held row replaces it, an `update` of an unknown one adds
   * it, a `delete` of an unknown one does nothing, and a change that changes nothing is not one.
   * @returns how many took effect.
   * @throws {SseTableError} `table_full`, before anything is applied.
   * @throws {RangeError} at a change whose given seq is not above the table's.
   */
  apply(changes: readonly Change[], options?: ApplyOptions): number {
    if (this.#whenFull === 'refuse') this.#refuseIfFull(changes);
    const before = this.#applied;
    const seqs = options?.seqs;
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i];
      if (change === undefined) continue;
      this.#givenSeq = seqs?.[i];
      if (change.type === 'delete') this.#delete(change.data, change.message);
      else this.#put(change);
    }
    this.#givenSeq = undefined;
    const effective = this.#applied - before;
    if (effective > 0) {
      for (const listener of this.#listeners) listener.onApplied(options?.batchUpdate);
    }
    return effective;
  }

  /**
   * Takes over rows and deletes that have their seqs already, above the table's, before anyone
   * listens. They come in order of appearance; a key that comes again keeps its place among the rows
   * and moves to its later seq.
   * @param columns seen by whoever has counted the seqs.
   * @throws {SseTableError} `table_full`.
   */
  restore(states: Iterable<RowState>, columns: readonly Column[] = []): void {
    this.#columns.restore(columns);
    const taken = [...states];
    this.#entries.restore(taken);
    for (const { row, seq } of taken) {
      if (row !== undefined) this.#columns.see(row);
      this.#seq = Math.max(this.#seq, seq);
    }
    if (this.size > this.#maxRows) throw this.#full(this.size - this.#maxRows);
  }

  /**
   * Catches up with the table of which this is a copy: takes the states changed since, oldest change
   * first, and goes on at `seq`. Listeners hear of them as changes of that one seq: what the table
   * was in between is not known here, so no client may be told that it has that.
   */
  catchUp(states: readonly RowState[], seq: number): void {
    this.#seq = seq;
    this.#applied += states.length;
    for (const state of states) this.#adopt(state);
    for (const listener of this.#listeners) listener.onApplied(undefined);
  }

  /**
   * The latest state of each key changed after `seq`, oldest change first; a row of undefined means
   * deleted. Complete only for `seq >= floorSeq`. The table must not change while it is read.
   */
  changesSince(seq: number): Iterable<RowState> {
    return this.#entries.history.since(seq);
  }

  /** How many entries `changesSince(seq)` gives: the price of a catch-up. */
  countSince(seq: number): number {
    return this.#entries.history.countSince(seq);
  }

  #put(change: Exclude<Change, { type: 'delete' }>): void {
    const { data, message } = change;
    const key = keyOf(data, this.key);
    const entry = this.#entries.get(key);
    const before = entry?.row;
    if (before === undefined) {
      if (this.size >= this.#maxRows) this.#evictOldest();
      this.#add({ key, row: data, seq: this.#nextSeq() }, message);
      return;
    }
    const after = change.type === 'add' ? data : mergeRow(before, data, change.removed);
    const changed = difference(before, after, this.key);
    if (entry === undefined || changed === undefined) return;
    this.#columns.see(changed.data);
    this.#entries.replace(entry, { key, row: after, seq: this.#nextSeq() });
    this.#tell(entry, 'update', before, changed, message);
  }

  /** Takes a state that another copy of the table has reached. */
  #adopt({ key, row, seq }: RowState): void {
    const entry = this.#entries.get(key);
    const before = entry?.row;
    if (row === undefined) {
      if (entry !== undefined && before !== undefined) this.#bury(entry, before, seq, undefined);
      // Nobody here has seen the row; clients that were elsewhere may have it.
      else this.#entries.remember(key, seq);
    } else if (entry === undefined || before === undefined) {
      this.#add({ key, row, seq }, undefined);
    } else {
      const changed = difference(before, row, this.key);
      this.#entries.replace(entry, { key, row, seq });
      if (changed === undefined) return; // and changed back
      this.#columns.see(changed.data);
      this.#tell(entry, 'update', before, changed, undefined);
    }
  }

  #add(held: HeldRow, message: string | undefined): void {
    const entry = this.#entries.add(held);
    this.#columns.see(held.row);
    this.#tell(entry, 'add', undefined, { data: held.row, removed: undefined }, message);
  }

  #delete(data: Row, message: string | undefined): void {
    const entry = this.#entries.get(keyOf(data, this.key));
    if (entry?.row !== undefined) this.#bury(entry, entry.row, this.#nextSeq(), message);
  }

  #bury(entry: Entry, before: Row, seq: number, message: string | undefined): void {
    this.#entries.bury(entry, seq);
    const data = keyOnly(before, this.key);
    this.#tell(entry, 'delete', before, { data, removed: undefined }, message);
  }

  #evictOldest(): void {
    const oldest = this.#entries.history.oldestRow();
    if (oldest?.row === undefined) return;
    this.#evicted++;
    this.#lostSeq = oldest.seq;
    this.#bury(oldest, oldest.row, this.#nextSeq(), undefined);
  }

  #refuseIfFull(changes: readonly Change[]): void {
    // Most calls are far from the limit, and then no key is looked at.
    if (this.size + changes.length <= this.#maxRows) return;
    const fresh = new Set<Key>();
    for (const change of changes) {
      if (change.type === 'delete') continue;
      const key = keyOf(change.data, this.key);
      if (this.get(key) === undefined) fresh.add(keyId(key));
    }
    if (fresh.size === 0 || this.size + fresh.size <= this.#maxRows) return;
    throw this.#full(fresh.size);
  }

  #full(refused: number): SseTableError {
    this.#refused += refused;
    return new SseTableError(
      'table_full',
      `table "${this.name}" holds ${this.size} of at most ${this.#maxRows} rows; ` +
        'delete some or raise --max-rows',
    );
  }

  /** The seq of a change that takes effect now. */
  #nextSeq(): number {
    const seq = this.#givenSeq ?? this.#seq + 1;
    this.#givenSeq = undefined;
    if (seq <= this.#seq) throw new RangeError(`seq ${seq} is not above ${this.#seq}`);
    this.#applied++;
    this.#seq = seq;
    return seq;
  }

  #tell(
    { key, row: after }: Entry,
    type: Applied['type'],
    before: Row | undefined,
    { data, removed }: Difference,
    message: string | undefined,
  ): void {
    if (this.#listeners.length === 0) return;
    const seq = this.#seq;
    const applied: Applied = { seq, type, key, before, after, data, removed, message };
    for (const listener of this.#listeners) listener.onChange(applied);
  }
}
