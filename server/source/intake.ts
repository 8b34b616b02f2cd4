/**
 * Turns the pieces of a byte input into rows: tells the format, keeps the key once it is decided,
 * and goes on with the next file after a rotation.
 *
 * @see SPEC 2, 6, 10
 */
import type { LineProblem, RowReader } from '../table/lines/reader.ts';
import type { Row } from '../wire/change.ts';
import type { Piece } from './byte-input.ts';
import { createReader, type Format, formatOfLine } from './format.ts';

/** Bytes held back at most until the first line tells the format; a header is shorter. */
const MAX_SNIFF_BYTES = 64 * 1_024;

const BOM = '\ufeff';

export interface IntakeOptions {
  /** Undefined: the first line tells. */
  format: Format | undefined;
  key: string | undefined;
  maxLineBytes: number;
  onProblem: (problem: LineProblem) => void;
}

/** Takes pieces, gives rows. */
export class Intake {
  readonly #options: IntakeOptions;
  #format: Format | undefined;
  #reader: RowReader | undefined;
  /** Lines of the files before this one, so that line numbers stay unique keys. */
  #lineOffset = 0;
  /** What came before the first line was whole. */
  #held = Buffer.alloc(0);

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#format = options.format;
  }

  /** The key column; undefined until the first row has decided it. */
  get key(): string | undefined {
    return this.#reader?.key;
  }

  /** Whether the key is the line number. */
  get lineKey(): boolean {
    return this.#reader?.lineKey ?? false;
  }

  /** Appends to `rows` what is complete with this piece. */
  take(piece: Piece, rows: Row[]): void {
    if (piece === 'restart') this.#restart(rows);
    else if (this.#reader !== undefined) this.#reader.push(piece, rows);
    else this.#begin(piece, rows);
  }

  /** The input has ended: its last line need not end with a line feed. */
  end(rows: Row[]): void {
    this.#flushHeld(rows);
    this.#reader?.end(rows);
  }

  #begin(piece: Uint8Array, rows: Row[]): void {
    this.#held = Buffer.concat([this.#held, piece]);
    const line = firstLine(this.#held);
    if (this.#format === undefined && line === undefined) {
      if (this.#held.length < MAX_SNIFF_BYTES) return;
    }
    this.#flushHeld(rows);
  }

  /** Makes the reader and gives it what was held. */
  #flushHeld(rows: Row[]): void {
    if (this.#reader !== undefined || this.#held.length === 0) return;
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    this.#format ??= formatOfLine(firstLine(held) ?? held.toString().trim());
    this.#reader = this.#createReader(this.#format, this.#options.key, false);
    this.#reader.push(held, rows);
  }

  /** Another file begins: the old one's last line is complete, and CSV has a header again. */
  #restart(rows: Row[]): void {
    this.end(rows);
    const reader = this.#reader;
    if (reader === undefined || this.#format === undefined) return;
    this.#lineOffset += reader.lines;
    this.#reader = this.#createReader(
      this.#format,
      reader.key ?? this.#options.key,
      reader.lineKey,
    );
  }

  #createReader(format: Format, key: string | undefined, lineKey: boolean): RowReader {
    const { maxLineBytes, onProblem } = this.#options;
    const lineOffset = this.#lineOffset;
    return createReader(format, { key, lineKey, maxLineBytes, onProblem, lineOffset });
  }
}

/** The first line that is not blank, once it is whole. */
function firstLine(bytes: Buffer): string | undefined {
  const text = bytes.toString();
  const lines = text.split('\n').slice(0, -1);
  return lines.find((line) => line.replace(BOM, '').trim() !== '')?.replace(BOM, '');
}
