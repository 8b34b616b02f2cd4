/**
 * The field in which a cell is edited. It lies over the rows, not in them: whatever happens to its row,
 * the field stays, with the text, the caret and the focus in it.
 *
 * @see FRONTEND 3, 4 "Editing"
 */
import type { Json } from '../../server/wire/change.ts';
import type { ColumnType } from '../../server/wire/event.ts';
import type { HeldRow } from '../feed/rows.ts';
import type { ViewColumn } from '../grid/columns.ts';
import { fromTyped, toTyped } from './cell-value.ts';

/** A warning seen for less than this was not read, in ms. */
const READING_MS = 1_000;

/** What becomes of what was typed. */
export interface EditorHost {
  /** What is wrong with it, in words. */
  readonly invalid: string;
  onSave(value: Json): void;
  /** Done: back to the cell, or on to the next one. */
  onClose(to: 'cell' | 'next' | 'previous' | 'elsewhere'): void;
}

/** An editor that is open. */
export class CellEditor {
  readonly element = document.createElement('div');
  readonly #input = document.createElement('input');
  readonly #note = document.createElement('div');
  readonly #host: EditorHost;
  readonly held: HeldRow;
  readonly column: ViewColumn;
  readonly #type: ColumnType;
  /** The value it was opened on. */
  readonly #before: Json;
  /** When the writer was first warned that it is another now. */
  #warnedAt: number | undefined;
  #isOpen = true;

  constructor(held: HeldRow, column: ViewColumn, type: ColumnType, host: EditorHost) {
    this.held = held;
    this.column = column;
    this.#type = type;
    this.#host = host;
    this.#before = held.row[column.field] ?? null;
    const input = this.#input;
    // In a grid there are rows of cells and nothing else.
    const cell = document.createElement('div');
    cell.setAttribute('role', 'gridcell');
    cell.append(input, this.#note);
    this.element.className = 'editor';
    this.element.setAttribute('role', 'row');
    input.setAttribute('part', 'editor');
    input.setAttribute('aria-label', `${column.label}, ${held.key}`);
    input.setAttribute('aria-describedby', 'note');
    if (type === 'number') input.inputMode = 'decimal';
    input.value = toTyped(this.#before);
    this.#note.id = 'note';
    this.#note.className = 'note';
    this.#note.setAttribute('role', 'alert');
    this.element.append(cell);
    input.addEventListener('keydown', (event) => this.#onKey(event));
    input.addEventListener('blur', () => this.#onBlur());
  }

  /** Once it is in its place. */
  focus(): void {
    this.#input.focus({ preventScroll: true });
    this.#input.select();
  }

  /** The value of the cell that has changed under the editor; undefined: it has not. */
  get conflict(): Json | undefined {
    const now = this.held.row[this.column.field] ?? null;
    return JSON.stringify(now) === JSON.stringify(this.#before) ? undefined : now;
  }

  /** The row is no more. */
  get isOrphan(): boolean {
    return this.held.index < 0;
  }

  /** Warns that the cell is another now: Enter then writes over it, once that could be read. */
  warn(text: string): void {
    this.#warnedAt ??= performance.now();
    this.#show(text);
  }

  /** Shows what the writer should know; said at once, since it is about what is being typed. */
  #show(text: string): void {
    if (this.#note.textContent !== text) this.#note.textContent = text;
    this.#input.toggleAttribute('aria-invalid', text !== '');
  }

  close(): void {
    this.#isOpen = false;
    this.element.remove();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return; // Enter ends a word here, not the editing
    const { key, shiftKey } = event;
    if (key !== 'Enter' && key !== 'Escape' && key !== 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (key === 'Escape') this.#host.onClose('cell');
    else if (this.#save()) {
      const next = shiftKey ? 'previous' : 'next';
      this.#host.onClose(key === 'Enter' ? 'cell' : next);
    }
  }

  /** Leaving is saving, but never over what someone else wrote: then the editor stays. */
  #onBlur(): void {
    if (!this.#isOpen || !document.hasFocus()) return;
    if (this.conflict === undefined && this.#save()) this.#host.onClose('elsewhere');
  }

  /** @returns whether the editor has done its work. */
  #save(): boolean {
    if (this.isOrphan) return false;
    const warnedAt = this.#warnedAt ?? performance.now();
    if (this.conflict !== undefined && performance.now() - warnedAt < READING_MS) return false;
    let value: Json;
    try {
      value = fromTyped(this.#input.value, this.#type, this.#before);
    } catch {
      this.#show(this.#host.invalid);
      return false;
    }
    if (JSON.stringify(value) !== JSON.stringify(this.#before)) this.#host.onSave(value);
    return true;
  }
}
