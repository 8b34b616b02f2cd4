/**
 * `<sse-column>`: declares a column of the `<sse-table>` it is in. It renders nothing itself.
 *
 * @see FRONTEND 4 "Columns"
 */
import { type PropertyValues, ReactiveElement } from 'lit';
import type { Align, ColumnOptions } from '../grid/columns.ts';
import { FORMAT_NAMES, type FormatName } from '../wording/format.ts';

/** Tells the table that a declaration changed. Bubbles, stays inside the page's own tree. */
export const COLUMN_CHANGE = 'sse-column-change';

const ALIGNS: readonly Align[] = ['start', 'end', 'center'];

/** A column in HTML. */
export class SseColumn extends ReactiveElement {
  static override properties = {
    field: { type: String },
    label: { type: String },
    format: { type: String },
    digits: { type: Number },
    currency: { type: String },
    max: { type: Number },
    align: { type: String },
    badge: { type: Boolean },
    flash: { type: String },
    sortable: { type: String },
    editable: { type: String },
    width: { type: Number },
  };
  declare field: string | undefined;
  declare label: string | undefined;
  declare format: string | undefined;
  declare digits: number | undefined;
  declare currency: string | undefined;
  declare max: number | undefined;
  declare align: string | undefined;
  declare badge: boolean;
  /** `flash="false"` or `flash="off"` leaves changes unmarked. */
  declare flash: string | undefined;
  /** `sortable="false"` or `sortable="off"`: the heading does not sort. */
  declare sortable: string | undefined;
  /** `editable="false"` or `editable="off"`: not in a table that is `editable` either. */
  declare editable: string | undefined;
  declare width: number | undefined;

  /** The declaration; undefined without a field. An unknown format or align counts as none. */
  get options(): ColumnOptions | undefined {
    const { field } = this;
    if (!field) return undefined;
    return {
      field,
      label: this.label,
      format: FORMAT_NAMES.find((name): name is FormatName => name === this.format),
      digits: this.digits,
      currency: this.currency,
      max: this.max,
      align: ALIGNS.find((align) => align === this.align),
      badge: this.badge || undefined,
      flash: isOn(this.flash),
      sortable: isOn(this.sortable),
      editable: isOn(this.editable),
      width: this.width,
    };
  }

  /** No shadow root: there is nothing to show. */
  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override updated(_changed: PropertyValues): void {
    this.dispatchEvent(new CustomEvent(COLUMN_CHANGE, { bubbles: true }));
  }
}

/** An attribute that is on unless it says otherwise. */
function isOn(text: string | undefined): boolean {
  return text !== 'false' && text !== 'off';
}

/** The columns that the children of a table declare; undefined: none. */
export function columnsIn(table: Element): ColumnOptions[] | undefined {
  const columns = Array.from(table.children)
    .map((child) => (child instanceof SseColumn ? child.options : undefined))
    .filter((options) => options !== undefined);
  return columns.length > 0 ? columns : undefined;
}
