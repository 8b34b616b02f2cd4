/**
 * Entries in order of last change: "what changed since seq" without looking at the rest.
 *
 * A change moves its entry to the end. Entries live in segments, so a move leaves a hole where the
 * entry was, an emptied segment is dropped whole, and two sparse neighbours are merged: every cost
 * is bounded by one segment. Finding a seq is a binary search over segments.
 *
 * @see DESIGN 1
 */
import type { Key, Row } from '../wire/change.ts';

/** Slots in a segment: small enough that merging two is microseconds, large enough to be few. */
const SEGMENT_SLOTS = 1_024;

/** The latest state of one key: a row, or the tombstone of a deleted one. */
export interface Entry {
  key: Key;
  /** undefined: deleted. Never mutated; a change puts a new object here. */
  row: Row | undefined;
  /** seq of the last change. */
  seq: number;
  /** Where the entry is; only Recency reads and writes these two. */
  segment: Segment | undefined;
  slot: number;
}

/** A run of entries of ascending seq, with holes where entries moved away. */
interface Segment {
  slots: (Entry | undefined)[];
  /** seq of the newest entry ever put here; a bound for searching, even when that one has moved on. */
  lastSeq: number;
  live: number;
}

/** Entries in order of last change. */
export class Recency {
  #segments: Segment[] = [];
  #size = 0;

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /** Puts `entry` at the end; its seq must be above all others. Moves it if it is already held. */
  touch(entry: Entry): void {
    if (entry.segment === undefined) this.#size++;
    else this.#vacate(entry, entry.segment);
    let last = this.#segments.at(-1);
    if (last === undefined || last.slots.length === SEGMENT_SLOTS) {
      last = { slots: [], lastSeq: 0, live: 0 };
      this.#segments.push(last);
    }
    entry.segment = last;
    entry.slot = last.slots.length;
    last.slots.push(entry);
    last.lastSeq = entry.seq;
    last.live++;
  }

  /** Forgets `entry`. */
  remove(entry: Entry): void {
    if (entry.segment === undefined) return;
    this.#vacate(entry, entry.segment);
    entry.segment = undefined;
    this.#size--;
  }

  /** The entry that has gone longest without a change. */
  oldest(): Entry | undefined {
    for (const segment of this.#segments) {
      for (const entry of segment.slots) if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** The entry at `position` in 0..size-1, oldest change first. Cost: the number of segments. */
  at(position: number): Entry | undefined {
    let left = position;
    for (const segment of this.#segments) {
      if (left >= segment.live) {
        left -= segment.live;
        continue;
      }
      for (const entry of segment.slots) if (entry !== undefined && left-- === 0) return entry;
    }
    return undefined;
  }

  /** Entries last changed after `seq`, oldest change first. The table must not change meanwhile. */
  *since(seq: number): Generator<Entry> {
    for (let i = this.#firstSegmentAfter(seq); i < this.#segments.length; i++) {
      for (const entry of this.#segments[i]?.slots ?? []) {
        if (entry !== undefined && entry.seq > seq) yield entry;
      }
    }
  }

  /** How many entries `since(seq)` gives: the price of a catch-up. */
  countSince(seq: number): number {
    const first = this.#firstSegmentAfter(seq);
    let count = 0;
    for (const entry of this.#segments[first]?.slots ?? []) {
      if (entry !== undefined && entry.seq > seq) count++;
    }
    for (let i = first + 1; i < this.#segments.length; i++) count += this.#segments[i]?.live ?? 0;
    return count;
  }

  #firstSegmentAfter(seq: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const segment = this.#segments[middle];
      if (segment !== undefined && segment.lastSeq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #vacate(entry: Entry, segment: Segment): void {
    segment.slots[entry.slot] = undefined;
    segment.live--;
    // The last segment is being filled; a full one is worth a look each time it halves.
    if (segment.slots.length < SEGMENT_SLOTS) return;
    if (segment.live === 0) this.#drop(segment);
    else if (segment.live === SEGMENT_SLOTS >> 1 || segment.live === SEGMENT_SLOTS >> 3) {
      this.#mergeIntoNext(segment);
    }
  }

  #drop(segment: Segment): void {
    this.#segments.splice(this.#indexOf(segment), 1);
  }

  #mergeIntoNext(segment: Segment): void {
    const next = this.#segments[this.#indexOf(segment) + 1];
    if (next === undefined || next.slots.length < SEGMENT_SLOTS) return;
    if (segment.live + next.live > SEGMENT_SLOTS) return;
    const merged: Entry[] = [];
    for (const entry of segment.slots) if (entry !== undefined) merged.push(entry);
    for (const entry of next.slots) if (entry !== undefined) merged.push(entry);
    for (const [slot, entry] of merged.entries()) {
      entry.segment = next;
      entry.slot = slot;
    }
    next.live = merged.length;
    next.slots = merged;
    // Padded with holes: a segment before the last counts as filled.
    next.slots.length = SEGMENT_SLOTS;
    this.#drop(segment);
  }

  #indexOf(segment: Segment): number {
    return this.#firstSegmentAfter(segment.lastSeq - 1);
  }
}
