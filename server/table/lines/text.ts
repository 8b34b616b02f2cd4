/**
 * Reads plain lines, as of a log: rows of `line` and `text`.
 *
 * @see SPEC 2 "that file's lines as rows"
 */
import type { Row } from '../../wire/change.ts';
import { checkRow } from '../row.ts';
import { decodeLine } from './decode.ts';
import { beforeCr, isBlank, type LineHandler, LineSplitter } from './line-splitter.ts';
import {
  LINE_COLUMN,
  problemOf,
  type RowReader,
  type RowReaderOptions,
  tooLong,
} from './reader.ts';

/** A reader of plain lines. With key `text`, equal lines are one row. */
export function createTextReader(options: RowReaderOptions): RowReader {
  return new TextReader(options);
}

class TextReader implements RowReader, LineHandler {
  readonly key: string;
  readonly lineKey: boolean;
  readonly #options: RowReaderOptions;
  readonly #lineOffset: number;
  readonly #splitter: LineSplitter;
  #rows: Row[] = [];

  constructor(options: RowReaderOptions) {
    this.#options = options;
    this.key = options.key ?? LINE_COLUMN;
    this.lineKey = this.key === LINE_COLUMN;
    this.#lineOffset = options.lineOffset ?? 0;
    this.#splitter = new LineSplitter(options.maxLineBytes, this);
  }

  get lines(): number {
    return this.#splitter.lines;
  }

  push(chunk: Uint8Array, rows: Row[] = []): Row[] {
    this.#rows = rows;
    this.#splitter.push(chunk);
    return rows;
  }

  end(rows: Row[] = []): Row[] {
    this.#rows = rows;
    this.#splitter.end();
    return rows;
  }

  onLine(bytes: Buffer, start: number, end: number, line: number): void {
    if (isBlank(bytes, start, end)) return;
    const text = decodeLine(bytes, start, beforeCr(bytes, start, end));
    if (text === undefined) {
      const message = 'not valid UTF-8';
      this.#options.onProblem({ line, column: undefined, message, code: 'bad_row' });
      return;
    }
    const row: Row = { [LINE_COLUMN]: this.#lineOffset + line, text };
    try {
      checkRow(row, this.key);
    } catch (error) {
      this.#options.onProblem(problemOf(error, line));
      return;
    }
    this.#rows.push(row);
  }

  onTooLong(line: number): void {
    this.#options.onProblem(tooLong(line, this.#options.maxLineBytes));
  }
}
