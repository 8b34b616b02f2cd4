/**
 * A client as simple and as strict as can be: it reads events with an independent parser, keeps rows
 * in a Map, and objects to whatever the protocol promises never to do.
 */
import { constants, gunzipSync } from 'node:zlib';
import { createParser } from 'eventsource-parser';
import type { Channel } from '../../server/stream/channel.ts';
import type { Sink } from '../../server/stream/sink.ts';
import type { Subscriber } from '../../server/stream/subscriber.ts';
import type { Change, Row } from '../../server/wire/change.ts';
import type { StreamEvent } from '../../server/wire/event.ts';

/** Applies events to rows. */
export class ModelRows {
  readonly rows = new Map<string, Row>();
  readonly events: StreamEvent[] = [];
  lastEventId: string | undefined;
  readonly #key: string;
  #loading = false;

  constructor(key: string) {
    this.#key = key;
  }

  /** Applies one event. @throws {Error} where the stream breaks its promises. */
  take(event: StreamEvent, id: string | undefined): void {
    this.events.push(event);
    if (id !== undefined) this.lastEventId = id === '' ? undefined : id;
    switch (event.type) {
      case 'init':
        this.rows.clear();
        this.#loading = event.more;
        if (event.more !== (id === ''))
          throw new Error('a chunked init clears the id, a whole one has its own');
        this.#upsert(event.data);
        break;
      case 'rows':
        if (!this.#loading || id !== undefined)
          throw new Error('rows belong to a chunked snapshot');
        this.#upsert(event.data);
        break;
      case 'ready':
        if (!this.#loading || id === undefined) throw new Error('ready ends a chunked snapshot');
        if (this.rows.size !== event.total)
          throw new Error(`${this.rows.size} of ${event.total} rows`);
        this.#loading = false;
        break;
      case 'sync':
        this.#upsert(event.data);
        for (const key of event.deleted) this.rows.delete(String(key));
        break;
      case 'batch':
        for (const change of event.changes) this.#apply(change);
        break;
      case 'batch_update':
        this.#upsert(event.data);
        break;
      case 'add':
      case 'update':
      case 'delete':
        this.#apply(event);
        break;
      default:
    }
  }

  /** The rows as JSON, ordered by key, for comparing. */
  text(): string {
    return canonical(this.rows.values(), this.#key);
  }

  #upsert(rows: readonly Row[]): void {
    for (const row of rows) this.rows.set(String(row[this.#key]), row);
  }

  #apply(change: Change): void {
    if (this.#loading) throw new Error('a change inside a snapshot');
    const id = String(change.data[this.#key]);
    const held = this.rows.get(id);
    if (change.type === 'delete') {
      if (held === undefined) throw new Error(`delete of ${id}, which is not held`);
      this.rows.delete(id);
    } else if (change.type === 'add') {
      if (held !== undefined) throw new Error(`add of ${id}, which is held`);
      this.rows.set(id, change.data);
    } else {
      if (held === undefined) throw new Error(`update of ${id}, which is not held`);
      const merged = { ...held, ...change.data };
      for (const column of change.removed ?? []) delete merged[column];
      this.rows.set(id, merged);
    }
  }
}

/** Rows as JSON with columns and rows in a fixed order. */
export function canonical(rows: Iterable<Row>, key: string): string {
  return Array.from(rows)
    .sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1))
    .map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .join('\n');
}

/** A sink whose reader takes as many bytes as the test says. */
export class ScriptedSink implements Sink {
  readonly chunked = false;
  isEnded = false;
  isDestroyed = false;
  maxPending = 0;
  readonly #onBytes: (bytes: Buffer) => void;
  readonly #highWaterMark: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isFull = false;

  constructor(onBytes: (bytes: Buffer) => void, highWaterMark = 1_000) {
    this.#onBytes = onBytes;
    this.#highWaterMark = highWaterMark;
  }

  write(bytes: Buffer): boolean {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.maxPending = Math.max(this.maxPending, this.#pendingBytes);
    this.#isFull = this.#pendingBytes >= this.#highWaterMark;
    return !this.#isFull;
  }

  pendingBytes(): number {
    return this.#pendingBytes;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** The reader takes up to `bytes`. @returns true when the writer is to be told to go on. */
  read(bytes: number): boolean {
    let left = bytes;
    while (left > 0) {
      const first = this.#pending[0];
      if (first === undefined) break;
      const part = first.subarray(0, left);
      left -= part.length;
      this.#pendingBytes -= part.length;
      if (part.length === first.length) this.#pending.shift();
      else this.#pending[0] = first.subarray(part.length);
      this.#onBytes(part);
    }
    if (!this.#isFull || this.#pendingBytes > 0) return false;
    this.#isFull = false;
    return true;
  }
}

/** A model client that connects, reads at its own pace, drops and resumes. */
export class ModelClient {
  readonly model: ModelRows;
  sink: ScriptedSink | undefined;
  readonly #channel: () => Channel;
  readonly #gzip: boolean;
  #joined: Channel | undefined;
  #subscriber: Subscriber | undefined;

  constructor(channel: () => Channel, key: string, gzip = false) {
    this.#channel = channel;
    this.#gzip = gzip;
    this.model = new ModelRows(key);
  }

  get isConnected(): boolean {
    return this.#subscriber !== undefined;
  }

  connect(highWaterMark?: number): void {
    const parser = createParser({
      onEvent: ({ data, id }) => this.model.take(JSON.parse(data), id),
      onError: (error) => {
        throw error;
      },
    });
    const gzip = this.#gzip;
    const decode = gzip ? gunzipper() : textDecoder();
    this.sink = new ScriptedSink((bytes) => parser.feed(decode(bytes)), highWaterMark);
    const { lastEventId } = this.model;
    this.#joined = this.#channel();
    this.#subscriber = this.#joined.join(this.sink, { lastEventId, gzip });
  }

  read(bytes: number): void {
    if (this.sink?.read(bytes) === true) this.#subscriber?.drained();
  }

  disconnect(): void {
    if (this.#subscriber !== undefined) this.#joined?.leave(this.#subscriber);
    this.#subscriber = undefined;
    this.sink = undefined;
  }
}

/** Decodes UTF-8 cut anywhere. */
function textDecoder(): (bytes: Buffer) => string {
  const decoder = new TextDecoder();
  return (bytes) => decoder.decode(bytes, { stream: true });
}

/** Decodes gzip cut anywhere: slowly, from the start each time, so that zlib can be asked synchronously. */
function gunzipper(): (bytes: Buffer) => string {
  const decode = textDecoder();
  let packed: Buffer = Buffer.alloc(0);
  let done = 0;
  return (bytes) => {
    packed = Buffer.concat([packed, bytes]);
    const plain = gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
    const fresh = plain.subarray(done);
    done = plain.length;
    return decode(fresh);
  };
}
