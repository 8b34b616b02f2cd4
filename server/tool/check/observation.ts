/**
 * What one connection showed: the head, each event with its time, and what was odd about the lines.
 */
import { isUtf8 } from 'node:buffer';
import { constants, createGunzip, type Gunzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import { Connection, type ConnectionHandlers } from '../stream/connection.ts';
import { EventScanner, type ScannedEvent, type ScannerHandlers } from '../stream/event-scanner.ts';
import type { Failure } from '../stream/failure.ts';
import type { ResponseHead } from '../stream/response-reader.ts';
import { type RequestParts, requestText, type Target } from '../stream/target.ts';

/** What is kept of a stream: a flood is judged by its beginning. */
const MAX_EVENTS = 10_000;
const MAX_READS = 10_000;

const MAX_DATA_CHARS = 16 * 1024;

const FIELDS: ReadonlySet<string> = new Set(['data', 'id', 'event', 'retry', '']);

export interface SeenEvent {
  /** Since the request. */
  atMs: number;
  data: string;
  name: string;
  /** Undefined where the event has none of its own. */
  id: string | undefined;
  /** Events of one read came together. */
  read: number;
}

export interface SeenRead {
  atMs: number;
  /** It ended in the middle of an event. */
  isPartial: boolean;
}

export interface ObserveOptions {
  clock: Clock;
  insecure: boolean;
  signal: AbortSignal;
  forMs: number;
  /** Stops sooner; asked after the head and after each read. */
  until?: (seen: Observation) => boolean;
}

export class Observation implements ConnectionHandlers, ScannerHandlers {
  head: ResponseHead | undefined;
  headMs = 0;
  failure: Failure | undefined;
  /** The server ended the response. */
  isOver = false;
  watchedMs = 0;
  readonly events: SeenEvent[] = [];
  readonly reads: SeenRead[] = [];
  /** Since the request, each. */
  readonly commentsMs: number[] = [];
  readonly retries: string[] = [];
  readonly strangeFields = new Set<string>();
  readonly ids = { longest: 0, withNul: 0, notAscii: 0 };
  badUtf8 = 0;
  isEndPartial = false;
  readonly scanner = new EventScanner(this);
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #onChange: () => void;
  #gunzip: Gunzip | undefined;
  #hasId = false;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#startedAtMs = clock.now();
    this.#onChange = onChange;
  }

  get atMs(): number {
    return this.#clock.now() - this.#startedAtMs;
  }

  header(name: string): string | undefined {
    return this.head?.headers.get(name);
  }

  get isStream(): boolean {
    return this.head?.status === 200 && isEventStream(this.header('content-type'));
  }

  onHead(head: ResponseHead): void {
    this.head = head;
    this.headMs = this.atMs;
    if (head.headers.get('content-encoding') === 'gzip') {
      this.#gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH });
      this.#gunzip.on('data', (bytes: Buffer) => this.#scan(bytes));
      this.#gunzip.on('error', ({ message }) => {
        this.failure = { kind: 'not gzip', message };
      });
    }
    this.#onChange();
  }

  onBody(bytes: Buffer): void {
    if (this.#gunzip === undefined) this.#scan(bytes);
    else this.#gunzip.write(Buffer.from(bytes));
  }

  #scan(bytes: Buffer): void {
    this.scanner.push(bytes);
    if (this.reads.length < MAX_READS) {
      this.reads.push({ atMs: this.atMs, isPartial: this.scanner.isInsideEvent });
    }
    this.#onChange();
  }

  onLine(line: Buffer): void {
    if (!isUtf8(line)) this.badUtf8++;
    if (line[0] === 0x3a) {
      if (this.commentsMs.length < MAX_EVENTS) this.commentsMs.push(this.atMs);
      return;
    }
    const text = line.toString('latin1');
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(text) ?? [];
    if (!FIELDS.has(field) && this.strangeFields.size < 10) this.strangeFields.add(field);
    if (field === 'retry') this.retries.push(value);
    if (field !== 'id') return;
    this.#hasId = true;
    this.ids.longest = Math.max(this.ids.longest, value.length);
    if (value.includes('\0')) this.ids.withNul++;
    if (/[^\x20-\x7e]/.test(value.replaceAll('\0', ''))) this.ids.notAscii++;
  }

  onEvent({ data, name, lastEventId }: ScannedEvent): void {
    const id = this.#hasId ? lastEventId : undefined;
    this.#hasId = false;
    if (this.events.length >= MAX_EVENTS) return;
    const text = data.toString('utf8', 0, Math.min(data.length, MAX_DATA_CHARS));
    this.events.push({ atMs: this.atMs, data: text, name, id, read: this.reads.length });
  }

  onEnd(): void {
    this.isOver = true;
    this.isEndPartial = this.scanner.isInsideEvent;
    this.#onChange();
  }

  onFailure(failure: Failure): void {
    this.failure = failure;
    this.#onChange();
  }
}

export function isEventStream(type: string | undefined): boolean {
  return /^text\/event-stream\s*(;|$)/i.test(type ?? '');
}

/** Opens a connection of its own and watches it. */
export function observe(
  target: Target,
  parts: RequestParts,
  { clock, insecure, signal, forMs, until }: ObserveOptions,
): Promise<Observation> {
  return new Promise((resolve) => {
    const isFinal = (): boolean =>
      seen.isOver || seen.failure !== undefined || until?.(seen) === true;
    const seen = new Observation(clock, () => {
      if (isFinal()) finish();
    });
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      seen.watchedMs = seen.atMs;
      connection.close();
      resolve(seen);
    };
    const cancel = clock.after(forMs, finish);
    const isHeadRequest = parts.method === 'HEAD';
    const options = { clock, insecure, isHeadRequest };
    const connection = new Connection(target, requestText(target, parts), seen, options);
    signal.addEventListener('abort', finish);
  });
}
