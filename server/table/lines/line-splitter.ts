/**
 * Cuts a stream of bytes into lines at LF, whatever the chunks, holding at most one partial line.
 * Only the byte 10 ends a line: never U+2028, U+0085 or a lone CR.
 *
 * @see SPEC 6, 10
 */

const LF = 10;

const CR = 13;

/** The byte order mark that some editors put before UTF-8. */
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

export interface LineHandler {
  /** One line: `bytes` from `start` to before `end`, without its LF. Valid only during the call. */
  onLine(bytes: Buffer, start: number, end: number, line: number): void;
  /** A line of more than `maxLineBytes` bytes; only its `beginning` is kept, of that length. */
  onTooLong(line: number, beginning: Buffer): void;
}

/** Splits lines. Lines are counted from 1. */
export class LineSplitter {
  readonly #maxLineBytes: number;
  readonly #handler: LineHandler;
  #line = 1;
  /** The beginning of a line whose end has not come. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isSkipping = false;

  constructor(maxLineBytes: number, handler: LineHandler) {
    this.#maxLineBytes = maxLineBytes;
    this.#handler = handler;
  }

  /** Lines ended so far. */
  get lines(): number {
    return this.#line - 1;
  }

  /** Bytes of the line whose end has not come. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    let lf = bytes.indexOf(LF);
    if (lf !== -1 && (this.#heldBytes > 0 || this.#isSkipping)) {
      this.#hold(bytes.subarray(0, lf));
      this.#endHeld();
      start = lf + 1;
      lf = bytes.indexOf(LF, start);
    }
    while (lf !== -1) {
      this.#emit(bytes, start, lf);
      start = lf + 1;
      lf = bytes.indexOf(LF, start);
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
  }

  /** The input has ended: what is held is the last line. */
  end(): void {
    if (this.#heldBytes > 0 || this.#isSkipping) this.#endHeld();
  }

  #hold(part: Buffer): void {
    if (this.#isSkipping || part.length === 0) return;
    // The mark before the first line is not of it, so it does not count.
    const room = this.#maxLineBytes + (this.#line === 1 ? BOM.length : 0) - this.#heldBytes;
    this.#isSkipping = part.length > room;
    const kept = part.subarray(0, room);
    this.#heldBytes += kept.length;
    this.#held.push(Buffer.from(kept)); // a copy: the caller may reuse its chunk
  }

  #endHeld(): void {
    const bytes = Buffer.concat(this.#held, this.#heldBytes);
    const isTooLong = this.#isSkipping;
    this.#isSkipping = false;
    this.#held = [];
    this.#heldBytes = 0;
    this.#emit(bytes, 0, bytes.length, isTooLong);
  }

  /** @param isTooLong whether more of the line was left out. */
  #emit(bytes: Buffer, start: number, end: number, isTooLong = false): void {
    const line = this.#line++;
    const from = line === 1 ? afterBom(bytes, start, end) : start;
    if (isTooLong || end - from > this.#maxLineBytes) {
      this.#handler.onTooLong(line, bytes.subarray(from, from + this.#maxLineBytes));
    } else this.#handler.onLine(bytes, from, end, line);
  }
}

/** `end` without a CR before it. */
export function beforeCr(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}

/** Whether the line is empty, or white space only. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x09 && byte !== CR) return false;
  }
  return true;
}

function afterBom(bytes: Buffer, start: number, end: number): number {
  const hasBom = end - start >= BOM.length && bytes.compare(BOM, 0, 3, start, start + 3) === 0;
  return hasBom ? start + BOM.length : start;
}
