/**
 * Rows in insertion order, by position, under deletes anywhere: a delete leaves a hole, and all holes
 * are closed in one pass on the next read by position. Twenty thousand deletes between two draws of
 * 100,000 rows cost one pass, not twenty thousand.
 *
 * @see FRONTEND 2
 */

/** What is kept in order; it knows its own position. */
export interface Ordered {
  /** The position, exact right after a read by position; -1 once removed. */
  index: number;
}

/** An ordered list with cheap removal. */
export class RowOrder<Item extends Ordered> {
  #items: (Item | undefined)[] = [];
  #firstHole = Number.POSITIVE_INFINITY;

  /** Puts an item last. */
  push(item: Item): void {
    item.index = this.#items.length;
    this.#items.push(item);
  }

  remove(item: Item): void {
    this.#items[item.index] = undefined;
    this.#firstHole = Math.min(this.#firstHole, item.index);
    item.index = -1;
  }

  /** Replaces all; those of `items` that were removed since are left out. */
  replace(items: readonly Item[]): void {
    this.#items = items.filter((item) => item.index >= 0);
    this.#firstHole = 0;
    this.#closeHoles();
  }

  /** The item at a position from 0. */
  at(index: number): Item | undefined {
    this.#closeHoles();
    return this.#items[index];
  }

  /** The position of an item; -1 once removed. */
  indexOf(item: Item): number {
    this.#closeHoles();
    return item.index;
  }

  *values(): Generator<Item> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }

  #closeHoles(): void {
    if (this.#firstHole === Number.POSITIVE_INFINITY) return;
    const items = this.#items;
    let to = this.#firstHole;
    for (let from = to; from < items.length; from++) {
      const item = items[from];
      if (item === undefined) continue;
      item.index = to;
      items[to++] = item;
    }
    items.length = to;
    this.#firstHole = Number.POSITIVE_INFINITY;
  }
}
