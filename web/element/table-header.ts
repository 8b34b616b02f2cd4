/**
 * The headings of a table: what they are called, which way they sort, and a filter under each.
 *
 * @see FRONTEND 4 "Columns", "Sort"
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { ViewColumn } from '../grid/columns.ts';
import type { Filters } from '../grid/filter.ts';
import type { SortKey } from '../grid/sort.ts';
import { fill } from '../wording/text.ts';
import type { Wording } from '../wording/wording.ts';

/** What the headings depend on. */
export interface HeaderModel {
  wording: Wording;
  columns: readonly ViewColumn[];
  sort: readonly SortKey[];
  filters: Filters;
  filterable: boolean;
  /** A filter is asked of the server once it is written, not letter by letter. */
  remote: boolean;
  /** `keepsOthers`: the other columns of the order stay. */
  onSort(field: string, keepsOthers: boolean): void;
  onFilter(field: string, text: string): void;
}

/** The rows above the body. */
export function header(model: HeaderModel): TemplateResult {
  const { columns, filterable } = model;
  return html`<div class="head" role="rowgroup">
    <div class="row" part="header" role="row" aria-rowindex="1" ?hidden=${columns.length === 0}>
      ${columns.map((column, index) => heading(column, index, model))}
    </div>
    ${filterable ? html`<div class="row" role="row">${columns.map((column) => filter(column, model))}</div>` : nothing}
  </div>`;
}

function heading(column: ViewColumn, index: number, { sort, onSort }: HeaderModel) {
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

function filter({ field, label }: ViewColumn, { filters, remote, wording, onFilter }: HeaderModel) {
  const onText = (event: Event) => onFilter(field, textOf(event));
  const name = fill(wording.texts.filter, { column: label });
  return html`<div class="cell filter" role="gridcell"
    ><input
      part="filter"
      type="search"
      aria-label=${name}
      title=${wording.texts.filterHint}
      .value=${filters[field] ?? ''}
      @input=${remote ? nothing : onText}
      @change=${onText}
  ></div>`;
}

/** What an event's field holds. */
export function textOf({ target }: Event): string {
  return target instanceof HTMLInputElement ? target.value : '';
}
