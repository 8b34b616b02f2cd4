/**
 * The contract of the line readers: bytes in as they come, checked Rows out.
 * Used for files, standard input and HTTP bodies alike.
 *
 * @see SPEC 3.1, 6, 10
 */
import { SseTableError } from '../../base/errors.ts';
import type { Key, Row } from '../../wire/change.ts';

/** The key column of rows that have none of their own: the number of their line. */
export const LINE_COLUMN = 'line';

/** The key column when none is named and the first row has it. */
const DEFAULT_KEY = 'id';

/** Where a line is wrong and why. The line is skipped. */
export interface LineProblem {
  /** Counted from 1; the first line of a record that spans several. */
  line: number;
  /** JSON: the character, CSV: the cell; counted from 1. Undefined where it is not of one place. */
  column: number | undefined;
  /** Without the place: `not JSON: Unexpected end of JSON input`. */
  message: string;
  /** What HTTP answers. */
  code: 'bad_json' | 'bad_csv' | 'bad_row' | 'bad_key' | 'body_too_large';
}

export interface RowReaderOptions {
  /** The key column; undefined: the first row decides, `id` if it has one, else the line number. */
  key: string | undefined;
  /** Gives each row its line number as column `line`. Needed with key `line` for rows without one. */
  lineKey: boolean;
  /** A longer line, or record, is reported and skipped without being held in memory. */
  maxLineBytes: number;
  /** Called for each skipped line, in order. Where it throws, reading stops with that error. */
  onProblem: (problem: LineProblem) => void;
  /** Lines read before this input: added to the `line` column, not to the lines of problems. */
  lineOffset?: number;
}

/** Reads rows from chunks of bytes cut anywhere. */
export interface RowReader {
  /** The key column; undefined until the first row has decided it. */
  readonly key: string | undefined;
  /** Whether rows are given their line number as column `line`. */
  readonly lineKey: boolean;
  /** Lines seen so far, blank and bad ones included. */
  readonly lines: number;
  /**
   * The rows complete with this chunk. The chunk may be reused afterwards.
   * @param rows where to append them: what it holds when `onProblem` throws came before the problem.
   */
  push(chunk: Uint8Array, rows?: Row[]): Row[];
  /** The input has ended: what its last line gives, ended by a line feed or not. */
  end(rows?: Row[]): Row[];
}

/** `line 7, column 12: not JSON: …`, for people. */
export function describeProblem({ line, column, message }: LineProblem): string {
  return column === undefined
    ? `line ${line}: ${message}`
    : `line ${line}, column ${column}: ${message}`;
}

/** The column that is the key when none was named: `id` if this first row has a usable one. */
export function chooseKey(columns: { [column: string]: unknown } | readonly string[]): string {
  if (Array.isArray(columns)) return columns.includes(DEFAULT_KEY) ? DEFAULT_KEY : LINE_COLUMN;
  const value = Object.hasOwn(columns, DEFAULT_KEY) ? Reflect.get(columns, DEFAULT_KEY) : undefined;
  const isUsable = typeof value === 'number' || (typeof value === 'string' && value !== '');
  return isUsable ? DEFAULT_KEY : LINE_COLUMN;
}

/**
 * The row with its line number as its first column. A column `line` of its own (logs have it: the
 * line of a program) is kept as `line_`.
 */
export function withLine(row: Row, line: Key): Row {
  if (!Object.hasOwn(row, LINE_COLUMN)) return { [LINE_COLUMN]: line, ...row };
  const { [LINE_COLUMN]: own = null, ...rest } = row;
  let name = `${LINE_COLUMN}_`;
  while (Object.hasOwn(rest, name)) name += '_';
  return { [LINE_COLUMN]: line, ...rest, [name]: own };
}

/** What a refused row is reported as. @throws whatever is not an expected failure. */
export function problemOf(error: unknown, line: number, column?: number): LineProblem {
  if (!(error instanceof SseTableError)) throw error;
  const { code, message } = error;
  if (code !== 'bad_json' && code !== 'bad_row' && code !== 'bad_key') throw error;
  return { line, column, message, code };
}

/** What a line beyond the limit is reported as. */
export function tooLong(line: number, maxLineBytes: number): LineProblem {
  const message = `longer than ${maxLineBytes} bytes; --max-body sets the limit`;
  return { line, column: undefined, message, code: 'body_too_large' };
}
