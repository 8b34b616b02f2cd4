/**
 * Editing: a cell or a delete is pending, until its own echo on the stream confirms it, or it is taken
 * back with the reason. The table shows nothing as done that the stream has not told.
 *
 * @see FRONTEND 4 "Editing"
 */
import type { Json } from '../../server/wire/change.ts';
import type { HeldRow } from '../feed/rows.ts';
import type { ViewColumn } from '../grid/columns.ts';
import { fill } from '../wording/text.ts';
import { adoptStyle } from './adopt-style.ts';
import { CellEditor } from './cell-editor.ts';
import { askToDelete } from './delete-dialog.ts';
import { editStyle } from './edit-style.ts';
import { EDIT_TEXTS } from './edit-text.ts';
import { featureTexts } from './feature-text.ts';
import { PendingEdit } from './pending-edit.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

/** Edits under way or refused that are shown at most; the oldest refusals go first. */
const MAX_EDITS = 100;

/** Lets the reader edit and delete rows of a table. */
export function start(host: FeatureHost): TableFeature {
  return new Editing(host);
}

class Editing implements TableFeature {
  readonly #host: FeatureHost;
  /** Over the rows: what is in it moves with them, but none of their updates reaches it. */
  readonly #layer = document.createElement('div');
  readonly #edits = new Set<PendingEdit>();
  readonly #undo: (() => void)[];
  #editor: CellEditor | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
    const { box, body, spacer } = host.parts;
    this.#layer.className = 'edits';
    spacer.append(this.#layer);
    const abort = new AbortController();
    const { signal } = abort;
    box.addEventListener('keydown', (event) => this.#onKey(event), { capture: true, signal });
    body.addEventListener('dblclick', () => this.#open(), { signal });
    this.#undo = [
      adoptStyle(host.element, editStyle.styleSheet),
      () => abort.abort(),
      () => this.#layer.remove(),
    ];
  }

  /** Puts the editor and the marks where their cells are by now. */
  drawn(): void {
    const editor = this.#editor;
    if (editor !== undefined) {
      this.#place(editor.element, editor.held, editor.column.field);
      const texts = this.#texts;
      const { conflict, column, held } = editor;
      if (editor.isOrphan) editor.warn(texts.gone);
      else if (conflict !== undefined) {
        editor.warn(fill(texts.conflict, { value: column.format(conflict, held.row) }));
      }
    }
    for (const edit of this.#edits) {
      if (edit.isConfirmed) this.#forget(edit);
      else this.#place(edit.element, edit.held, edit.column?.field);
    }
  }

  close(): void {
    this.#editor?.close();
    for (const edit of this.#edits) edit.close();
    for (const undo of this.#undo) undo();
  }

  get #texts(): { [Name in keyof typeof EDIT_TEXTS]: string } {
    return featureTexts(EDIT_TEXTS, this.#host.view.wording);
  }

  #onKey(event: KeyboardEvent): void {
    const { box } = this.#host.parts;
    if (event.composedPath()[0] !== box || event.ctrlKey || event.metaKey || event.altKey) return;
    const isEdit = event.key === 'Enter' || event.key === 'F2';
    const hasBegun = isEdit ? this.#open() : event.key === 'Delete' && this.#askToDelete();
    if (!hasBegun) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Opens an editor on the active cell. @returns whether it has one that can be edited. */
  #open(): boolean {
    const { grid, view } = this.#host;
    const { active } = grid;
    const column = view.layout.columns[active?.column ?? -1];
    if (active === undefined || column === undefined) return false;
    if (!column.editable) {
      this.#host.announce(fill(this.#texts.readOnly, { column: column.label }));
      return true;
    }
    this.#editor?.close();
    const { held } = active;
    const type = view.rows.columns.find(({ name }) => name === column.field)?.type ?? 'mixed';
    const editor = new CellEditor(held, column, type, {
      invalid: this.#texts.invalid,
      onSave: (value) => this.#write(held, column, value),
      onClose: (to) => this.#close(to),
    });
    this.#editor = editor;
    this.#layer.append(editor.element);
    grid.activate(held, active.column);
    this.#place(editor.element, held, column.field);
    editor.focus();
    return true;
  }

  #close(to: 'cell' | 'next' | 'previous' | 'elsewhere'): void {
    const { grid, parts, view } = this.#host;
    const editor = this.#editor;
    if (editor === undefined) return;
    this.#editor = undefined;
    editor.close();
    if (to === 'elsewhere') return;
    parts.box.focus({ preventScroll: true });
    if (to === 'cell') return;
    const { columns } = view.layout;
    const step = to === 'next' ? 1 : -1;
    let at = columns.findIndex(({ field }) => field === editor.column.field) + step;
    while (columns[at]?.editable === false) at += step;
    if (columns[at] === undefined) return;
    grid.activate(editor.held, at);
    this.#open();
  }

  #askToDelete(): boolean {
    const { grid, element, parts } = this.#host;
    const rows = grid.selected;
    if (rows.length === 0 && grid.active !== undefined) rows.push(grid.active.held);
    if (rows.length === 0) return false;
    askToDelete(element, rows, this.#texts).then((isMeant) => {
      parts.box.focus({ preventScroll: true });
      if (isMeant) for (const held of rows) this.#write(held, undefined, undefined);
    });
    return true;
  }

  /** Sends an edit. @param column undefined: the row is to be deleted. */
  #write(held: HeldRow, column: ViewColumn | undefined, value: Json | undefined): void {
    for (const old of this.#edits) {
      // A newer edit of the same cell takes the place of what is still shown of it.
      if (old.held === held && old.column?.field === column?.field) this.#forget(old);
      else if (this.#edits.size >= MAX_EDITS && old.isRefused) this.#forget(old);
    }
    const edit = new PendingEdit(this.#host, held, column, value, {
      texts: this.#texts,
      onDone: () => this.#forget(edit),
    });
    this.#edits.add(edit);
    this.#layer.append(edit.element);
    this.#place(edit.element, held, column?.field);
  }

  #forget(edit: PendingEdit): void {
    edit.close();
    this.#edits.delete(edit);
  }

  /** Lays an element over a cell, or over a whole row. Out of the table it is not shown. */
  #place(element: HTMLElement, held: HeldRow, field: string | undefined): void {
    const { parts, scroller, view } = this.#host;
    const index = view.list.indexOf(held);
    const at = view.layout.columns.findIndex((column) => column.field === field);
    const line = parts.header.firstElementChild;
    const heading = field === undefined ? line : line?.children[at];
    element.toggleAttribute('hidden', index === -1 || !heading);
    if (!heading) return;
    const { left, width } = heading.getBoundingClientRect();
    const { style } = element;
    style.setProperty('--_top', `${scroller.topOf(index)}px`);
    style.setProperty('--_left', `${left - parts.spacer.getBoundingClientRect().left}px`);
    style.setProperty('--_inline-size', `${width}px`);
  }
}
