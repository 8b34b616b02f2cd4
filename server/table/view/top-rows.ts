/**
 * The first N rows of a view as they change: the top rows sorted, and a reserve behind them, so that
 * a row that leaves has its successor at hand and the table is looked through only now and then.
 *
 * @see SPEC 3.1 "order + limit on a stream is a live top-N"
 */
import type { Row } from '../../wire/change.ts';
import { bestOf } from './best-of.ts';
import type { Members, Move } from './members.ts';
import type { RowSource, View } from './view.ts';

/**
 * Rows kept beyond the limit, at least: the table is looked through once in so many departures.
 * At 100,000 rows that is about 10 ms each time, 10 µs a departure.
 */
const MIN_RESERVE = 1_000;

/** The first `limit` rows by the view's order. */
export class TopRows implements Members {
  readonly #view: View;
  readonly #source: RowSource;
  readonly #limit: number;
  readonly #maxKept: number;
  /** Sorted; the first `limit` are the top. Each row not kept comes after the last one. */
  #kept: Row[];
  /** All matching rows are kept. */
  #isComplete: boolean;

  constructor(view: View, limit: number, source: RowSource) {
    this.#view = view;
    this.#source = source;
    this.#limit = limit;
    this.#maxKept = limit + Math.max(limit, MIN_RESERVE);
    this.#kept = [];
    this.#isComplete = false;
    this.#refill();
  }

  get size(): number {
    return Math.min(this.#kept.length, this.#limit);
  }

  rows(): Row[] {
    return this.#kept.slice(0, this.#limit);
  }

  move(before: Row | undefined, after: Row | undefined): Move[] {
    const wasTop = before !== undefined && this.#remove(before) < this.#limit;
    if (after !== undefined) this.#insert(after);
    if (this.#kept.length < this.#limit && !this.#isComplete) this.#refill();
    const isTop = after !== undefined && this.#isTop(after);
    if (wasTop && isTop) return [{ before, after }];
    // One row more or less in the top moves the row at its end out or in.
    if (wasTop) return withMove({ before, after: undefined }, undefined, this.#at(this.#limit - 1));
    if (isTop) return withMove({ before: undefined, after }, this.#at(this.#limit), undefined);
    return [];
  }

  #at(index: number): Row | undefined {
    return this.#kept[index];
  }

  #isTop(row: Row): boolean {
    const last = this.#at(this.#limit - 1);
    return last === undefined || this.#view.compare(row, last) <= 0;
  }

  /** @returns where it was, past everything if it was not kept. */
  #remove(row: Row): number {
    const index = this.#placeOf(row);
    const held = this.#at(index);
    if (held === undefined || this.#view.compare(held, row) !== 0) return Number.POSITIVE_INFINITY;
    this.#kept.splice(index, 1);
    return index;
  }

  #insert(row: Row): void {
    const index = this.#placeOf(row);
    if (index === this.#kept.length && !this.#isComplete) return;
    this.#kept.splice(index, 0, row);
    if (this.#kept.length <= this.#maxKept) return;
    this.#kept.pop();
    this.#isComplete = false;
  }

  /** Looks through the table, which has the change at hand already. */
  #refill(): void {
    const view = this.#view;
    const matching = view.matchingOf(this.#source);
    this.#isComplete = matching.length <= this.#maxKept;
    this.#kept = bestOf(matching, this.#maxKept, (a, b) => view.compare(a, b));
  }

  /** How many of the rows kept come before `row`. */
  #placeOf(row: Row): number {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#at(middle);
      if (other !== undefined && this.#view.compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function withMove(first: Move, out: Row | undefined, into: Row | undefined): Move[] {
  if (out === undefined && into === undefined) return [first];
  return [first, { before: out, after: into }];
}
