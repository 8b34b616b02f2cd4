/**
 * Which format a file or standard input has: by the file's name, else by the first line.
 *
 * @see SPEC 2
 */
import { extname } from 'node:path';
import { createCsvReader } from '../table/lines/csv.ts';
import { createNdjsonReader } from '../table/lines/ndjson.ts';
import type { RowReader, RowReaderOptions } from '../table/lines/reader.ts';
import { createTextReader } from '../table/lines/text.ts';

export type Format = 'ndjson' | 'csv' | 'tsv' | 'text';

const FORMAT_OF_EXTENSION: ReadonlyMap<string, Format> = new Map([
  ['.ndjson', 'ndjson'],
  ['.jsonl', 'ndjson'],
  ['.json', 'ndjson'],
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.log', 'text'],
  ['.txt', 'text'],
]);

/** A header's cell. Log lines often hold commas too, but seldom names only. */
const HEADER_CELL = /^\s*["\p{L}_#$@]/u;

/** The format that a file's extension stands for; undefined: its first line must tell. */
export function formatOfName(path: string): Format | undefined {
  return FORMAT_OF_EXTENSION.get(extname(path).toLowerCase());
}

/**
 * The format of a first line: NDJSON where it begins with `{`, CSV or TSV where it looks like a
 * header of more than one column, else plain text.
 */
export function formatOfLine(line: string): Format {
  if (line.trimStart().startsWith('{')) return 'ndjson';
  if (isHeader(line, ',')) return 'csv';
  return isHeader(line, '\t') ? 'tsv' : 'text';
}

/** The reader of a format. */
export function createReader(format: Format, options: RowReaderOptions): RowReader {
  switch (format) {
    case 'ndjson':
      return createNdjsonReader(options);
    case 'csv':
      return createCsvReader(options);
    case 'tsv':
      return createCsvReader({ ...options, delimiter: '\t' });
    case 'text':
      return createTextReader(options);
  }
}

function isHeader(line: string, delimiter: string): boolean {
  const cells = line.split(delimiter);
  return cells.length > 1 && cells.every((cell) => HEADER_CELL.test(cell));
}
