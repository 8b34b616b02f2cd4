/**
 * The index of a table's live views: it hears each change once and asks only the views that it can
 * touch. A view with an equality filter is found by the cell's value before and after the change;
 * the others are asked each time.
 *
 * @see SPEC 7 "distinct views"
 */
import type { Row } from '../../wire/change.ts';
import type { Applied, TableListener } from '../applied.ts';
import { cellOf } from './cell.ts';
import { lookupOf } from './filter.ts';
import type { Pin } from './view.ts';

/** A view that is being streamed. */
export interface ViewListener {
  /** Where the index finds it; undefined: it is asked about every change. */
  readonly pin: Pin | undefined;
  /** @returns whether the change is one of the view's too. */
  onChange(applied: Applied): boolean;
  /** The `apply` of which it heard something is over. */
  onApplied(batchUpdate: string | undefined): void;
}

type Listeners = Set<ViewListener>;

/** What the index hears changes from. */
export interface Audible {
  listen(listener: TableListener): () => void;
}

/** All live views of one table. */
export class ViewIndex implements TableListener {
  readonly #table: Audible;
  /** By column, then by cell. */
  readonly #pinned = new Map<string, Map<string | number, Listeners>>();
  readonly #others: Listeners = new Set();
  #heard: Listeners = new Set();
  #size = 0;
  #stopListening: (() => void) | undefined;

  constructor(table: Audible) {
    this.#table = table;
  }

  /** Tells `listener` of its changes from now on. Returns the undo. */
  add(listener: ViewListener): () => void {
    for (const group of this.#groupsFor(listener)) group.add(listener);
    this.#size++;
    this.#stopListening ??= this.#table.listen(this);
    let undone = false;
    return () => {
      if (undone) return;
      undone = true;
      this.#remove(listener);
    };
  }

  onChange(applied: Applied): void {
    for (const [column, byCell] of this.#pinned) {
      const before = groupOf(byCell, applied.before, column);
      const after = groupOf(byCell, applied.after, column);
      if (before !== undefined) for (const listener of before) this.#ask(listener, applied);
      if (after === undefined || after === before) continue;
      for (const listener of after) {
        // `in.(a,b)` is in both groups when a row goes from a to b.
        if (before?.has(listener) !== true) this.#ask(listener, applied);
      }
    }
    for (const listener of this.#others) this.#ask(listener, applied);
  }

  onApplied(batchUpdate: string | undefined): void {
    if (this.#heard.size === 0) return;
    const heard = this.#heard;
    this.#heard = new Set();
    for (const listener of heard) listener.onApplied(batchUpdate);
  }

  #ask(listener: ViewListener, applied: Applied): void {
    if (listener.onChange(applied)) this.#heard.add(listener);
  }

  #remove(listener: ViewListener): void {
    for (const group of this.#groupsFor(listener)) group.delete(listener);
    this.#heard.delete(listener);
    this.#forgetEmpty(listener.pin);
    this.#size--;
    if (this.#size > 0) return;
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #groupsFor({ pin }: ViewListener): Listeners[] {
    if (pin === undefined) return [this.#others];
    let byCell = this.#pinned.get(pin.column);
    if (byCell === undefined) {
      byCell = new Map();
      this.#pinned.set(pin.column, byCell);
    }
    const groups: Listeners[] = [];
    for (const cell of pin.cells) {
      let group = byCell.get(cell);
      if (group === undefined) {
        group = new Set();
        byCell.set(cell, group);
      }
      groups.push(group);
    }
    return groups;
  }

  #forgetEmpty(pin: Pin | undefined): void {
    const byCell = pin === undefined ? undefined : this.#pinned.get(pin.column);
    if (pin === undefined || byCell === undefined) return;
    for (const cell of pin.cells) if (byCell.get(cell)?.size === 0) byCell.delete(cell);
    if (byCell.size === 0) this.#pinned.delete(pin.column);
  }
}

/** Those who are pinned to the cell that `row` has in `column`. */
function groupOf(
  byCell: ReadonlyMap<string | number, Listeners>,
  row: Row | undefined,
  column: string,
): Listeners | undefined {
  if (row === undefined) return undefined;
  const cell = cellOf(row, column);
  return cell === null ? undefined : byCell.get(lookupOf(cell));
}
