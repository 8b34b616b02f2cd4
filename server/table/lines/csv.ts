/**
 * Reads CSV with a header row.
 *
 * @see SPEC 3.1, 6, 10 "CSV in"
 */
import { SseTableError } from '../../base/errors.ts';
import { type Row, setColumn } from '../../wire/change.ts';
import { checkRow, MAX_ROW_COLUMNS } from '../row.ts';
import type { Cell } from './csv-cell.ts';
import { type CsvFault, CsvGrammar, type Delimiter } from './csv-grammar.ts';
import { type LineHandler, LineSplitter } from './line-splitter.ts';
import {
  chooseKey,
  describeProblem,
  LINE_COLUMN,
  type LineProblem,
  problemOf,
  type RowReader,
  type RowReaderOptions,
  tooLong,
  withLine,
} from './reader.ts';
import {
  type CsvRecord,
  joinRecords,
  type RecordHandler,
  RecordSplitter,
} from './record-splitter.ts';

/** Records parsed in one call: a call costs 9 µs, a record of 100 bytes 3 µs. */
const MAX_RUN = 1_000;

/** A header wider than this is cut in messages. */
const MAX_SHOWN_COLUMNS = 20;

export interface CsvReaderOptions extends RowReaderOptions {
  /** What parts the cells; a comma unless given. */
  delimiter?: Delimiter;
}

/**
 * A reader of CSV. A header name that is empty or there twice is reported and given a free one.
 * `push` throws {@link SseTableError} `bad_csv` for a header that is unreadable, `bad_key` for one
 * without the key column.
 */
export function createCsvReader(options: CsvReaderOptions): RowReader {
  return new CsvReader(options);
}

class CsvReader implements RowReader, LineHandler, RecordHandler {
  readonly #options: CsvReaderOptions;
  readonly #lineOffset: number;
  readonly #grammar: CsvGrammar;
  readonly #lines: LineSplitter;
  readonly #records: RecordSplitter;
  #key: string | undefined;
  #lineKey: boolean;
  #columns: string[] | undefined;
  /** Records to be parsed in one call. */
  #run: CsvRecord[] = [];
  #rows: Row[] = [];

  constructor(options: CsvReaderOptions) {
    this.#options = options;
    this.#lineOffset = options.lineOffset ?? 0;
    this.#key = options.key ?? (options.lineKey ? LINE_COLUMN : undefined);
    this.#lineKey = options.lineKey;
    this.#grammar = new CsvGrammar(options.delimiter ?? ',');
    this.#lines = new LineSplitter(options.maxLineBytes, this);
    this.#records = new RecordSplitter(this.#grammar, options.maxLineBytes, this);
  }

  get key(): string | undefined {
    return this.#key;
  }

  get lineKey(): boolean {
    return this.#lineKey;
  }

  get lines(): number {
    return this.#lines.lines;
  }

  push(chunk: Uint8Array, rows: Row[] = []): Row[] {
    this.#rows = rows;
    this.#lines.push(chunk);
    this.#parseRun();
    return rows;
  }

  end(rows: Row[] = []): Row[] {
    this.#rows = rows;
    this.#lines.end();
    this.#records.end();
    this.#parseRun();
    return rows;
  }

  onLine(bytes: Buffer, start: number, end: number, line: number): void {
    this.#records.push({ bytes: bytes.subarray(start, end), line });
  }

  onTooLong(line: number): void {
    this.#records.end();
    this.#parseRun();
    this.#refuse(tooLong(line, this.#options.maxLineBytes));
  }

