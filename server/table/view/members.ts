/**
 * The rows that are in a live view at the moment, and how a change of the table moves them.
 *
 * @see SPEC 1 "View"
 */
import type { Row } from '../../wire/change.ts';
import type { RowSource, View } from './view.ts';

/** What becomes of one row of the view: it comes (`after` only), goes (`before` only) or changes. */
export interface Move {
  before: Row | undefined;
  after: Row | undefined;
}

/** The rows of a live view. */
export interface Members {
  readonly size: number;
  /** In the view's order; whole rows. */
  rows(): Row[];
  /**
   * Takes a change of one row, as far as it passes the filters: at least one of the two is there.
   * The table has it already.
   */
  move(before: Row | undefined, after: Row | undefined): Move[];
}

/** The members of a view without a limit: all rows that pass the filters. */
export class MatchingRows implements Members {
  readonly #view: View;
  readonly #source: RowSource;
  /** Counted when first asked for, and kept up to date from then on. */
  #size: number | undefined;

  constructor(view: View, source: RowSource) {
    this.#view = view;
    this.#source = source;
  }

  get size(): number {
    this.#size ??= this.#view.matchingOf(this.#source).length;
    return this.#size;
  }

  rows(): Row[] {
    return this.#view.rowsOf(this.#source);
  }

  move(before: Row | undefined, after: Row | undefined): Move[] {
    if (this.#size !== undefined) {
      this.#size += (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    }
    return [{ before, after }];
  }
}
