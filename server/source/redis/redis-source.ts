/**
 * A Redis stream as a Source: its entries once, then each new one, resumed from the last id.
 *
 * Where an entry is a row of its own, entries that are trimmed leave the table. With `--key` the
 * stream is a log of a keyed table: each entry replaces the row of its key, and trimming changes nothing.
 *
 * @see SPEC 2, 6 "Redis", 10
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import { pause } from '../../base/pause.ts';
import type { Random } from '../../base/random.ts';
import { backoffMs } from '../../base/retry.ts';
import type { Writer } from '../../table/writer.ts';
import type { Change } from '../../wire/change.ts';
import { Lag } from '../lag.ts';
import type { Batch, Source, SourceContext, SourceLag, TableSpec } from '../source.ts';
import { RedisConnection } from './redis-connection.ts';
import {
  compareIds,
  ENTRY_KEY,
  readEntries,
  readInfo,
  readXread,
  type StreamEntry,
  type StreamInfo,
} from './stream-entries.ts';

/** Entries of one page, and of one batch. */
const PAGE_ENTRIES = 1_000;

/** XREAD waits as long for news; then it is looked whether entries were trimmed. */
const BLOCK_MS = 250;

/** Waits between tries to connect. */
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 5_000;

/** Before every id. */
const NO_ID = '0-0';

export interface RedisSourceOptions {
  /** For the client, without our own parameters. */
  url: string;
  /** For people: the server and the stream, without a password. */
  label: string;
  stream: string;
  table: string;
  /** `--key`: a field of the entries. */
  key: string | undefined;
  clock: Clock;
  random: Random;
}

/** Serves one stream. */
export class RedisSource implements Source {
  readonly name: string;
  readonly #options: RedisSourceOptions;
  /** Held entries that are rows of their own, oldest first. */
  #ids: string[] = [];
  /** Undefined: nothing has been loaded, or what was loaded is no more. */
  #lastId: string | undefined;
  /** Entries ever added to the stream: up to the one read last, and up to its end. */
  #added = { read: 0, there: 0 };
  readonly #lag: Lag;
  #down: string | undefined = 'it is being connected to';
  #keyless = 0;

  constructor(options: RedisSourceOptions) {
    this.name = `redis ${options.label}`;
    this.#options = options;
    this.#lag = new Lag(options.clock);
  }

  get lag(): SourceLag {
    return this.#lag.measure(Math.max(0, this.#added.there - this.#added.read));
  }

