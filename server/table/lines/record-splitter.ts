/**
 * Joins lines to CSV records, since a quoted cell may span lines, and recovers where a quote is
 * wrong: only the line at fault is lost, however much the quote seemed to swallow.
 *
 * @see SPEC 6 "a malformed line is reported with its number and skipped"
 */
import type { CsvGrammar } from './csv-grammar.ts';
import { beforeCr, isBlank } from './line-splitter.ts';

const QUOTE = 34;

const LF = Buffer.from('\n');

/** A record's bytes, without the line ending after it, and its first line. */
export interface CsvRecord {
  bytes: Buffer;
  line: number;
}

export interface RecordHandler {
  /** A record, or what cannot become one. Its bytes may be the chunk's: valid during the push. */
  onRecord(record: CsvRecord): void;
}

/** Takes lines, gives records. */
export class RecordSplitter {
  readonly #grammar: CsvGrammar;
  readonly #maxRecordBytes: number;
  readonly #handler: RecordHandler;
  /** Lines of the record whose quote is still open. */
  #open: CsvRecord[] = [];
  #openBytes = 0;

  constructor(grammar: CsvGrammar, maxRecordBytes: number, handler: RecordHandler) {
    this.#grammar = grammar;
    this.#maxRecordBytes = maxRecordBytes;
    this.#handler = handler;
  }

  /** One line: a record, the beginning of one, or more of the one that is open. */
  push(line: CsvRecord): void {
    if (this.#open.length === 0 && isBlank(line.bytes, 0, line.bytes.length)) return;
    // Quotes come in pairs but where a line opens or closes a cell that spans lines.
    const isTurning = countQuotes(line.bytes) % 2 === 1;
    if (this.#open.length > 0) {
      this.#pushMore(line, isTurning);
    } else if (isTurning && this.#isOpening(line)) {
      this.#open.push(copyOf(line)); // the chunk may be reused before the record is complete
      this.#openBytes = line.bytes.length;
    } else {
      this.#emit(line);
    }
  }

  /** No more lines belong to the open record. */
  end(): void {
    while (this.#open.length > 0) this.#giveUp();
  }

  #pushMore(line: CsvRecord, isTurning: boolean): void {
    this.#open.push(copyOf(line));
    this.#openBytes += LF.length + line.bytes.length;
    if (this.#openBytes > this.#maxRecordBytes) {
      this.#giveUp();
    } else if (isTurning) {
      const record = joinRecords(this.#open);
      if (Array.isArray(this.#grammar.parseText(withoutCr(record.bytes)))) {
        this.#open = [];
        this.#emit(record);
      } else {
        this.#giveUp();
      }
    }
  }

  #isOpening(line: CsvRecord): boolean {
    const parsed = this.#grammar.parseText(line.bytes);
    return !Array.isArray(parsed) && parsed.kind === 'open';
  }

  /**
   * The open record cannot be one: its first line is at fault, those after it are read afresh.
   * By parity at most one of them opens again, so no line is read more than twice.
   */
  #giveUp(): void {
    const [first, ...rest] = this.#open;
    this.#open = [];
    if (first !== undefined) this.#emit(first);
    for (const line of rest) this.push(line);
  }

  #emit({ bytes, line }: CsvRecord): void {
    this.#handler.onRecord({ bytes: withoutCr(bytes), line });
  }
}

/** The records' bytes, one line feed between. */
export function joinRecords(records: readonly CsvRecord[]): CsvRecord {
  const parts: Buffer[] = [];
  for (const { bytes } of records) parts.push(bytes, LF);
  parts.pop();
  return { bytes: Buffer.concat(parts), line: records[0]?.line ?? 0 };
}

function countQuotes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}

function withoutCr(bytes: Buffer): Buffer {
  return bytes.subarray(0, beforeCr(bytes, 0, bytes.length));
}

function copyOf({ bytes, line }: CsvRecord): CsvRecord {
  return { bytes: Buffer.from(bytes), line };
}
