/**
 * The keyboard and the pointer in a table: one active cell, which keeps to its row however rows move,
 * and a selection of rows. The focus itself stays on the scroller, so no update can take it away.
 *
 * @see FRONTEND 4 "Selection", "Keyboard and screen reader"; https://www.w3.org/WAI/ARIA/apg/patterns/grid/
 */

import type { HeldRow } from '../feed/rows.ts';
import type { RowList } from './row-list.ts';
import type { Scroller, ScrollerParts } from './scroller.ts';

/** The table, as its grid sees it. */
export interface GridHost {
  readonly list: RowList;
  readonly columnCount: number;
  /** Enter on a heading. */
  onHeading(column: number, keepsOthers: boolean): void;
  onSelect(): void;
  /** Of the selected rows, else of the active one. */
  copyText(rows: readonly HeldRow[]): string;
  requestDraw(): void;
}

/** The active cell's id, for `aria-activedescendant`. */
const ACTIVE_ID = 'active';

/** The grid of one table. */
export class Grid {
  readonly #host: GridHost;
  readonly #parts: ScrollerParts;
  readonly #scroller: Scroller;
  readonly #selected = new Set<HeldRow>();
  /** The row of the active cell; undefined: none, or a heading. */
  #row: HeldRow | undefined;
  /** The column of the active cell; -1: there is none. */
  #column = -1;
  /** Where a range began. */
  #anchor: HeldRow | undefined;
  #cell: Element | undefined;
  #isMarked = false;

  constructor(host: GridHost, parts: ScrollerParts, scroller: Scroller) {
    this.#host = host;
    this.#parts = parts;
    this.#scroller = scroller;
  }

