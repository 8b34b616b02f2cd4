/**
 * The three shapes in which rows leave: JSON, NDJSON and CSV, each row by row.
 *
 * @see SPEC 3.1, 10 "Bodies", "CSV … Out"; RFC 4180
 */
import type { Json, Row } from '../wire/change.ts';

/** How to write rows one after the other. */
export interface RowsFormat {
  contentType: string;
  head: string;
  separator: string;
  row(row: Row): string;
  tail: string;
}

/** What opens a spreadsheet's formula, or in a cell of one, runs it. */
const RUNNABLE = /^[=+\-@\t\r]/;

const NEEDS_QUOTES = /[",\r\n]/;

/** `{"status":"success","data":[…],…}`; `rest` are the members after the rows. */
export function jsonFormat(rest: Record<string, unknown>): RowsFormat {
  return {
    contentType: 'application/json; charset=utf-8',
    head: '{"status":"success","data":[',
    separator: ',',
    row: (row) => JSON.stringify(row),
    tail: `],${JSON.stringify(rest).slice(1)}`,
  };
}

/** One object a line. */
export function ndjsonFormat(): RowsFormat {
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    head: '',
    separator: '',
    row: (row) => `${JSON.stringify(row)}\n`,
    tail: '',
  };
}

/**
 * RFC 4180 with a header line.
 * Null and a missing column are an empty cell, the empty string is `""`, a text that would be read
 * back as a number or boolean is quoted, and nested values are JSON.
 * @param isSafe puts `'` before cells that a spreadsheet would run.
 */
export function csvFormat(columns: readonly string[], isSafe: boolean): RowsFormat {
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: `${columns.map((column) => csvText(column, isSafe)).join(',')}\r\n`,
    separator: '',
    row: (row) => {
      let line = '';
      for (const [index, column] of columns.entries()) {
        if (index > 0) line += ',';
        // `row.constructor` of a row without such a column is not a cell.
        if (Object.hasOwn(row, column)) line += csvCell(row[column], isSafe);
      }
      return `${line}\r\n`;
    },
    tail: '',
  };
}

function csvCell(value: Json | undefined, isSafe: boolean): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return csvText(value, isSafe);
  if (typeof value === 'object') return quote(JSON.stringify(value));
  // JSON.stringify writes -0 as 0, as the JSON export does.
  return JSON.stringify(value);
}

function csvText(text: string, isSafe: boolean): string {
  if (isSafe && RUNNABLE.test(text)) return quote(`'${text}`);
  return NEEDS_QUOTES.test(text) || readsAsTyped(text) ? quote(text) : text;
}

/** Whether the reading rule would make something else than a text of an unquoted cell. */
function readsAsTyped(text: string): boolean {
  return text === '' || text === 'true' || text === 'false' || String(Number(text)) === text;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