  get down(): string | undefined {
    return this.#down;
  }

  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const { clock, random, url } = this.#options;
    const { signal } = context;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        using connection = await RedisConnection.open(url, clock);
        using _ = onAbort(signal, () => connection[Symbol.dispose]());
        for await (const batch of this.#follow(connection, context, open)) {
          if (signal.aborted) return;
          if (batch.changes.length > 0 || batch.whole !== undefined) yield batch;
          if (this.#down !== undefined) context.report({ level: 'info', message: 'connected' });
          this.#down = undefined;
          attempt = 0;
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#lag.fellBehind();
        const reason = error instanceof Error ? error.message || error.name : String(error);
        const isNew = this.#down !== reason;
        this.#down = reason;
        if (isNew) context.report({ level: 'warn', message: `${reason}; trying until it works` });
        await pause(clock, backoffMs(attempt, RETRY_BASE_MS, RETRY_MAX_MS, random), signal);
      }
    }
  }

  async *#follow(
    connection: RedisConnection,
    context: SourceContext,
    open: (spec: TableSpec) => void,
  ): AsyncGenerator<Batch> {
    const { stream, table } = this.#options;
    while (!context.signal.aborted) {
      const info = await this.#info(connection);
      // Ids only grow: with a smaller one the stream was made anew, or another server's is behind.
      this.#added.there = info.added;
      if (this.#lastId === undefined || compareIds(info.lastId, this.#lastId) < 0) {
        this.#lag.fellBehind();
        this.#added.read = info.added - info.length;
        yield* this.#load(connection, context, open);
        continue;
      }
      const deletes = this.#trimmed(info);
      for (let start = 0; start < deletes.length; start += PAGE_ENTRIES) {
        yield { table, changes: deletes.slice(start, start + PAGE_ENTRIES) };
      }
      // XDEL takes entries out of the middle: then all are compared.
      if (this.#ids.length > info.length) {
        this.#lastId = undefined;
        continue;
      }
      if (info.lastId === this.#lastId) {
        this.#added.read = info.added;
        this.#lag.caughtUp();
      } else this.#lag.fellBehind();
      const count = String(PAGE_ENTRIES);
      const from = ['STREAMS', stream, this.#lastId];
      const reply = await connection.command(
        ['XREAD', 'COUNT', count, 'BLOCK', String(BLOCK_MS), ...from],
        BLOCK_MS,
      );
      yield this.#toBatch(readXread(reply, this.#options.key), context);
    }
  }

  /** All entries there are; what else the table holds leaves it. */
  async *#load(
    connection: RedisConnection,
    context: SourceContext,
    open: (spec: TableSpec) => void,
  ): AsyncGenerator<Batch> {
    const { stream, table, key } = this.#options;
    this.#lastId = undefined;
    this.#ids = [];
    const spec = { name: table, key: key ?? ENTRY_KEY, append: key === undefined };
    open({ ...spec, loads: true, writer: REFUSING });
    let lastId = NO_ID;
    for (;;) {
      const from = lastId === NO_ID ? '-' : `(${lastId}`;
      const count = String(PAGE_ENTRIES);
      const reply = await connection.command(['XRANGE', stream, from, '+', 'COUNT', count]);
      const entries = readEntries(reply, key);
      yield { ...this.#toBatch(entries, context), whole: 'part' };
      lastId = entries.at(-1)?.id ?? lastId;
      if (entries.length < PAGE_ENTRIES) break;
    }
    yield { table, changes: [], whole: 'last' };
    this.#lastId = lastId;
  }

  #toBatch(entries: readonly StreamEntry[], context: SourceContext): Batch {
    const { table, key } = this.#options;
    const changes: Change[] = [];
    this.#added.read += entries.length;
    for (const { id, row } of entries) {
      if (key === undefined) this.#ids.push(id);
      if (row !== undefined) changes.push({ type: 'add', data: row });
      else if (this.#keyless++ === 0) {
        const message = `entry ${id} has no field "${key}", which --key names; such are skipped`;
        context.report({ level: 'warn', message });
      }
    }
    if (this.#lastId !== undefined) this.#lastId = entries.at(-1)?.id ?? this.#lastId;
    return { table, changes };
  }

  /** Deletes of rows whose entries are no more in the stream. */
  #trimmed({ firstId }: StreamInfo): Change[] {
    if (this.#options.key !== undefined) return [];
    let gone = 0;
    while (gone < this.#ids.length) {
      const id = this.#ids[gone];
      if (id === undefined || (firstId !== undefined && compareIds(id, firstId) >= 0)) break;
      gone++;
    }
    if (gone === 0) return [];
    const ids = this.#ids.slice(0, gone);
    this.#ids = this.#ids.slice(gone);
    return ids.map((id) => ({ type: 'delete', data: { [ENTRY_KEY]: id } }));
  }

  async #info(connection: RedisConnection): Promise<StreamInfo> {
    try {
      return readInfo(await connection.command(['XINFO', 'STREAM', this.#options.stream]));
    } catch (error) {
      const isAbsent = error instanceof Error && error.message.includes('no such key');
      if (isAbsent) return { length: 0, firstId: undefined, lastId: NO_ID, added: 0 };
      throw error;
    }
  }
}

/** HTTP writes do not reach Redis. */
const REFUSING: Writer = {
  write() {
    const message = 'this table is a Redis stream; write to it with XADD';
    return Promise.reject(new SseTableError('read_only', message));
  },
};

function onAbort(signal: AbortSignal, fn: () => void): Disposable {
  signal.addEventListener('abort', fn);
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', fn) };
}
