/**
 * The rows in the order they had at one moment: what a paused table goes on showing, deleted rows
 * included.
 *
 * @see FRONTEND 4 "Reading lock"
 */
import type { RowView } from './row-pool.ts';
import type { HeldRow, Rows } from './rows.ts';

/** A copy of the order, not of the rows. */
export class FrozenView implements RowView {
  readonly #order: readonly HeldRow[];
  readonly #indexes: ReadonlyMap<HeldRow, number>;

  constructor(rows: Rows) {
    this.#order = rows.order();
    this.#indexes = new Map(this.#order.map((held, index) => [held, index]));
  }

  get size(): number {
    return this.#order.length;
  }

  at(index: number): HeldRow | undefined {
    return this.#order[index];
  }

  indexOf(held: HeldRow): number {
    return this.#indexes.get(held) ?? -1;
  }
}
