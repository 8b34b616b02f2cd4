/**
 * The rows of a table as copies that never change: a row that did not change is the same object as
 * before, so that a framework can tell by identity what to draw again.
 *
 * @see SPEC 5
 */
import type { Row } from '../../server/wire/change.ts';
import type { HeldRow, Rows } from '../feed/rows.ts';

interface Copy {
  source: Row;
  revision: number;
  row: Row;
}

/** The copies of one table. */
export class RowCopies {
  readonly #rows: Rows;
  readonly #copies = new WeakMap<HeldRow, Copy>();
  #list: readonly Row[] = [];
  #changes = -1;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  /** The rows in their order; the same list until one changes. */
  list(): readonly Row[] {
    if (this.#changes !== this.#rows.changes) {
      this.#changes = this.#rows.changes;
      this.#list = this.#rows.order().map((held) => this.#copyOf(held));
    }
    return this.#list;
  }

  #copyOf(held: HeldRow): Row {
    const known = this.#copies.get(held);
    if (known?.revision === held.revision && known.source === held.row) return known.row;
    const row = { ...held.row };
    this.#copies.set(held, { source: held.row, revision: held.revision, row });
    return row;
  }
}
