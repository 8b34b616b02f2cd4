/**
 * The app: wires tables, sources, channels and HTTP together, and ends them gracefully.
 *
 * @see SPEC 4, 3.7 "SIGTERM"; DESIGN 2
 */
import { type Clock, systemClock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import { type Log, silentLog } from './base/log.ts';
import type { Random } from './base/random.ts';
import { createVitals, type Vitals } from './base/vitals.ts';
import { type CertificateFiles, certificateFiles, readCertificate } from './certificate.ts';
import { channelsOf } from './channels-of.ts';
import { createHttp } from './create-http.ts';
import { createSessions, DEMO_HEARTBEAT_MS } from './demo.ts';
import type { HttpServer } from './http/http-server.ts';
import { Monitor } from './http/monitor.ts';
import type { Certificate } from './http/secure-server.ts';
import { StreamLimits } from './http/stream-limits.ts';
import { isLoopback, listenError, urlOf } from './listen-address.ts';
import { DEFAULTS, type Options } from './options.ts';
import { Pumps } from './pumps.ts';
import { openLogs, readLogs } from './source/open-logs.ts';
import type { Sessions } from './source/sessions.ts';
import type { Source } from './source/source.ts';
import type { Channels } from './stream/channels.ts';
import { createEpoch } from './table/epoch.ts';
import type { Table } from './table/table.ts';
import { Tables } from './table/tables.ts';
import type { Workers } from './workers.ts';

/** The key column of a table made without naming one. */
const DEFAULT_KEY = 'id';

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
 * @throws {SseTableError} `bad_option` with the fix, where the certificate or a log is not right.
 */
export function createApp(options: Partial<Options> = {}, deps: Partial<AppDeps> = {}): App {
  if (options.workers !== undefined && options.workers !== 1) {
    throw new SseTableError(
      'bad_option',
      'workers are processes of the program; start it: sse-table --workers 2',
    );
  }
  return createPrimary(options, deps, undefined);
}

/**
 * As `createApp`, with other processes to serve the clients, if there are any.
 * @throws {SseTableError} `bad_option`.
 */
export function createPrimary(
  options: Partial<Options>,
  deps: Partial<AppDeps>,
  workers: Workers | undefined,
): App {
  const given = withoutUndefined(options);
  const all = {
    clock: deps.clock ?? systemClock,
    random: deps.random ?? Math.random,
    log: deps.log ?? silentLog,
    page: deps.page ?? new Map(),
    vitals: deps.vitals ?? createVitals(),
  };
  return new WiredApp(given, all, workers);
}

class WiredApp implements App {
  readonly tables: Tables;
  readonly #given: Partial<Options>;
  readonly #options: Options;
  readonly #deps: AppDeps;
  readonly #workers: Workers | undefined;
  readonly #limits: StreamLimits;
  readonly #pumps: Pumps;
  readonly #channels: Channels;
  readonly #monitor: Monitor;
  readonly #http: HttpServer;
  readonly #sessions: Sessions | undefined;
  readonly #certificateFiles: CertificateFiles | undefined;
  #listenHost: string;
  #closing: Promise<void> | undefined;

  constructor(given: Partial<Options>, deps: AppDeps, workers: Workers | undefined) {
    const { clock, random, log } = deps;
    const options = { ...DEFAULTS, ...given };
    this.#given = given;
    this.#options = options;
    this.#deps = deps;
    this.#workers = workers;
    this.#listenHost = options.host;
    this.#certificateFiles = certificateFiles(options);
    // First: nothing has been started where these throw.
    const certificate = this.#readCertificate();
    const logs = readLogs(options.log);
    this.tables = new Tables({
      maxTables: options.maxTables,
      maxRows: options.maxRows,
      epoch: () => createEpoch(clock, random),
      isIncomplete: () => this.#pumps.states.some(({ down }) => down !== undefined),
    });
    this.tables.onRetired((table) => this.#channels.retire(table));
    this.#pumps = new Pumps({
      tables: this.tables,
      clock,
      random,
      log,
      keptUp: () => workers?.keptUp(),
    });
    this.#channels = channelsOf(options, deps, false);
    this.#sessions = options.demo ? createSessions(this.tables, clock, options) : undefined;
    this.#limits = new StreamLimits(options);
    this.#monitor = new Monitor({
      clock,
      log,
      vitals: deps.vitals,
      thresholds: options,
      connections: () => this.#limits.open,
      onOverload: (isOverloaded) => this.#channels.setOverloaded(isOverloaded),
      messages: () => this.tables.list().reduce((sum, table) => sum + table.applied, 0),
    });
    this.#http = createHttp({
      options,
      deps,
      tables: this.tables,
      channels: this.#channels,
      limits: this.#limits,
      monitor: this.#monitor,
      sessions: this.#sessions,
      demoHeartbeatMs: given.heartbeat ?? DEMO_HEARTBEAT_MS,
      services: new Set(logs.map(({ service }) => service)),
      defaultKey: DEFAULT_KEY,
      listenHost: () => this.#listenHost,
      isDraining: () => this.#closing !== undefined,
      sources: () => this.#pumps.states,
      certificate,
      workers,
    });
    for (const log of openLogs(logs, options.logLines, deps)) this.#pumps.attachEndless(log);
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
    const bound = await this.#listen(port, host).catch((error: unknown) => {
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
    return { url: urlOf(scheme, host, bound), port: bound };
  }

  reloadCertificate(): void {
    const certificate = this.#readCertificate();
    if (certificate === undefined) {
      throw new SseTableError('bad_option', 'there is no certificate; start with --cert <file>');
    }
    if (this.#workers === undefined) this.#http.setCertificate(certificate);
    else this.#workers.reload();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Before the sources stop, so that demo streams hear "shutdown" and not "stopped", and before
    // HTTP/2 connections are told to go away.
    this.#channels.end('shutdown', 'the server is shutting down; connect again soon');
    // Workers still forward what their clients have under way.
    await this.#workers?.stop(this.#options.grace);
    const closed = this.#http.close(this.#options.grace);
    this.#sessions?.close();
    const stopped = this.#pumps.stop();
    await closed;
    this.#channels.close();
    this.#monitor.stop();
    await stopped;
  }

  async #listen(port: number, host: string): Promise<number> {
    const workers = this.#workers;
    if (workers === undefined) return this.#http.listen(port, host);
    await this.#http.listenAt(workers.open());
    const flushMs = this.#options.flush;
    const kept = { tables: this.tables, limits: this.#limits, options: this.#given, flushMs };
    return workers.start(kept, port, host);
  }

  #readCertificate(): Certificate | undefined {
    if (this.#certificateFiles === undefined) return undefined;
    const { clock, log } = this.#deps;
    const { certificate, problem } = readCertificate(this.#certificateFiles, clock.now());
    if (problem !== undefined) log.warn(problem);
    return certificate;
  }
}

/** A library's caller may pass `{port: undefined}`; that is no port. */
function withoutUndefined(options: Partial<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
