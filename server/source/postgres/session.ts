/**
 * Connections to PostgreSQL: one dedicated to LISTEN, and a small pool for rows and writes.
 *
 * @see SPEC 6 "one dedicated connection for all clients"
 */
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import type { Client, ClientConfig, Pool, PoolClient, QueryArrayResult } from 'pg';
import { SseTableError } from '../../base/errors.ts';
import { withSocket } from './socket-url.ts';

/** Connections for rows and writes: a load or a write each; more would only queue in the database. */
const POOL_SIZE = 4;

/** A server that does not answer within this is away. */
const CONNECT_TIMEOUT_MS = 10_000;

/** One statement on rows: a page of a load, a write. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** One statement on the dedicated connection; it is small, so silence means that the line is cut. */
const WATCH_TIMEOUT_MS = 5_000;

/** Statements prepared on each connection; past it they are parsed each time. */
const MAX_PREPARED = 200;

/** Texts of values must not depend on the database's or the role's settings. */
const SETTINGS = [
  "SET TimeZone = 'UTC'",
  "SET DateStyle = 'ISO, YMD'",
  "SET IntervalStyle = 'postgres'",
  'SET extra_float_digits = 1',
  "SET bytea_output = 'hex'",
].join('; ');

/**
 * For the dedicated connection: an outbox grows faster than its statistics, and by those the planner
 * would read 100,000 entries at each look to find the few that are new: 25 ms instead of less than one.
 */
const WATCH_SETTINGS = `${SETTINGS}; SET enable_seqscan = off`;

const PASSWORD_HINT =
  'the server asks for a password: give it in the URL, postgres://user:password@host/database, or in PGPASSWORD';

/** A row of texts, as PostgreSQL wrote them. */
export type TextRow = (string | null)[];

/** What runs a statement. */
export interface Queryable {
  /** Values are passed apart from the text; a statement is prepared once for each connection. */
  query(text: string, values?: readonly unknown[]): Promise<TextRow[]>;
}

/** The connections of one source. */
export class PostgresSession implements Queryable, Disposable {
  readonly #watcher: Client;
  readonly #pool: Pool;
  readonly #sockets: Set<Socket>;
  readonly #prepared = new Set<string>();

  private constructor(watcher: Client, pool: Pool, sockets: Set<Socket>) {
    this.#watcher = watcher;
    this.#pool = pool;
    this.#sockets = sockets;
  }

  /**
   * Connects. `onWake` is called with the channel of each notification, `onLost` when it is cut; a
   * statement on the dedicated connection may take `timeoutMs`.
   */
  static async connect(
    url: string,
    handlers: {
      onWake: (channel: string) => void;
      onLost: (error: Error) => void;
      timeoutMs?: number | undefined;
    },
  ): Promise<PostgresSession> {
    const { default: pg } = await import('pg');
    const sockets = new Set<Socket>();
    const config: ClientConfig = {
      connectionString: withSocket(url, new pg.Client({ connectionString: url })),
      application_name: 'sse-table',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      types: { getTypeParser: () => (text: string) => text },
      // Ours, so that they can be cut: a dead line never answers a polite goodbye.
      stream: () => {
        const socket = new Socket();
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        return socket;
      },
    };
    const watcher = new pg.Client({
      ...config,
      query_timeout: handlers.timeoutMs ?? WATCH_TIMEOUT_MS,
    });
    watcher.on('error', handlers.onLost);
    watcher.on('end', () => handlers.onLost(new Error('the connection was closed')));
    watcher.on('notification', ({ channel }) => handlers.onWake(channel));
    try {
      await watcher.connect();
      await watcher.query(WATCH_SETTINGS);
    } catch (error) {
      mute(watcher);
      cut(sockets);
      throw asksForPassword(error) ? new Error(PASSWORD_HINT, { cause: error }) : error;
    }
    const pool = new pg.Pool({
      ...config,
      max: POOL_SIZE,
      query_timeout: STATEMENT_TIMEOUT_MS,
      idleTimeoutMillis: 60_000, // a quiet table keeps only the dedicated one
      onConnect: async (client) => {
        client.on('error', () => undefined); // while it is in use, its statement tells
        await client.query(SETTINGS);
      },
    });
    pool.on('error', () => undefined); // an idle one was cut: it has left the pool, and onLost tells
    return new PostgresSession(watcher, pool, sockets);
  }

  /** Runs a statement on the dedicated connection, within WATCH_TIMEOUT_MS. One at a time. */
  query(text: string, values: readonly unknown[] = []): Promise<TextRow[]> {
    return this.#run(this.#watcher, text, values);
  }

  /** Runs `work` on a connection of the pool. What it throws closes that connection. */
  async use<T>(work: (client: Queryable) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let isDone = false;
    try {
      const result = await work({ query: (text, values = []) => this.#run(client, text, values) });
      isDone = true;
      return result;
    } finally {
      client.release(!isDone);
    }
  }

  /** As `use`, for work that hands out pages; it may be left early. */
  async *pages<T>(work: (client: Queryable) => AsyncGenerator<T>): AsyncGenerator<T> {
    const client = await this.#pool.connect();
    let isDone = false;
    try {
      yield* work({ query: (text, values = []) => this.#run(client, text, values) });
      isDone = true;
    } finally {
      client.release(!isDone);
    }
  }

  /** Cuts all connections; what runs on them fails. */
  [Symbol.dispose](): void {
    mute(this.#watcher);
    cut(this.#sockets);
    this.#pool.end().catch(() => undefined); // its connections are gone already
  }

  async #run(
    client: Client | PoolClient,
    text: string,
    values: readonly unknown[],
  ): Promise<TextRow[]> {
    const name = values.length > 0 ? this.#nameOf(text) : undefined;
    const result: QueryArrayResult<TextRow> = await client.query({
      text,
      values: [...values],
      rowMode: 'array',
      ...(name === undefined ? {} : { name }),
    });
    return result.rows;
  }

  #nameOf(text: string): string | undefined {
    const name = createHash('sha1').update(text).digest('base64url');
    if (!this.#prepared.has(name) && this.#prepared.size >= MAX_PREPARED) return undefined;
    this.#prepared.add(name);
    return name;
  }
}

/** The client says it in words of the protocol. */
function asksForPassword(error: unknown): boolean {
  return error instanceof Error && error.message.includes('client password must be a string');
}

/** It has been given up: what it still says is of no interest. */
function mute(client: Client): void {
  client.removeAllListeners('error');
  client.removeAllListeners('end');
  client.on('error', () => undefined);
}

function cut(sockets: ReadonlySet<Socket>): void {
  for (const socket of sockets) socket.destroy();
}

/** Whether PostgreSQL said it, rather than the network. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error
    ? code
    : undefined;
}

/** Whether the connection, or all of the server, is gone: the session must begin anew. */
export function isLost(error: unknown): boolean {
  const state = sqlState(error);
  // 08 connection, 53 resources, 57P shutdown and crash, 25006 read-only: a standby
  return state === undefined ? !(error instanceof SseTableError) : /^(08|53|57P|25006)/.test(state);
}
