/**
 * The rows in the order they are shown: as they came, or sorted and filtered while the stream goes on,
 * or held still because someone is reading.
 *
 * Rows that changed are taken out and put back by binary search, all in one pass: 2,000 changes in
 * 100,000 sorted rows are 2,000 × 17 comparisons and a copy, not a sort.
 *
 * @see FRONTEND 2, 4 "Sort", "Reading lock"
 */

import type { HeldRow, Rows } from '../feed/rows.ts';
import type { Match } from './filter.ts';
import type { RowView } from './row-pool.ts';
import type { Compare } from './sort.ts';

/** Changed rows noted beyond the rows held: many deletes make the order anew. */
const SPARE_CHANGES = 1_000;

/** The order of one table element. `close()` it when done. */
export class RowList implements RowView {
  readonly #rows: Rows;
  #compare: Compare | undefined;
  #match: Match | undefined;
  /** Undefined: the rows as they came, which costs nothing. */
  #order: HeldRow[] | undefined;
  #isHeld = false;
  /** What changed since `#order` was made; undefined: too much, it is made anew. */
  #touched: Set<HeldRow> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#order?.length ?? this.#rows.size;
  }

  get isSorted(): boolean {
    return this.#compare !== undefined;
  }

  at(index: number): HeldRow | undefined {
    return this.#order === undefined ? this.#rows.at(index) : this.#order[index];
  }

  *[Symbol.iterator](): Generator<HeldRow> {
    for (let index = 0; index < this.size; index++) {
      const held = this.at(index);
      if (held !== undefined) yield held;
    }
  }

  indexOf(held: HeldRow): number {
    return this.#order === undefined ? this.#rows.indexOf(held) : this.#order.indexOf(held);
  }

  /** Shows these rows in this order from the next `update()` on. */
  setQuery(compare: Compare | undefined, match: Match | undefined): void {
    this.#compare = compare;
    this.#match = match;
    this.#rest();
    this.#touched = undefined;
  }

  /** Held: no row comes, goes or moves, though values change. */
  set isHeld(isHeld: boolean) {
    if (isHeld === this.#isHeld) return;
    if (isHeld) this.update();
    this.#isHeld = isHeld;
    this.#rest();
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Brings the order up to date, unless it is held. */
  update(): void {
    if (this.#order === undefined || this.#isHeld) return;
    this.apply();
  }

  /** Brings the order up to date even where it is held. */
  apply(): void {
    if (this.#order === undefined) return;
    if (this.#touched === undefined) this.#sort();
    else if (this.#touched.size > 0) this.#merge(this.#order, this.#touched);
    this.#touched = new Set();
  }

  /** How many rows would come, go or move if the order were brought up to date. */
  get moved(): number {
    const touched = this.#touched;
    const order = this.#order;
    if (order === undefined || touched?.size === 0) return 0;
    if (touched === undefined) return this.#rows.size;
    const mark = this.#rows.mark(touched);
    const kept = order.filter((held) => held.mark !== mark);
    let moved = 0;
    for (const held of touched) if (this.#isWanted(held)) moved++;
    // Those in order that are still where they belong do not count, nor twice those that moved.
    let rank = 0;
    let before: HeldRow | undefined;
    for (const held of order) {
      if (held.mark !== mark) {
        rank++;
        before = undefined;
      } else if (!this.#isWanted(held)) {
        moved++;
      } else if (
        this.#search(kept, held, 0) === rank &&
        (before === undefined || this.#place(before, held) < 0)
      ) {
        moved--;
        before = held;
      }
    }
    return moved;
  }

  close(): void {
    this.#unwatch?.();
  }

  /** An order of its own is kept, and changes are followed, only while there is need for one. */
  #rest(): void {
    if (this.#compare === undefined && this.#match === undefined && !this.#isHeld) {
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.#order = undefined;
      return;
    }
    this.#unwatch ??= this.#rows.watch((held) => this.#touch(held));
    if (this.#order !== undefined) return;
    this.#order = this.#rows.order();
    this.#touched = this.#compare || this.#match ? undefined : new Set();
  }

  /** While hidden nothing is drawn and all this is kept: no more than there are rows. */
  #touch(held: HeldRow | undefined): void {
    if (held !== undefined) this.#touched?.add(held);
    const isTooMuch =
      held === undefined || (this.#touched?.size ?? 0) > this.#rows.size + SPARE_CHANGES;
    if (isTooMuch) this.#touched = undefined;
  }

  #isWanted(held: HeldRow): boolean {
    return held.index >= 0 && (this.#match === undefined || this.#match(held.row));
  }

  readonly #place = (a: HeldRow, b: HeldRow): number =>
    this.#compare?.(a.row, b.row) || a.index - b.index;

  #sort(): void {
    const order = this.#rows.order().filter((held) => this.#isWanted(held));
    if (this.#compare !== undefined) order.sort(this.#place);
    this.#order = order;
  }

  #merge(order: readonly HeldRow[], touched: ReadonlySet<HeldRow>): void {
    const mark = this.#rows.mark(touched);
    const kept = order.filter((held) => held.mark !== mark);
    const fresh = [...touched].filter((held) => this.#isWanted(held)).sort(this.#place);
    const merged: HeldRow[] = [];
    let from = 0;
    for (const held of fresh) {
      const to = this.#search(kept, held, from);
      while (from < to) {
        const next = kept[from++];
        if (next !== undefined) merged.push(next);
      }
      merged.push(held);
    }
    this.#order = merged.concat(kept.slice(from));
  }

  /** The first position from `low` on whose row comes after `held`. */
  #search(order: readonly HeldRow[], held: HeldRow, from: number): number {
    let low = from;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = order[middle];
      if (other !== undefined && this.#place(other, held) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
