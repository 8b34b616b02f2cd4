/**
 * Rows as an HTML table: what a page shows before its script is there, and what `<sse-table>` takes
 * over from, at the event id it names.
 *
 * @see SPEC 3.1, FRONTEND 4 "No-JavaScript first paint"
 */
import type { Json } from '../wire/change.ts';
import type { Column, InitEvent } from '../wire/event.ts';
import type { RowsFormat } from './rows-format.ts';

/** What the table says of itself. */
export interface HtmlTable {
  name: string;
  key: string;
  columns: readonly Column[];
  /** The event id at which the stream of the same rows goes on. */
  version: string;
}

/**
 * A `<table>`, not a page. Texts are cells as they are; every other value carries its JSON, so that it
 * can be read back. `data-sse-table` holds an `init` event without rows, and the id to resume from.
 */
export function htmlFormat({ name, key, columns, version }: HtmlTable): RowsFormat {
  const init: Pick<InitEvent, 'table' | 'key' | 'columns'> & { version: string } = {
    table: name,
    key,
    columns: [...columns],
    version,
  };
  const headings = columns
    .map((column) => `<th scope="col">${escapeText(column.name)}</th>`)
    .join('');
  return {
    contentType: 'text/html; charset=utf-8',
    head:
      `<table data-sse-table="${escapeText(JSON.stringify(init))}">\n` +
      `<thead><tr>${headings}</tr></thead>\n<tbody>\n`,
    separator: '',
    row: (row) => `<tr>${columns.map((column) => cell(row[column.name])).join('')}</tr>\n`,
    tail: '</tbody>\n</table>\n',
  };
}

function cell(value: Json | undefined): string {
  if (typeof value === 'string') return `<td>${escapeText(value)}</td>`;
  if (value === undefined) return '<td data-none></td>';
  const json = escapeText(JSON.stringify(value));
  return `<td data-json="${json}">${value === null ? '' : json}</td>`;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
