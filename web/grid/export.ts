/**
 * Rows as text: TSV as shown, for pasting; CSV (RFC 4180) and JSON as they are, for programs.
 *
 * @see FRONTEND 4 "Selection", SPEC 10 "Out"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import type { ViewColumn } from './columns.ts';

export type ExportFormat = 'csv' | 'json' | 'tsv';

/** The columns of these rows. CSV has a line of names first. */
export function exportRows(
  rows: readonly Row[],
  columns: readonly ViewColumn[],
  format: ExportFormat,
): string {
  if (format === 'json') {
    return JSON.stringify(
      rows.map((row) => Object.fromEntries(columns.map(({ field }) => [field, row[field]]))),
    );
  }
  if (format === 'tsv') {
    const cells = (row: Row) => columns.map(({ field, format }) => format(row[field] ?? null, row));
    return rows.map((row) => cells(row).map(onOneLine).join('\t')).join('\n');
  }
  const line = (values: Json[]) => `${values.map(csvCell).join()}\r\n`;
  const names = line(columns.map(({ field }) => field));
  return names + rows.map((row) => line(columns.map(({ field }) => row[field] ?? null))).join('');
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Empty is null; the empty string is `""`. */
function csvCell(value: Json): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
