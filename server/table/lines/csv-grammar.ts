/**
 * CSV's grammar (RFC 4180), by csv-parse: bytes of whole records in, cells out.
 *
 * @see SPEC 10 "CSV in"
 */
import { isUtf8 } from 'node:buffer';
import { type CastingContext, CsvError, type Options, parse } from 'csv-parse/sync';
import { type Cell, typeCell } from './csv-cell.ts';

export type Delimiter = ',' | '\t';

/** Why bytes are no CSV. */
export interface CsvFault {
  /** `open`: they end inside a quoted cell, so more of them may mend it. */
  kind: 'open' | 'quote_inside' | 'text_after_quote' | 'not_utf8';
  /** The cell, counted from 0. */
  cell: number | undefined;
}

/** Reads records parted by line feeds, each of any number of cells. */
export class CsvGrammar {
  readonly #typed: Options;
  readonly #untyped: Options;

  constructor(delimiter: Delimiter) {
    // The reader checks the number of cells itself, record by record.
    const record_delimiter = ['\r\n', '\n'];
    this.#untyped = { delimiter, record_delimiter, relax_column_count: true };
    this.#typed = { ...this.#untyped, cast };
  }

  /** The records' cells, typed; or the first fault. */
  parse(bytes: Buffer): Cell[][] | CsvFault {
    return run<Cell>(bytes, this.#typed);
  }

  /** The same as text. */
  parseText(bytes: Buffer): string[][] | CsvFault {
    return run<string>(bytes, this.#untyped);
  }
}

function run<T>(bytes: Buffer, options: Options): T[][] | CsvFault {
  if (!isUtf8(bytes)) return { kind: 'not_utf8', cell: undefined };
  try {
    return parse(bytes, options) as unknown as T[][]; // arrays, since `columns` is not set
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const cell: unknown = error.index; // csv-parse puts the place on its errors, untyped
    return { kind: kindOf(error), cell: typeof cell === 'number' ? cell : undefined };
  }
}

function kindOf(error: CsvError): CsvFault['kind'] {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'open';
  return error.code === 'CSV_INVALID_CLOSING_QUOTE' ? 'text_after_quote' : 'quote_inside';
}

/** A quoted cell is text whatever it holds, so that text that looks like a number stays text. */
function cast(text: string, { quoting }: CastingContext): Cell {
  return quoting ? text : typeCell(text);
}
