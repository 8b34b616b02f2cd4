/**
 * One HTTP/1 response as it came over the wire: its head, and its body without the chunks' framing.
 *
 * node:http would mend what a checker has to see, and costs each of a load test's connections a
 * parser, a request and a response.
 *
 * @see RFC 9112
 */

const LF = 10;
const CR = 13;
const HEAD_END = Buffer.from('\r\n\r\n');
const NONE: Buffer = Buffer.alloc(0);

/** Node's own limit is 16 KiB; a checker looks at what others send, too. */
const MAX_HEAD_BYTES = 64 * 1024;

/** A chunk's size in hexadecimal, and what few senders write after it. */
const MAX_SIZE_LINE_BYTES = 1_024;

/** Statuses that end with their head. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

export interface ResponseHead {
  version: '1.0' | '1.1';
  status: number;
  /** By name in lower case; of several of a name, the values with commas between. */
  headers: ReadonlyMap<string, string>;
}

export interface ResponseHandlers {
  onHead(head: ResponseHead): void;
  /** Bytes of the body; not to be kept beyond the call. */
  onBody(bytes: Buffer): void;
  /** The body is complete. */
  onEnd(): void;
}

/** What was received is not an HTTP/1 response. */
export class NotHttp extends Error {
  override readonly name = 'NotHttp';
}

/** Where in the response the next byte belongs. */
type Place = 'head' | 'size' | 'chunk' | 'chunkEnd' | 'trailer' | 'length' | 'untilClose' | 'over';

/** Reads one response, however it was cut. */
export class ResponseReader {
  readonly #handlers: ResponseHandlers;
  readonly #isHeadRequest: boolean;
  #place: Place = 'head';
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0;
  #held = NONE;

  constructor(handlers: ResponseHandlers, isHeadRequest = false) {
    this.#handlers = handlers;
    this.#isHeadRequest = isHeadRequest;
  }

  /** Complete: what comes now belongs to no response of ours. */
  get isOver(): boolean {
    return this.#place === 'over';
  }

  /**
   * Takes what was read.
   * @throws {NotHttp}
   */
  push(bytes: Buffer): void {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = NONE;
    while (rest.length > 0 && this.#place !== 'over') {
      const used = this.#take(rest);
      if (used === 0) {
        this.#held = Buffer.from(rest); // the reader may use its buffer again
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** The connection was closed. @returns whether the response was complete by that. */
  close(): boolean {
    if (this.#place === 'untilClose') this.#finish();
    return this.#place === 'over';
  }

  /** @returns how many bytes were used; 0 where more are needed. */
  #take(bytes: Buffer): number {
    switch (this.#place) {
      case 'head':
        return this.#takeHead(bytes);
      case 'size':
        return this.#takeSize(bytes);
      case 'chunkEnd':
        return this.#takeLine(bytes, (line) => {
          if (line !== '') throw new NotHttp('a chunk is longer than it says');
          this.#place = 'size';
        });
      case 'trailer':
        return this.#takeLine(bytes, (line) => {
          if (line === '') this.#finish();
        });
      case 'chunk':
      case 'length': {
        const part = bytes.subarray(0, this.#left);
        this.#left -= part.length;
        const isLast = this.#left === 0;
        const isChunk = this.#place === 'chunk';
        if (isLast && isChunk) this.#place = 'chunkEnd';
        this.#handlers.onBody(part);
        if (isLast && !isChunk) this.#finish();
        return part.length;
      }
      default:
        this.#handlers.onBody(bytes);
        return bytes.length;
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END);
    const isTooLong = end === -1 && bytes.length > MAX_HEAD_BYTES;
    if (isTooLong || !'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 'HTTP/1.'.length))) {
      throw new NotHttp(
        `not an HTTP/1 response: ${JSON.stringify(bytes.toString('latin1', 0, 40))}`,
      );
    }
    if (end === -1) return 0;
    const head = readHead(bytes.toString('latin1', 0, end));
    // 1xx is a word in between; the response is still to come.
    if (head.status >= 200) this.#enterBody(head);
    return end + HEAD_END.length;
  }

  #enterBody(head: ResponseHead): void {
    const length = head.headers.get('content-length');
    if (this.#isHeadRequest || BODILESS.has(head.status) || length === '0') this.#place = 'over';
    else if (/\bchunked\s*$/i.test(head.headers.get('transfer-encoding') ?? ''))
      this.#place = 'size';
    else if (length !== undefined && /^\d+$/.test(length)) {
      this.#place = 'length';
      this.#left = Number(length);
    } else this.#place = 'untilClose';
    const { isOver } = this;
    this.#handlers.onHead(head);
    if (isOver) this.#handlers.onEnd();
  }

  #takeSize(bytes: Buffer): number {
    return this.#takeLine(bytes, (line) => {
      const [digits = ''] = /^[\da-f]{1,13}(?=\s*(;|$))/i.exec(line) ?? [];
      if (digits === '') throw new NotHttp(`not the size of a chunk: ${JSON.stringify(line)}`);
      this.#left = Number.parseInt(digits, 16);
      this.#place = this.#left === 0 ? 'trailer' : 'chunk';
    });
  }

  #takeLine(bytes: Buffer, take: (line: string) => void): number {
    const end = bytes.indexOf(LF);
    if (end === -1) {
      if (bytes.length > MAX_SIZE_LINE_BYTES) throw new NotHttp('a chunk has no size');
      return 0;
    }
    take(bytes.toString('latin1', 0, bytes[end - 1] === CR ? end - 1 : end));
    return end + 1;
  }

  #finish(): void {
    this.#place = 'over';
    this.#handlers.onEnd();
  }
}

function readHead(text: string): ResponseHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, version, status] = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(first) ?? [];
  if (version !== '1.0' && version !== '1.1') throw new NotHttp(`not a status line: ${first}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new NotHttp(`not a header: ${JSON.stringify(line)}`);
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { version, status: Number(status), headers };
}
