/**
 * The History of a table: rows and tombstones in order of last change, tombstones bounded.
 *
 * @see DESIGN 1 "changesSince"
 */
import { type Entry, Recency } from './recency.ts';

/**
 * Deleted keys remembered. A client that slept through more deletes than this gets a snapshot.
 * About 100 bytes each.
 */
const MAX_TOMBSTONES = 10_000;

/** What changed since, for every seq from `floorSeq` on. */
export class History {
  readonly #rows = new Recency();
  readonly #tombstones = new Recency();
  #floorSeq: number;

  /** @param floorSeq what changed up to it is not known. */
  constructor(floorSeq = 0) {
    this.#floorSeq = floorSeq;
  }

  /** The oldest seq from which `since` is complete: older deletes are forgotten. */
  get floorSeq(): number {
    return this.#floorSeq;
  }

  /** A row was added or changed. */
  changed(entry: Entry): void {
    this.#rows.touch(entry);
  }

  /**
   * A row was deleted: its entry is a tombstone now.
   * @returns the tombstone that is forgotten to make room, if any.
   */
  buried(entry: Entry): Entry | undefined {
    this.#rows.remove(entry);
    this.#tombstones.touch(entry);
    if (this.#tombstones.size <= MAX_TOMBSTONES) return undefined;
    const oldest = this.#tombstones.oldest();
    if (oldest === undefined) return undefined;
    this.#tombstones.remove(oldest);
    this.#floorSeq = oldest.seq;
    return oldest;
  }

  /** A deleted row comes back. */
  revived(tombstone: Entry): void {
    this.#tombstones.remove(tombstone);
  }

  /** The row that has gone longest without a change. */
  oldestRow(): Entry | undefined {
    return this.#rows.oldest();
  }

  /** The row at `position`, longest unchanged first. */
  rowAt(position: number): Entry | undefined {
    return this.#rows.at(position);
  }

  /** Entries changed after `seq`, oldest change first. Nothing may change while it is read. */
  *since(seq: number): Generator<Entry> {
    const tombstones = this.#tombstones.since(seq);
    let tombstone = tombstones.next();
    for (const entry of this.#rows.since(seq)) {
      while (tombstone.done !== true && tombstone.value.seq < entry.seq) {
        yield tombstone.value;
        tombstone = tombstones.next();
      }
      yield entry;
    }
    while (tombstone.done !== true) {
      yield tombstone.value;
      tombstone = tombstones.next();
    }
  }

  /** How many entries `since(seq)` gives. */
  countSince(seq: number): number {
    return this.#rows.countSince(seq) + this.#tombstones.countSince(seq);
  }
}
