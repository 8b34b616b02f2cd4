/**
 * Has the browser save a text as a file.
 *
 * @see FRONTEND 4 "export"
 */
import type { ExportFormat } from '../grid/export.ts';

/** The MIME types of the formats. */
const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  tsv: 'text/tab-separated-values',
};

/** Saves rows that were exported in a format, under a name without its ending. */
export function saveAs(name: string, text: string, format: ExportFormat): void {
  const link = document.createElement('a');
  link.download = `${name}.${format}`;
  link.href = URL.createObjectURL(new Blob([text], { type: TYPES[format] }));
  link.click();
  URL.revokeObjectURL(link.href);
}
