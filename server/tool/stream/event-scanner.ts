/**
 * Events in a stream's bytes, however they were cut. Texts are made only of what each event needs, so
 * that one core can read for thousands of connections.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

const LF = 10;
const CR = 13;
const COLON = 58;
const SPACE = 32;
const NUL = 0;
const BOM = Buffer.from('\uFEFF');
const NONE: Buffer = Buffer.alloc(0);
const NEWLINE = Buffer.from('\n');

/** One event; a snapshot of a large table may be in one. */
const MAX_EVENT_BYTES = 256 * 1024 * 1024;

/** An event that was dispatched. */
export interface ScannedEvent {
  /** The `data` lines with LF between; not to be kept beyond the call. */
  data: Buffer;
  /** `''` where the stream names none: a "message". */
  name: string;
  /** The last one seen so far: it stays until there is another. */
  lastEventId: string;
}

export interface ScannerHandlers {
  onEvent(event: ScannedEvent): void;
  onRetry?(ms: number): void;
  /** Each line without its end, blank ones included; not to be kept beyond the call. */
  onLine?(line: Buffer): void;
}

/** How many lines ended in what. */
export interface LineEnds {
  lf: number;
  crlf: number;
  cr: number;
}

/** Scans one stream. */
export class EventScanner {
  readonly lineEnds: LineEnds = { lf: 0, crlf: 0, cr: 0 };
  events = 0;
  /** Lines that begin with a colon. */
  comments = 0;
  lastEventId: string;
  readonly #handlers: ScannerHandlers;
  /** The beginning of a line of which the end has not come. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isAfterCr = false;
  #isFirstLine = true;
  #data: Buffer = NONE;
  #hasData = false;
  #name = '';
  #nextId: string;

  constructor(handlers: ScannerHandlers, lastEventId = '') {
    this.#handlers = handlers;
    this.lastEventId = lastEventId;
    this.#nextId = lastEventId;
  }

  /** Bytes were read of an event that is not complete. */
  get isInsideEvent(): boolean {
    return this.#hasData || this.#heldBytes > 0 || this.#name !== '';
  }

  /**
   * Takes what was read.
   * @throws {RangeError} when an event is larger than any that makes sense.
   */
  push(bytes: Buffer): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== LF && byte !== CR) {
        this.#isAfterCr = false;
        continue;
      }
      if (byte === LF && this.#isAfterCr) {
        this.#isAfterCr = false;
        this.lineEnds.cr--;
        this.lineEnds.crlf++;
        start = at + 1;
        continue;
      }
      this.#isAfterCr = byte === CR;
      if (byte === CR) this.lineEnds.cr++;
      else this.lineEnds.lf++;
      this.#takeLine(bytes, start, at);
      start = at + 1;
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start));
    // So far it lies in the reader's buffer, which may be used again.
    if (this.#hasData) this.#data = Buffer.from(this.#data);
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes + this.#data.length > MAX_EVENT_BYTES) {
      throw new RangeError(`an event is larger than ${MAX_EVENT_BYTES} bytes`);
    }
    this.#held.push(Buffer.from(part)); // the reader may use its buffer again
  }

  #takeLine(bytes: Buffer, start: number, end: number): void {
    if (this.#heldBytes > 0) {
      const line = Buffer.concat([...this.#held, bytes.subarray(start, end)]);
      this.#held = [];
      this.#heldBytes = 0;
      this.#readLine(line, 0, line.length);
      return;
    }
    this.#readLine(bytes, start, end);
  }

  #readLine(bytes: Buffer, from: number, end: number): void {
    let start = from;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (bytes.subarray(start, start + BOM.length).equals(BOM)) start += BOM.length;
    }
    this.#handlers.onLine?.(bytes.subarray(start, end));
    if (start === end) {
      this.#dispatch();
      return;
    }
    if (bytes[start] === COLON) {
      this.comments++;
      return;
    }
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon++;
    const value = bytes[colon + 1] === SPACE ? colon + 2 : colon + 1;
    this.#readField(
      bytes.toString('latin1', start, colon),
      bytes.subarray(Math.min(value, end), end),
    );
  }

  #readField(field: string, value: Buffer): void {
    switch (field) {
      case 'data':
        this.#data = this.#hasData ? Buffer.concat([this.#data, NEWLINE, value]) : value;
        this.#hasData = true;
        return;
      case 'id':
        if (!value.includes(NUL)) this.#nextId = value.toString();
        return;
      case 'event':
        this.#name = value.toString();
        return;
      case 'retry': {
        const text = value.toString('latin1');
        if (/^\d+$/.test(text)) this.#handlers.onRetry?.(Number(text));
      }
    }
  }

  #dispatch(): void {
    this.lastEventId = this.#nextId;
    if (this.#hasData) {
      this.events++;
      const { lastEventId } = this;
      this.#handlers.onEvent({ data: this.#data, name: this.#name, lastEventId });
    }
    this.#data = NONE;
    this.#hasData = false;
    this.#name = '';
  }
}
