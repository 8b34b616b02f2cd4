/**
 * The body of an endless HTTP/1.1 response: the head dropped, chunk framing taken off, gzip undone.
 */
import { constants, createGunzip, type Gunzip } from 'node:zlib';

const CRLF = '\r\n';
const HEAD_END = Buffer.from('\r\n\r\n');
const NONE = Buffer.alloc(0);

/** Reads one response and gives its text, as bytes, to `onBody`. */
export class BodyReader {
  readonly #onBody: (bytes: Buffer) => void;
  #gunzip: Gunzip | undefined;
  #isHead = true;
  #isChunked = false;
  /** Bytes of the chunk still to come; its CRLF is left to the next size line. */
  #left = 0;
  #held: Buffer = NONE;

  constructor(onBody: (bytes: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** Takes what was read. The bytes are not kept beyond the call. */
  push(bytes: Buffer): void {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = NONE;
    if (this.#isHead) {
      const end = rest.indexOf(HEAD_END);
      if (end === -1) {
        this.#held = Buffer.from(rest);
        return;
      }
      this.#takeHead(rest.toString('latin1', 0, end).toLowerCase());
      rest = rest.subarray(end + HEAD_END.length);
    }
    if (this.#isChunked) this.#takeChunks(rest);
    else this.#give(rest);
  }

  #takeHead(head: string): void {
    this.#isHead = false;
    this.#isChunked = head.includes('transfer-encoding: chunked');
    if (!head.includes('content-encoding: gzip')) return;
    this.#gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH });
    this.#gunzip.on('data', this.#onBody);
  }

  #takeChunks(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#left > 0) {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        this.#give(part);
        rest = rest.subarray(part.length);
        continue;
      }
      // The CRLF of the chunk before, if any, then `<hex>CRLF`.
      const start = rest[0] === 13 ? CRLF.length : 0;
      const end = rest.indexOf(CRLF, start);
      if (end === -1) {
        this.#held = Buffer.from(rest);
        return;
      }
      this.#left = Number.parseInt(rest.toString('latin1', start, end), 16);
      rest = rest.subarray(end + CRLF.length);
    }
  }

  #give(bytes: Buffer): void {
    if (this.#gunzip === undefined) this.#onBody(bytes);
    // The caller reuses its read buffer, and gunzip is asynchronous.
    else this.#gunzip.write(Buffer.from(bytes));
  }
}