  onRecord(record: CsvRecord): void {
    if (this.#columns === undefined) {
      this.#readHeader(record);
      return;
    }
    this.#run.push(record);
    if (this.#run.length === MAX_RUN) this.#parseRun();
  }

  /** Parses the records gathered; one by one where one of them is bad, to know which. */
  #parseRun(): void {
    const run = this.#run;
    if (run.length === 0) return;
    this.#run = [];
    const parsed = this.#grammar.parse(joinRecords(run).bytes);
    if (Array.isArray(parsed) && parsed.length === run.length) {
      for (let i = 0; i < run.length; i++) this.#addRow(parsed[i] ?? [], run[i]?.line ?? 0);
      return;
    }
    for (const { bytes, line } of run) {
      const one = this.#grammar.parse(bytes);
      if (Array.isArray(one)) this.#addRow(one[0] ?? [], line);
      else this.#refuse(this.#problemOf(one, line));
    }
  }

  #addRow(cells: readonly Cell[], line: number): void {
    const columns = this.#columns ?? [];
    if (cells.length !== columns.length) {
      const message = `a record of ${cells.length} cells; the header has ${columns.length}`;
      const column = Math.min(cells.length, columns.length) + 1;
      this.#refuse({ line, column, message, code: 'bad_csv' });
      return;
    }
    let row: Row = {};
    for (let i = 0; i < columns.length; i++) setColumn(row, columns[i] ?? '', cells[i] ?? null);
    if (this.#lineKey) row = withLine(row, this.#lineOffset + line);
    const key = this.#key ?? LINE_COLUMN;
    try {
      checkRow(row, key);
    } catch (error) {
      this.#refuse(problemOf(error, line, columns.indexOf(key) + 1 || undefined));
      return;
    }
    this.#rows.push(row);
  }

  #readHeader({ bytes, line }: CsvRecord): void {
    const parsed = this.#grammar.parseText(bytes);
    if (!Array.isArray(parsed)) {
      this.#refuse(this.#problemOf(parsed, line));
      return;
    }
    const cells = parsed[0] ?? [];
    if (cells.length > MAX_ROW_COLUMNS) {
      throw new SseTableError(
        'bad_csv',
        `line ${line}: a header of ${cells.length} columns; at most ${MAX_ROW_COLUMNS} are allowed`,
      );
    }
    const columns = this.#nameColumns(cells, line);
    if (this.#key === undefined) {
      this.#key = chooseKey(columns);
      this.#lineKey = this.#key === LINE_COLUMN;
    }
    if (!this.#lineKey && !columns.includes(this.#key)) {
      const shown = columns.slice(0, MAX_SHOWN_COLUMNS).join(', ');
      throw new SseTableError(
        'bad_key',
        `line ${line}: the header has no key column "${this.#key}"; it has: ${shown}`,
      );
    }
    this.#columns = columns;
  }

  #nameColumns(cells: readonly string[], line: number): string[] {
    const columns = new Set<string>();
    for (const [index, name] of cells.entries()) {
      const free = freeName(name === '' ? `column_${index + 1}` : name, columns);
      columns.add(free);
      if (free === name) continue;
      const fault = name === '' ? 'has no name' : `"${name}" is there twice`;
      const message = `the header's column ${fault}; it is read as "${free}"`;
      this.#options.onProblem({ line, column: index + 1, message, code: 'bad_csv' });
    }
    return [...columns];
  }

  /** Reports a line, unless it is the header: without one no cell has a name. */
  #refuse(problem: LineProblem): void {
    if (this.#columns === undefined) {
      throw new SseTableError('bad_csv', `the header is unreadable: ${describeProblem(problem)}`);
    }
    this.#options.onProblem(problem);
  }

  #problemOf({ kind, cell }: CsvFault, line: number): LineProblem {
    const name = cell === undefined ? undefined : this.#columns?.[cell];
    const named = name === undefined ? 'a cell' : `the cell of "${name}"`;
    const messages = {
      open: `${named} has a quote that is never closed`,
      quote_inside: `${named} has a quote inside; quote the cell and double the quote`,
      text_after_quote: `${named} goes on after its closing quote`,
      not_utf8: 'not valid UTF-8',
    };
    const column = cell === undefined ? undefined : cell + 1;
    return { line, column, message: messages[kind], code: 'bad_csv' };
  }
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let n = 2; taken.has(free); n++) free = `${name}_${n}`;
  return free;
}
