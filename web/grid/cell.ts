/**
 * One cell of the grid: its elements, what they show, and how a change of it is marked.
 *
 * @see FRONTEND 2, 4 "Columns"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import { type Tone, toneOf, type ViewColumn } from './columns.ts';

/** At most two flashes a second in one cell (WCAG 2.3.1 draws the line at three). */
const LEAST_FLASH_GAP_MS = 500;

/**
 * A mark fades in steps of colour, written along with draws: nothing moves, for those who asked for that
 * as well. An animation, even one of opacity alone, has the browser build its layers anew for each mark:
 * at 2,000 changes/s on 10,000 rows that was half of the main thread's time, 101 ms/s against 50
 * (`bench:browser rate-10k`).
 */
const FLASH_STEPS = 4;
const FLASH_STEP_MS = 250;

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
  /** The step its mark is at; the last: there is none. */
  flashStep: number;
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
      flashStep: FLASH_STEPS,
    });
  }
  return cells;
}

/** Shows a value. @returns whether what is shown changed; only then was the DOM touched. */
export function writeCell(cell: Cell, column: ViewColumn, value: Json, row: Row): boolean {
  cell.value = value;
  const shown = column.format(value, row);
  // What is dressed otherwise may look different though it reads the same.
  if (shown === cell.shown && column.dress === undefined) return false;
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
  if (column.dress !== undefined) column.dress(cell.inner, value);
  else if (column.look === 'badge') {
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

/** Marks the cell as changed, from its next `fadeFlash` on. */
export function flashCell(cell: Cell, now: number): void {
  if (now - cell.flashedAt >= LEAST_FLASH_GAP_MS) cell.flashedAt = now;
}

/** The element serves another row now: a flash under way belongs to the old one. */
export function clearFlash(cell: Cell): void {
  cell.flashedAt = Number.NEGATIVE_INFINITY;
}

/** Shows the mark as faded as it is by now. @returns whether there still is one. */
export function fadeFlash(cell: Cell, now: number): boolean {
  const step = Math.min(FLASH_STEPS, Math.floor((now - cell.flashedAt) / FLASH_STEP_MS));
  const isMarked = step < FLASH_STEPS;
  if (step !== cell.flashStep) {
    if (isMarked) cell.element.dataset.flash = String(step);
    else delete cell.element.dataset.flash;
  }
  cell.flashStep = step;
  return isMarked;
}
