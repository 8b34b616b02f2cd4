/**
 * The columns of one table as they are laid out: resolved when the stream or the page names others,
 * and given widths once there are rows to judge by.
 *
 * @see FRONTEND 4 "Columns"
 */

import type { Rows } from '../feed/rows.ts';
import type { Wording } from '../wording/wording.ts';
import { type ColumnOptions, columnWidths, resolveColumns, type ViewColumn } from './columns.ts';

/** Resolved columns and their widths. */
export class ColumnLayout {
  #columns: readonly ViewColumn[] = [];
  #isStale = true;
  #hasWidths = false;
  #resolvedFrom: unknown;
  #widths: readonly number[] = [];

  get columns(): readonly ViewColumn[] {
    return this.#columns;
  }

  /** The least widths in px, in the order of the columns. */
  get widths(): readonly number[] {
    return this.#widths;
  }

  /** Something they depend on changed: the next `update` resolves them again. */
  forget(): void {
    this.#isStale = true;
  }

  /**
   * Brings the columns up to date with the stream's and the page's.
   * @param declared gives the page's own; undefined: all of the stream's.
   * @param arrange says which of them are shown, and in what order.
   * @returns whether they are others now, so that cells have to be made anew.
   */
  update(
    rows: Rows,
    declared: () => readonly ColumnOptions[] | undefined,
    wording: Wording,
    arrange: (columns: readonly ViewColumn[]) => readonly ViewColumn[],
  ): boolean {
    if (!this.#isStale && rows.columns === this.#resolvedFrom) return false;
    this.#isStale = false;
    this.#hasWidths = false;
    this.#resolvedFrom = rows.columns;
    this.#columns = arrange(resolveColumns(declared(), rows.columns, rows.key, wording));
    return true;
  }

  /**
   * Writes the widths as custom properties of `style`, once there are rows: later ones do not make
   * the columns jump.
   */
  applyWidths(rows: Rows, style: CSSStyleDeclaration): void {
    if (this.#hasWidths) return;
    this.#hasWidths = rows.size > 0;
    const widths = columnWidths(this.#columns, rows);
    this.#widths = widths;
    const tracks = widths.map((width) => `minmax(${width}px, ${width}fr)`).join(' ');
    const least = widths.reduce((sum, width) => sum + width, 0);
    style.setProperty('--_tracks', tracks === '' ? 'none' : tracks);
    style.setProperty('--_least-width', `${least}px`);
  }
}