  /** The selected rows that are still there, in the order they were selected. */
  get selected(): HeldRow[] {
    return [...this.#selected].filter(({ index }) => index >= 0);
  }

  /** A cell of a row, not a heading, is active. */
  hasActiveRow(): boolean {
    return this.#row !== undefined;
  }

  /** The active cell; undefined: none, or a heading. */
  get active(): { held: HeldRow; column: number } | undefined {
    const held = this.#row;
    return held && { held, column: this.#column };
  }

  /** Makes a cell the active one, and brings it into sight. */
  activate(held: HeldRow, column: number): void {
    this.#row = held;
    this.#column = column;
    this.#scroller.reveal(this.#host.list.indexOf(held));
    this.#host.requestDraw();
  }

  /** Selects these rows and no others. */
  select(rows: Iterable<HeldRow>): void {
    this.#selected.clear();
    for (const held of rows) this.#selected.add(held);
    this.#host.onSelect();
    this.#host.requestDraw();
  }

  /** Starts to listen. @returns the undo. */
  connect(): () => void {
    const { box, body } = this.#parts;
    const abort = new AbortController();
    const { signal } = abort;
    box.addEventListener('keydown', (event) => this.#onKey(event), { signal });
    body.addEventListener('click', (event) => this.#onClick(event), { signal });
    box.addEventListener(
      'copy',
      (event) => {
        const rows = this.selected;
        if (rows.length === 0 && this.#row !== undefined) rows.push(this.#row);
        if (String(getSelection()) !== '' || rows.length === 0) return;
        event.clipboardData?.setData('text/plain', this.#host.copyText(rows));
        event.preventDefault();
      },
      { signal },
    );
    return () => abort.abort();
  }

  /** Shows selection and active cell on the rows just drawn. */
  mark(): void {
    const row = this.#row;
    const isNeeded = this.#selected.size > 0 || this.#column !== -1;
    if (!isNeeded && !this.#isMarked) return;
    this.#isMarked = isNeeded;
    let line = row === undefined ? this.#parts.header.firstElementChild : undefined;
    for (const { element, held } of this.#scroller.painted) {
      const isSelected = held !== undefined && this.#selected.has(held);
      if (element.hasAttribute('aria-selected') !== isSelected) {
        element.toggleAttribute('aria-selected');
        if (isSelected) element.setAttribute('aria-selected', 'true');
        element.part.toggle('selected', isSelected);
      }
      if (row !== undefined && held === row) line = element;
    }
    const cell = line?.children[this.#column];
    if (cell === this.#cell) return;
    this.#cell?.removeAttribute('id');
    this.#cell = cell;
    if (cell === undefined) {
      this.#parts.box.removeAttribute('aria-activedescendant');
      return;
    }
    cell.id = ACTIVE_ID;
    this.#parts.box.setAttribute('aria-activedescendant', ACTIVE_ID);
    cell.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #onClick(event: MouseEvent): void {
    // With Shift the browser has selected text up to here; rows are meant.
    if (event.shiftKey) getSelection()?.removeAllRanges();
    const path = event.composedPath();
    const line = this.#scroller.painted.find(({ element }) => path.includes(element));
    if (line?.held === undefined || String(getSelection()) !== '') return;
    this.#row = line.held;
    this.#column = Array.from(line.element.children).findIndex((cell) => path.includes(cell));
    this.#selectActive(event.shiftKey, event.ctrlKey || event.metaKey);
  }

  #selectActive(isRange: boolean, isToggle: boolean): void {
    const { list } = this.#host;
    const row = this.#row;
    if (row === undefined) return;
    const from = this.#anchor === undefined ? -1 : list.indexOf(this.#anchor);
    if (isRange && from !== -1) {
      const ends = [from, list.indexOf(row)].sort((a, b) => a - b);
      const [first = 0, last = 0] = ends;
      const rows: HeldRow[] = [];
      for (let index = first; index <= last; index++) {
        const held = list.at(index);
        if (held !== undefined) rows.push(held);
      }
      this.select(rows);
      return;
    }
    this.#anchor = row;
    const others = isToggle ? this.selected.filter((held) => held !== row) : [];
    this.select(isToggle && this.#selected.has(row) ? others : [...others, row]);
  }

  #onKey(event: KeyboardEvent): void {
    const { list, columnCount } = this.#host;
    const { box } = this.#parts;
    // Keys in a filter are the filter's.
    if (event.composedPath()[0] !== box || event.altKey || columnCount === 0) return;
    const { key, shiftKey } = event;
    const isFar = event.ctrlKey || event.metaKey;
    const index = this.#row === undefined ? -1 : list.indexOf(this.#row);
    const forward = getComputedStyle(box).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const page = this.#scroller.pageSize;
    const last = columnCount - 1;
    let to = index;
    let column = Math.max(this.#column, 0);
    if (key === 'ArrowDown') to = isFar ? list.size : index + 1;
    else if (key === 'ArrowUp') to = isFar ? 0 : index - 1;
    else if (key === 'PageDown') to = index + page;
    else if (key === 'PageUp') to = Math.max(0, index - page);
    else if (key === 'ArrowLeft' || key === 'ArrowRight') column += key === forward ? 1 : -1;
    else if (key === 'Home' || key === 'End') {
      column = key === 'Home' ? 0 : last;
      if (isFar) to = key === 'Home' ? 0 : list.size;
    } else if (key === 'Enter' && index === -1) this.#host.onHeading(column, shiftKey);
    else if (key === ' ' || key === 'Enter') this.#selectActive(shiftKey, key === ' ');
    else if (key === 'a' && isFar) this.select(list);
    else if (key === 'Escape') {
      this.select([]);
      to = -1;
      column = -1;
    } else return;
    event.preventDefault();
    to = Math.min(Math.max(to, -1), list.size - 1);
    this.#row = list.at(to);
    this.#column = Math.min(Math.max(column, key === 'Escape' ? -1 : 0), last);
    if (to >= 0) this.#scroller.reveal(to);
    if (shiftKey && to !== index) this.#selectActive(true, false);
    this.#host.requestDraw();
  }
}
