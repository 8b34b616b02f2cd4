/**
 * The app: wires tables, sources, channels and HTTP together, and ends them gracefully.
 *
 * @see SPEC 4, 3.7 "SIGTERM"; DESIGN 2
 */
import type { Server } from 'node:http';
import type { App, AppDeps } from './app-contract.ts';
import { systemClock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import { consoleLog } from './base/log.ts';
import { createVitals } from './base/vitals.ts';
import { type CertificateFiles, certificateFiles, readCertificate } from './certificate.ts';
import { channelsOf } from './channels-of.ts';
import { createHttp } from './create-http.ts';
import { createSessions, DEMO_HEARTBEAT_MS } from './demo.ts';
import { Gallery } from './gallery.ts';
import type { HttpServer } from './http/http-server.ts';
import { Monitor } from './http/monitor.ts';
import { MESSAGES_HEARTBEAT_MS } from './http/routes/messages.ts';
import type { Certificate } from './http/secure-server.ts';
import { StreamLimits } from './http/stream-limits.ts';
import { openUploads, type Uploads } from './http/uploads/uploads.ts';
import type { Endpoints } from './library/endpoints.ts';
import { LiveTable } from './library/live-table.ts';
import { type Handle, mount } from './library/mount.ts';
import { isLoopback, listenError, urlOf } from './listen-address.ts';
import { DEFAULTS, type Options, withoutUndefined } from './options.ts';
import { Pumps } from './pumps.ts';
import { openMessageStore } from './source/message-store.ts';
import { openLogs, readLogs } from './source/open-logs.ts';
import type { Sessions } from './source/sessions.ts';
import type { Source } from './source/source.ts';
import type { Channels } from './stream/channels.ts';
import { createEpoch } from './table/epoch.ts';
import { Tables } from './table/tables.ts';
import type { Row } from './wire/change.ts';
import type { Workers } from './workers.ts';

/** The key column of a table made without naming one. */
const DEFAULT_KEY = 'id';

/**
 * Makes an app; nothing listens yet. Options left out have their defaults.
 * @throws {SseTableError} `bad_option` with the fix, where the certificate, a log, the store of messages or the
 * folder of uploads is not right.
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
    log: deps.log ?? consoleLog(given.logLevel ?? 'warn'),
    authorize: deps.authorize,
    onConnect: deps.onConnect,
    onDisconnect: deps.onDisconnect,
    page: deps.page,
    vitals: deps.vitals ?? createVitals(),
  };
  return new WiredApp(given, all, workers);
}

class WiredApp implements App {
  readonly tables: Tables;
  readonly sse: Endpoints['sse'];
  readonly channel: Endpoints['channel'];
  readonly broadcast: Endpoints['broadcast'];
  readonly get: Endpoints['get'];
  readonly post: Endpoints['post'];
  readonly put: Endpoints['put'];
  readonly patch: Endpoints['patch'];
  readonly delete: Endpoints['delete'];
  readonly handle: Handle;
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
  readonly #uploads: Uploads | undefined;
  readonly #gallery: Gallery | undefined;
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
    const messages =
      options.messages === undefined
        ? undefined
        : openMessageStore(options.messages, options.readOnly, deps);
    this.#uploads = openUploads(options, deps);
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
    const { seed } = options;
    this.#gallery = options.demo ? new Gallery({ tables: this.tables, clock, seed }) : undefined;
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
    const { server, endpoints } = createHttp({
      options,
      deps,
      hooks: deps,
      tables: this.tables,
      channels: this.#channels,
      limits: this.#limits,
      monitor: this.#monitor,
      sessions: this.#sessions,
      gallery: this.#gallery,
      demoHeartbeatMs: given.heartbeat ?? DEMO_HEARTBEAT_MS,
      messagesHeartbeatMs: given.heartbeat ?? MESSAGES_HEARTBEAT_MS,
      uploads: this.#uploads,
      services: new Set(logs.map(({ service }) => service)),
      defaultKey: DEFAULT_KEY,
      listenHost: () => this.#listenHost,
      isDraining: () => this.#closing !== undefined,
      sources: () => this.#pumps.states,
      certificate,
      workers,
    });
    for (const log of openLogs(logs, options.logLines, deps)) this.#pumps.attachEndless(log);
    if (messages !== undefined) this.#pumps.attachEndless(messages);
    this.#http = server;
    this.sse = (...stream) => endpoints.sse(...stream);
    this.channel = (...named) => endpoints.channel(...named);
    this.broadcast = (event) => endpoints.broadcast(event);
    this.get = endpoints.get;
    this.post = endpoints.post;
    this.put = endpoints.put;
    this.patch = endpoints.patch;
    this.delete = endpoints.delete;
    this.handle = (request, response, next) => server.handleGuest(request, response, next);
  }

  get sourcesEnded(): Promise<void> {
    return this.#pumps.ended;
  }

  table<Held extends object = Row>(
    name: string,
    { key = DEFAULT_KEY }: { key?: string } = {},
  ): LiveTable<Held> {
    this.tables.create({ name, key });
    return new LiveTable<Held>(name, key, () => this.tables.require(name));
  }

  mount(server: Server, prefix = ''): () => void {
    return mount(server, this.handle, prefix);
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
    const cleaned = this.#generatorsCleaned();
    const closed = this.#http.close(this.#options.grace);
    this.#sessions?.close();
    this.#uploads?.close();
    this.#gallery?.close();
    const stopped = this.#pumps.stop();
    await closed;
    await cleaned;
    this.#channels.close();
    this.#monitor.stop();
    await stopped;
  }

  /** Resolves when the generators of streams that have ended are done, at the latest after `--grace`. */
  #generatorsCleaned(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(this.#options.grace, resolve);
      void this.#channels.settled().then(() => {
        cancel();
        resolve();
      });
    });
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
