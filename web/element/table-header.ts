/**
 * The headings of a table: what they are called, which way they sort, and a filter under each.
 *
 * @see FRONTEND 4 "Columns", "Sort"
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { ColumnLayout } from '../grid/column-layout.ts';
import type { ViewColumn } from '../grid/columns.ts';
import type { Filters } from '../grid/filter.ts';
import { parseSort, type SortKey } from '../grid/sort.ts';
import { fill } from '../wording/text.ts';
import type { Wording } from '../wording/wording.ts';

/** The table, as its headings see it. */
export interface HeaderTable {
  sort: string | null | undefined;
  filters: Filters | undefined;
  filterable: boolean;
  /** A filter is asked of the server once it is written, not letter by letter. */
  remote: boolean;
}

/** How the columns are called, and how the table speaks. */
interface HeaderView {
  readonly wording: Wording;
  readonly layout: ColumnLayout;
}

type OnSort = (field: string, keepsOthers: boolean) => void;

/** The rows above the body. */
export function header(table: HeaderTable, view: HeaderView, onSort: OnSort): TemplateResult {
  const { columns } = view.layout;
  const sort = parseSort(table.sort ?? '');
  return html`<div class="head" role="rowgroup">
    <div class="row" part="header" role="row" aria-rowindex="1" ?hidden=${columns.length === 0}>
      ${columns.map((column, index) => heading(column, index, sort, onSort))}
    </div>
    ${table.filterable ? html`<div class="row" role="row">${columns.map((column) => filter(column, table, view.wording))}</div>` : nothing}
  </div>`;
}

function heading(column: ViewColumn, index: number, sort: readonly SortKey[], onSort: OnSort) {
  const { field, label, align, sortable } = column;
  const at = sort.findIndex((key) => key.field === field);
  const key = sort[at];
  const order = key?.isDescending ? 'descending' : 'ascending';
  return html`<div
    class=${`cell ${align}${sortable ? ' sortable' : ''}`}
    part="header-cell"
    role="columnheader"
    aria-colindex=${index + 1}
    aria-sort=${key ? order : sortable ? 'none' : nothing}
    data-rank=${key && sort.length > 1 ? at + 1 : ''}
    title=${label}
    @click=${(event: MouseEvent) => sortable && onSort(field, event.shiftKey)}
    >${label}</div
  >`;
}

function filter({ field, label }: ViewColumn, table: HeaderTable, { texts }: Wording) {
  const onText = (event: Event) => {
    table.filters = { ...table.filters, [field]: textOf(event) };
  };
  return html`<div class="cell filter" role="gridcell"
    ><input
      part="filter"
      type="search"
      aria-label=${fill(texts.filter, { column: label })}
      title=${texts.filterHint}
      .value=${table.filters?.[field] ?? ''}
      @input=${table.remote ? nothing : onText}
      @change=${onText}
  ></div>`;
}

/** What an event's field holds. */
export function textOf({ target }: Event): string {
  return target instanceof HTMLInputElement ? target.value : '';
}
