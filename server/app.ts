/**
 * The app: wires tables, sources, channels and HTTP together, and ends them gracefully.
 *
 * @see SPEC 4, 3.7 "SIGTERM"; DESIGN 2
 */
import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import { type Log, silentLog } from './base/log.ts';
import { type Random, seededRandom } from './base/random.ts';
import { createVitals, type Vitals } from './base/vitals.ts';
import { type CertificateFiles, certificateFiles, readCertificate } from './certificate.ts';
import { Access } from './http/access.ts';
import { Auth } from './http/auth.ts';
import { HttpServer } from './http/http-server.ts';
import { Monitor } from './http/monitor.ts';
import { demoRoutes } from './http/routes/demo.ts';
import { operationRoutes, pageRoutes } from './http/routes/operations.ts';
import { rowRoutes } from './http/routes/rows.ts';
import { tableRoutes } from './http/routes/tables.ts';
import type { Certificate } from './http/secure-server.ts';
import { StreamDoor } from './http/serve-stream.ts';
import { StaticFiles } from './http/static-files.ts';
import { StreamLimits } from './http/stream-limits.ts';
import { isLoopback, listenError, urlOf } from './listen-address.ts';
import { DEFAULTS, type Options } from './options.ts';
import { Pumps } from './pumps.ts';
import { DEMO_KEY, seedRows } from './source/generator.ts';
import { Sessions } from './source/sessions.ts';
import type { Source } from './source/source.ts';
import { Channels } from './stream/channels.ts';
import { createEpoch } from './table/epoch.ts';
import type { Table } from './table/table.ts';
import { Tables } from './table/tables.ts';

/** The key column of a table made without naming one. */
const DEFAULT_KEY = 'id';

/** Demo sessions are short and watched closely. */
const DEMO_HEARTBEAT_MS = 10_000;

/** The demo's table. */
const DEMO_TABLE = 'users';

/** Rows that it begins with. */
const DEMO_ROWS = 10;

/** Rows at which the demo stops adding, so that one left alone for days stays a demo. */
const DEMO_MAX_ROWS = 10_000;

/** What the app is given from outside; each has a real one. */
export interface AppDeps {
  clock: Clock;
  random: Random;
  log: Log;
  /** The static files by name; none unless given. */
  page: ReadonlyMap<string, Buffer>;
  vitals: Vitals;
}

export interface App {
  readonly tables: Tables;
  /**
   * The table of that name, made if there is none.
   * @throws {SseTableError} `conflict` when it exists with another key column; `too_many`.
   */
  table(name: string, options?: { key?: string }): Table;
  /** Runs a source until it ends or the app closes. */
  attach(source: Source): void;
  /**
   * Listens, by default where the options say.
   * @throws {SseTableError} `bad_option` with the fix: the port is in use, the host is not ours.
   */
  listen(port?: number, host?: string): Promise<{ url: string; port: number }>;
  /**
   * Reads the certificate's files again, for connections from now on.
   * @throws {SseTableError} `bad_option` with the fix; then the one in use stays.
   */
  reloadCertificate(): void;
  /** Ends every stream, stops sources, closes within `--grace`. Calling it again waits for the same. */
  close(): Promise<void>;
  /** Resolves when all sources attached have ended. */
  readonly sourcesEnded: Promise<void>;
}

/**
 * Makes an app; nothing listens yet. Options left out have their defaults.
 * @throws {SseTableError} `bad_option` with the fix, where the certificate is not right.
 */
export function createApp(options: Partial<Options> = {}, deps: Partial<AppDeps> = {}): App {
  return new WiredApp({ ...DEFAULTS, ...withoutUndefined(options) }, options.heartbeat, {
    clock: deps.clock ?? systemClock,
    random: deps.random ?? Math.random,
    log: deps.log ?? silentLog,
    page: deps.page ?? new Map(),
    vitals: deps.vitals ?? createVitals(),
  });
}

class WiredApp implements App {
  readonly tables: Tables;
  readonly #options: Options;
  readonly #deps: AppDeps;
  readonly #pumps: Pumps;
  readonly #channels: Channels;
  readonly #monitor: Monitor;
  readonly #http: HttpServer;
  readonly #sessions:
    | (import('./http/routes/demo.ts').SessionsPort & { close(): void })
    | undefined;
  readonly #certificateFiles: CertificateFiles | undefined;
  #listenHost: string;
  #closing: Promise<void> | undefined;

