/**
 * The row elements of a table: cloned from one template, bound to held rows, written only where what
 * is shown differs.
 *
 * An element stays with its row while that is in the window, so that text selection, focus and hover
 * survive updates, and deletes above; elements whose rows left are given to rows that came in.
 *
 * @see FRONTEND 2, 3
 */
import type { Row } from '../../server/wire/change.ts';
import type { HeldRow } from '../feed/rows.ts';
import {
  type Cell,
  clearFlash,
  createTemplate,
  fadeFlash,
  flashCell,
  readCells,
  writeCell,
} from './cell.ts';
import type { ViewColumn } from './columns.ts';

/** What the pool reads rows from. */
export interface RowView {
  readonly size: number;
  /** Rows have their places by their values: where one goes, the window does not follow. */
  readonly isSorted: boolean;
  at(index: number): HeldRow | undefined;
  /** Its position, or -1 when it is not in the view. */
  indexOf(held: HeldRow): number;
}

/** How a paint marks what is new. */
export interface Flash {
  /** Milliseconds, monotonic. */
  now: number;
  /** `Rows.changes` at the last paint: rows born later are marked whole. */
  since: number;
}

interface RowElement {
  element: HTMLElement;
  cells: Cell[];
  held: HeldRow | undefined;
  row: Row | undefined;
  revision: number;
  index: number;
}

/** The pool. One per table element. */
export class RowPool {
  readonly #body: HTMLElement;
  #columns: readonly ViewColumn[] = [];
  #template: HTMLElement | undefined;
  /** In the order of the DOM. */
  #elements: RowElement[] = [];
  readonly #marked = new Set<Cell>();

  /** @param body is given the row elements as its only children. */
  constructor(body: HTMLElement) {
    this.#body = body;
  }

  /** Rows written so far, by all paints. */
  writes = 0;

  /** The rows painted last, top to bottom. */
  get painted(): readonly { readonly element: HTMLElement; readonly held: HeldRow | undefined }[] {
    return this.#elements;
  }

  /** Other columns: all elements are made anew at the next paint. */
  setColumns(columns: readonly ViewColumn[]): void {
    this.#columns = columns;
    this.#template = undefined;
    this.#elements = [];
    this.#marked.clear();
    this.#body.replaceChildren();
  }

  /** There are marks, which fade with each paint. */
  get isFading(): boolean {
    return this.#marked.size > 0;
  }

  /** Writes every cell again at the next paint, as when a relative time has aged. */
  invalidate(): void {
    for (const rowElement of this.#elements) {
      rowElement.revision = -1;
      for (const cell of rowElement.cells) cell.value = undefined;
    }
  }

  /**
   * Shows rows `first` to `last` (excluded) of `view`.
   * @param flash undefined: nothing is marked, as in a first paint.
   * @param frozen rows already shown keep their values.
   */
  paint(
    view: RowView,
    first: number,
    last: number,
    flash: Flash | undefined,
    frozen = false,
  ): void {
    if (!this.#isBoundTo(view, first, last)) this.#bind(view, first, last);
    for (let at = 0; at < this.#elements.length; at++) {
      const rowElement = this.#elements[at];
      if (rowElement?.held === undefined) continue;
      if (rowElement.index !== first + at) {
        rowElement.index = first + at;
        // Rows count from 1, and the header is the first.
        rowElement.element.setAttribute('aria-rowindex', String(first + at + 2));
      }
      const { held } = rowElement;
      if (rowElement.revision === held.revision && rowElement.row === held.row) continue;
      if (frozen && rowElement.row !== undefined) continue;
      this.#write(rowElement, held, flash);
    }
    const now = flash?.now ?? performance.now();
    for (const cell of this.#marked) if (!fadeFlash(cell, now)) this.#marked.delete(cell);
  }

  #isBoundTo(view: RowView, first: number, last: number): boolean {
    if (this.#elements.length !== last - first) return false;
    for (let at = 0; at < this.#elements.length; at++) {
      if (this.#elements[at]?.held !== view.at(first + at)) return false;
    }
    return true;
  }

  /** Gives each row of the window an element, moving as few as the walk below can. */
  #bind(view: RowView, first: number, last: number): void {
    const byHeld = new Map<HeldRow, RowElement>();
    for (const rowElement of this.#elements) {
      if (rowElement.held !== undefined) byHeld.set(rowElement.held, rowElement);
    }
    const wanted = new Set<HeldRow>();
    for (let index = first; index < last; index++) {
      const held = view.at(index);
      if (held !== undefined) wanted.add(held);
    }
    const spare = this.#elements.filter(({ held }) => held === undefined || !wanted.has(held));
    const spareElements = new Set<Element>(spare.map(({ element }) => element));
    const elements: RowElement[] = [];
    let next = this.#body.firstElementChild;
    for (const held of wanted) {
      while (next !== null && spareElements.has(next)) next = next.nextElementSibling;
      const rowElement = byHeld.get(held) ?? this.#reuse(spare.pop(), held);
      elements.push(rowElement);
      spareElements.delete(rowElement.element);
      if (rowElement.element === next) next = next.nextElementSibling;
      else this.#body.insertBefore(rowElement.element, next);
    }
    for (const { element } of spare) element.remove();
    this.#elements = elements;
  }

  #reuse(spare: RowElement | undefined, held: HeldRow): RowElement {
    const rowElement = spare ?? this.#create();
    rowElement.held = held;
    rowElement.row = undefined;
    return rowElement;
  }

  #create(): RowElement {
    this.#template ??= createTemplate(this.#columns);
    const element = this.#template.cloneNode(true);
    if (!(element instanceof HTMLElement)) throw new TypeError('the row template is no element');
    const cells = readCells(element);
    return { element, cells, held: undefined, row: undefined, revision: -1, index: -1 };
  }

  #write(rowElement: RowElement, held: HeldRow, flash: Flash | undefined): void {
    const { row } = held;
    this.writes++;
    const isSameRow = rowElement.row !== undefined;
    const isNew = !isSameRow && flash !== undefined && held.born > flash.since;
    rowElement.row = row;
    rowElement.revision = held.revision;
    for (let at = 0; at < this.#columns.length; at++) {
      const column = this.#columns[at];
      const cell = rowElement.cells[at];
      if (column === undefined || cell === undefined) continue;
      if (!isSameRow) clearFlash(cell);
      const value = row[column.field] ?? null;
      const isPlain = typeof value !== 'object' || value === null;
      const isKept = isPlain && value === cell.value && !column.dependsOnRow;
      const isChanged = !isKept && writeCell(cell, column, value, row) && isSameRow;
      if (flash === undefined || !(isNew || (isChanged && column.flash))) continue;
      flashCell(cell, flash.now);
      this.#marked.add(cell);
    }
  }
}
