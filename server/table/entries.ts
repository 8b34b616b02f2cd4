/**
 * The Entries of a table: the latest state of each key, found by key, in order of first appearance,
 * and in order of last change.
 *
 * @see DESIGN 1
 */
import { type Key, keyId, type Row } from '../wire/change.ts';
import { History } from './history.ts';
import type { Entry } from './recency.ts';
import type { RowState } from './row-set.ts';

/** A row, with the seq of its last change. */
export interface HeldRow extends RowState {
  readonly row: Row;
}

/** Rows and remembered deletes. */
export class Entries {
  readonly history: History;
  readonly #byKey = new Map<Key, Entry>();
  #size = 0;

  /** @param floorSeq what changed up to it is not known. */
  constructor(floorSeq: number) {
    this.history = new History(floorSeq);
  }

  /** Rows; deletes are not counted. */
  get size(): number {
    return this.#size;
  }

  /** The state of a key; its row is undefined when it was deleted. */
  get(key: Key): Entry | undefined {
    return this.#byKey.get(keyId(key));
  }

  /** All states in order of first appearance. */
  all(): Iterable<Entry> {
    return this.#byKey.values();
  }

  /** A row comes, or comes back: then it has a new place in the order of appearance. */
  add({ key, row, seq }: HeldRow): Entry {
    const id = keyId(key);
    const tombstone = this.#byKey.get(id);
    if (tombstone !== undefined) {
      this.history.revived(tombstone);
      this.#byKey.delete(id);
    }
    const entry = createEntry({ key, row, seq });
    this.#byKey.set(id, entry);
    this.history.changed(entry);
    this.#size++;
    return entry;
  }

  /** A row changes. */
  replace(entry: Entry, { key, row, seq }: HeldRow): void {
    entry.key = key;
    entry.row = row;
    entry.seq = seq;
    this.history.changed(entry);
  }

  /** A row goes. */
  bury(entry: Entry, seq: number): void {
    entry.row = undefined;
    entry.seq = seq;
    this.#size--;
    this.#forget(this.history.buried(entry));
  }

  /** A row that is not held has gone elsewhere. */
  remember(key: Key, seq: number): void {
    const id = keyId(key);
    const tombstone = this.#byKey.get(id);
    if (tombstone !== undefined) this.history.revived(tombstone);
    const entry = createEntry({ key, row: undefined, seq });
    this.#byKey.set(id, entry);
    this.#forget(this.history.buried(entry));
  }

  /**
   * Takes over states that come in order of appearance, with seqs above all that are held. A key that
   * comes again keeps its place among the rows and moves to its later seq.
   */
  restore(states: readonly RowState[]): void {
    for (const { key, seq } of states) {
      const id = keyId(key);
      if (!this.#byKey.has(id)) this.#byKey.set(id, createEntry({ key, row: undefined, seq }));
    }
    for (const { key, row, seq } of states.toSorted((a, b) => a.seq - b.seq)) {
      const entry = this.get(key);
      if (entry === undefined) continue; // a delete that had no room
      if (entry.row === undefined) this.history.revived(entry);
      else this.#size--;
      this.#size++;
      if (row === undefined) this.bury(entry, seq);
      else this.replace(entry, { key, row, seq });
    }
  }

  /** A deleted key that history has no room for any more. */
  #forget(tombstone: Entry | undefined): void {
    if (tombstone !== undefined) this.#byKey.delete(keyId(tombstone.key));
  }
}

function createEntry({ key, row, seq }: RowState): Entry {
  return { key, row, seq, segment: undefined, slot: 0 };
}
