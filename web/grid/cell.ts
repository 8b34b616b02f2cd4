/**
 * One cell of the grid: its elements, what they show, and how a change of it is marked.
 *
 * @see FRONTEND 2, 4 "Columns"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import { type Tone, toneOf, type ViewColumn } from './columns.ts';

/** At most two flashes a second in one cell (WCAG 2.3.1 draws the line at three). */
const LEAST_FLASH_GAP_MS = 500;

/** Addresses a link may have; anything else (`javascript:`) is shown as text. */
const SAFE_ADDRESS = /^(https?:|mailto:|tel:|\/|\.|#)/i;

/** A cell element and what was last written into it. */
export interface Cell {
  element: HTMLElement;
  /** The element that carries the look: the badge, the bar or the link. */
  inner: HTMLElement;
  text: Text;
  value: Json | undefined;
  shown: string;
  tone: Tone | undefined;
  flashedAt: number;
  flashIsB: boolean;
}

/** The cells of a clone of the template. */
export function readCells(row: HTMLElement): Cell[] {
  const cells: Cell[] = [];
  for (const element of row.children) {
    const inner = element.firstElementChild ?? element;
    const text = inner.lastChild;
    if (!(element instanceof HTMLElement && inner instanceof HTMLElement && text instanceof Text)) {
      throw new TypeError('a cell without text');
    }
    cells.push({
      element,
      inner,
      text,
      value: undefined,
      shown: '',
      tone: undefined,
      flashedAt: Number.NEGATIVE_INFINITY,
      flashIsB: false,
    });
  }
  return cells;
}

/** Shows a value. @returns whether what is shown changed; only then was the DOM touched. */
export function writeCell(cell: Cell, column: ViewColumn, value: Json, row: Row): boolean {
  cell.value = value;
  const shown = column.format(value, row);
  if (shown === cell.shown) return false;
  cell.shown = shown;
  cell.text.data = shown;
  if (column.look !== 'text') dress(cell, column, value);
  return true;
}

/** One row of empty cells, to be cloned. */
export function createTemplate(columns: readonly ViewColumn[]): HTMLElement {
  const element = document.createElement('div');
  element.className = 'row';
  element.setAttribute('role', 'row');
  element.setAttribute('part', 'row');
  for (const [index, column] of columns.entries()) {
    const cell = document.createElement('div');
    cell.className = `cell ${column.align} ${column.look}`;
    cell.setAttribute('role', 'gridcell');
    cell.setAttribute('part', `cell cell-${column.field.replace(/[^\w-]/g, '_')}`);
    cell.setAttribute('aria-colindex', String(index + 1));
    let inner: HTMLElement = cell;
    if (column.look !== 'text') {
      inner = document.createElement(column.look === 'link' ? 'a' : 'span');
      inner.setAttribute('part', column.look);
      cell.append(inner);
    }
    inner.append(document.createTextNode(''));
    element.append(cell);
  }
  return element;
}

/** What a badge, a bar and a link need besides their text. */
function dress(cell: Cell, column: ViewColumn, value: Json): void {
  if (column.look === 'badge') {
    const tone = toneOf(value);
    if (tone !== cell.tone) cell.inner.dataset.tone = tone;
    cell.tone = tone;
  } else if (column.look === 'bar') {
    const share = typeof value === 'number' ? Math.min(Math.max(value / column.max, 0), 1) : 0;
    cell.inner.style.setProperty('--_share', `${(share * 100).toFixed(1)}%`);
  } else if (typeof value === 'string' && SAFE_ADDRESS.test(value)) {
    cell.inner.setAttribute('href', value);
    cell.inner.setAttribute('rel', 'noopener noreferrer');
    cell.inner.setAttribute('target', '_blank');
  } else {
    cell.inner.removeAttribute('href');
  }
}

/** Two equal animations by turns: a new name starts anew without the forced reflow of removing one. */
export function flashCell(cell: Cell, now: number): void {
  if (now - cell.flashedAt < LEAST_FLASH_GAP_MS) return;
  cell.flashedAt = now;
  cell.flashIsB = !cell.flashIsB;
  cell.element.dataset.flash = cell.flashIsB ? 'b' : 'a';
}

/** The element serves another row now: a flash under way belongs to the old one. */
export function clearFlash(cell: Cell): void {
  if (cell.flashedAt === Number.NEGATIVE_INFINITY) return;
  cell.flashedAt = Number.NEGATIVE_INFINITY;
  delete cell.element.dataset.flash;
}
