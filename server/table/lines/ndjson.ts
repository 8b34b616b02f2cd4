/**
 * Reads NDJSON: one JSON object a line.
 *
 * @see SPEC 3.1, 6, 10
 */
import { parseJson } from '../../base/json.ts';
import type { Row } from '../../wire/change.ts';
import { checkRow } from '../row.ts';
import { decodeLine } from './decode.ts';
import { jsonErrorIndex } from './json-error.ts';
import { isBlank, type LineHandler, LineSplitter } from './line-splitter.ts';
import {
  chooseKey,
  LINE_COLUMN,
  problemOf,
  type RowReader,
  type RowReaderOptions,
  tooLong,
  withLine,
} from './reader.ts';

/** Where V8 says an error is. It speaks of a line of the text, which is always line 1 here. */
const V8_PLACE = /(?: in JSON)? at position (\d+)(?: \(line \d+ column \d+\))?$/;

/** A reader of NDJSON. */
export function createNdjsonReader(options: RowReaderOptions): RowReader {
  return new NdjsonReader(options);
}

class NdjsonReader implements RowReader, LineHandler {
  readonly #options: RowReaderOptions;
  readonly #lineOffset: number;
  readonly #splitter: LineSplitter;
  #key: string | undefined;
  #lineKey: boolean;
  #rows: Row[] = [];

  constructor(options: RowReaderOptions) {
    this.#options = options;
    this.#lineOffset = options.lineOffset ?? 0;
    this.#key = options.key ?? (options.lineKey ? LINE_COLUMN : undefined);
    this.#lineKey = options.lineKey;
    this.#splitter = new LineSplitter(options.maxLineBytes, this);
  }

  get key(): string | undefined {
    return this.#key;
  }

  get lineKey(): boolean {
    return this.#lineKey;
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
    const text = decodeLine(bytes, start, end);
    if (text === undefined) {
      const message = 'not valid UTF-8';
      this.#options.onProblem({ line, column: undefined, message, code: 'bad_json' });
      return;
    }
    let row: Row;
    try {
      row = this.#readRow(text, line);
    } catch (error) {
      this.#refuse(error, text, line);
      return;
    }
    this.#rows.push(row);
  }

  onTooLong(line: number): void {
    this.#options.onProblem(tooLong(line, this.#options.maxLineBytes));
  }

  #readRow(text: string, line: number): Row {
    const value = parseJson(text);
    if (this.#key === undefined && isObject(value)) {
      this.#key = chooseKey(value);
      this.#lineKey = this.#key === LINE_COLUMN;
    }
    if (!this.#lineKey || !isObject(value)) return checkRow(value, this.#key ?? LINE_COLUMN);
    return checkRow(withLine(value, this.#lineOffset + line), this.#key ?? LINE_COLUMN);
  }

  #refuse(error: unknown, text: string, line: number): void {
    const problem = problemOf(error, line);
    if (problem.code === 'bad_json') {
      const place = V8_PLACE.exec(problem.message);
      const index = place === null ? jsonErrorIndex(text) : Number(place[1]);
      if (index !== undefined) problem.column = index + 1;
      problem.message = problem.message.replace(V8_PLACE, '');
    }
    this.#options.onProblem(problem);
  }
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