  constructor(options: Options, heartbeatMs: number | undefined, deps: AppDeps) {
    const { clock, random, log } = deps;
    this.#options = options;
    this.#deps = deps;
    this.#listenHost = options.host;
    this.#certificateFiles = certificateFiles(options);
    const certificate = this.#readCertificate(); // first: nothing has been started where it throws
    this.tables = new Tables({
      maxTables: options.maxTables,
      maxRows: options.maxRows,
      epoch: () => createEpoch(clock, random),
      isIncomplete: () => this.#pumps.down.length > 0,
    });
    this.tables.onRetired((table) => this.#channels.retire(table));
    this.#pumps = new Pumps({ tables: this.tables, clock, random, log });
    this.#channels = new Channels({
      clock,
      random,
      maxViews: options.maxViews,
      ringFrames: options.ringFrames,
      ringBytes: options.ringBytes,
      flushMs: options.flush,
      heartbeatMs: options.heartbeat,
      stallTimeoutMs: options.stallTimeout,
      maxLifetimeMs: options.maxLifetime,
      retryMs: options.retry,
    });
    this.#sessions = options.demo ? this.#createSessions() : undefined;
    const limits = new StreamLimits(options);
    this.#monitor = new Monitor({
      clock,
      log,
      vitals: deps.vitals,
      thresholds: options,
      connections: () => limits.open,
      onOverload: (isOverloaded) => this.#channels.setOverloaded(isOverloaded),
      messages: () => this.tables.list().reduce((sum, table) => sum + table.applied, 0),
    });
    this.#http = this.#createHttp(limits, heartbeatMs ?? DEMO_HEARTBEAT_MS, certificate);
  }

  get sourcesEnded(): Promise<void> {
    return this.#pumps.ended;
  }

  table(name: string, { key = DEFAULT_KEY }: { key?: string } = {}): Table {
    return this.tables.create({ name, key });
  }

  attach(source: Source): void {
    this.#pumps.attach(source);
  }

  async listen(
    port = this.#options.port,
    host = this.#options.host,
  ): Promise<{ url: string; port: number }> {
    this.#listenHost = host;
    const address = await this.#http.listen(port, host).catch((error: unknown) => {
      throw listenError(error, port, host);
    });
    const isOpen = this.#options.jwtSecret === undefined && this.#options.jwksUrl === undefined;
    if (isOpen && !isLoopback(host)) {
      this.#deps.log.warn(
        `listening on ${host} without tokens: anyone who reaches it can read and write; ` +
          'use --jwt-secret or --jwks-url, and --read-only',
      );
    }
    const scheme = this.#certificateFiles === undefined ? 'http' : 'https';
    return { url: urlOf(scheme, host, address.port), port: address.port };
  }

  reloadCertificate(): void {
    const certificate = this.#readCertificate();
    if (certificate === undefined) {
      throw new SseTableError('bad_option', 'there is no certificate; start with --cert <file>');
    }
    this.#http.setCertificate(certificate);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Before the sources stop, so that demo streams hear "shutdown" and not "stopped", and before
    // HTTP/2 connections are told to go away.
    this.#channels.end('shutdown', 'the server is shutting down; connect again soon');
    const closed = this.#http.close(this.#options.grace);
    this.#sessions?.close();
    const stopped = this.#pumps.stop();
    await closed;
    this.#channels.close();
    this.#monitor.stop();
    await stopped;
  }

  #readCertificate(): Certificate | undefined {
    if (this.#certificateFiles === undefined) return undefined;
    const { clock, log } = this.#deps;
    const { certificate, problem } = readCertificate(this.#certificateFiles, clock.now());
    if (problem !== undefined) log.warn(problem);
    return certificate;
  }

  #createSessions(): Sessions {
    const { maxRows, maxSessions, seed } = this.#options;
    const table = this.table(DEMO_TABLE, { key: DEMO_KEY });
    const rows = seedRows(seededRandom(seed), Math.min(DEMO_ROWS, maxRows));
    table.apply(rows.map((data) => ({ type: 'add', data })));
    const maxRecords = Math.min(DEMO_MAX_ROWS, maxRows);
    return new Sessions({ table, clock: this.#deps.clock, randomBytes, maxSessions, maxRecords });
  }

  #createHttp(
    limits: StreamLimits,
    demoHeartbeatMs: number,
    certificate: Certificate | undefined,
  ): HttpServer {
    const { clock, random, log, page } = this.#deps;
    const options = this.#options;
    const { tables } = this;
    const channels = this.#channels;
    const sessions = this.#sessions;
    const isDraining = (): boolean => this.#closing !== undefined;
    const access = new Access({
      listenHost: () => this.#listenHost,
      allowHosts: options.allowHost,
      corsOrigins: options.cors,
    });
    const door = new StreamDoor({
      access,
      limits,
      random,
      isDraining,
      isOverloaded: () => this.#monitor.isOverloaded,
    });
    const common = {
      clock,
      tables,
      channels,
      door,
      maxBodyBytes: options.maxBody,
      stallTimeoutMs: options.stallTimeout,
    };
    const create = options.create ? { key: options.key ?? DEFAULT_KEY } : undefined;
    const { csvSafe, tokenInQuery, readOnly } = options;
    const routes = [
      ...tableRoutes({ ...common, csvSafe, tokenInQuery }),
      ...rowRoutes({ ...common, readOnly, create }),
      ...(sessions === undefined
        ? []
        : demoRoutes({ ...common, sessions, heartbeatMs: demoHeartbeatMs })),
      ...operationRoutes({
        isDraining,
        sourcesDown: () => this.#pumps.down,
        metrics: {
          monitor: this.#monitor,
          limits,
          tables,
          stats: () => channels.stats(),
          activeSessions: () => sessions?.active ?? 0,
          server: () => this.#http.stats,
        },
      }),
      ...pageRoutes(new StaticFiles(page)),
    ];
    return new HttpServer({
      clock,
      log,
      access,
      auth: new Auth(options, clock, log),
      routes,
      retryAfter: () => door.retryAfter(),
      isDraining,
      requestTimeoutMs: options.requestTimeout,
      maxConnections: options.maxConnections,
      accessLog: options.accessLog,
      certificate,
    });
  }
}

/** A library's caller may pass `{port: undefined}`; that is no port. */
function withoutUndefined(options: Partial<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
