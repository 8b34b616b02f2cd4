/**
 * A worker: serves clients from copies of the primary's tables, and forwards to it what only it can
 * answer: writes, the demo, the metrics.
 *
 * @see SPEC 9 "--workers N"
 */
import type { Duplex } from 'node:stream';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Vitals } from './base/vitals.ts';
import { certificateFiles, readCertificate } from './certificate.ts';
import { channelsOf } from './channels-of.ts';
import { Replicas } from './cluster/replicas.ts';
import { Uplink } from './cluster/uplink.ts';
import { Access } from './http/access.ts';
import { Auth } from './http/auth.ts';
import { Forwarder } from './http/forward.ts';
import { HttpServer } from './http/http-server.ts';
import { Monitor } from './http/monitor.ts';
import type { Route } from './http/router.ts';
import { pageRoutes } from './http/routes/operations.ts';
import { tableRoutes } from './http/routes/tables.ts';
import type { Certificate } from './http/secure-server.ts';
import { StreamDoor } from './http/serve-stream.ts';
import { StaticFiles } from './http/static-files.ts';
import { collectFigures, type WorkerFigures } from './http/worker-figures.ts';
import { DEFAULTS, type Options } from './options.ts';
import type { Channels } from './stream/channels.ts';
import { Tables } from './table/tables.ts';
import { isEpochOf } from './table/view/view.ts';
import { parseEventId } from './wire/event-id.ts';
import type { WorkerSettings } from './workers.ts';

/** How often the primary is told the figures. */
const REPORT_MS = 1_000;

export interface WorkerDeps {
  clock: Clock;
  random: Random;
  vitals: Vitals;
  page: ReadonlyMap<string, Buffer>;
  /** Made once the options are known. */
  createLog: (options: Options) => Log;
  /** The private pipe to the primary. */
  pipe: Duplex;
}

/**
 * Serves until the primary says stop, or `stop` is called, or it cannot listen; then resolves. Rejects
 * when the primary is gone.
 */
export function startWorker(deps: WorkerDeps): { done: Promise<void>; stop: () => void } {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let front: Front | undefined;
  const stop = (): void => {
    if (front === undefined) resolve();
    else front.close().then(resolve, reject);
  };
  const uplink = new Uplink({
    clock: deps.clock,
    pipe: deps.pipe,
    replicas: () => {
      if (front === undefined) throw new TypeError('the primary has not said hello');
      return front.replicas;
    },
    onHello: (settings) => {
      front = new Front(settings as WorkerSettings, uplink, deps); // from this program's own primary
      front.listen().then((isListening) => isListening || stop(), reject);
    },
    onReload: () => front?.reloadCertificate(),
    onStop: stop,
    onLost: reject,
  });
  return { done, stop };
}

/** What faces the clients. */
class Front {
  readonly replicas: Replicas;
  readonly #settings: WorkerSettings;
  readonly #options: Options;
  readonly #uplink: Uplink;
  readonly #deps: WorkerDeps;
  readonly #log: Log;
  readonly #tables: Tables;
  readonly #channels: Channels;
  readonly #monitor: Monitor;
  readonly #forwarder: Forwarder;
  readonly #http: HttpServer;
  readonly #refused = { overload: 0, draining: 0 };
  #closing: Promise<void> | undefined;

  constructor(settings: WorkerSettings, uplink: Uplink, deps: WorkerDeps) {
    const { clock, vitals } = deps;
    const options = { ...DEFAULTS, ...settings.options };
    this.#settings = settings;
    this.#options = options;
    this.#uplink = uplink;
    this.#deps = deps;
    this.#log = deps.createLog(options);
    this.#tables = new Tables({
      maxTables: Number.POSITIVE_INFINITY, // the primary keeps to its own
      maxRows: Number.POSITIVE_INFINITY,
      epoch: () => {
        throw new TypeError('a worker makes no tables');
      },
    });
    this.#tables.onRetired((table) => this.#channels.retire(table));
    this.replicas = new Replicas(this.#tables);
    this.#channels = channelsOf(options, deps, true);
    this.#monitor = new Monitor({
      clock,
      log: this.#log,
      vitals,
      thresholds: options,
      connections: () => this.#channels.stats().subscribers,
      // Frames must end where they do at the other workers: the primary alone gathers changes.
      onOverload: () => undefined,
      messages: () => this.#tables.list().reduce((sum, table) => sum + table.applied, 0),
    });
    this.#forwarder = new Forwarder({ path: settings.path, reach: () => uplink.reach() });
    this.#http = this.#createHttp();
    clock.every(REPORT_MS, () => this.#report());
  }

  /** Listens once the copies are whole. @returns whether it could; the primary is told. */
  async listen(): Promise<boolean> {
    await this.#uplink.whole();
    const { port, host } = this.#settings;
    try {
      this.#uplink.tell({ type: 'ready', port: await this.#http.listen(port, host) });
      this.#report();
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const code = String(Reflect.get(error, 'code') ?? '');
      this.#uplink.tell({ type: 'failed', code, message: error.message });
      return false;
    }
  }

  reloadCertificate(): void {
    const certificate = this.#readCertificate();
    if (certificate !== undefined) this.#http.setCertificate(certificate);
  }

  /** Ends every stream, and closes within the grace. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#channels.end('shutdown', 'the server is shutting down; connect again soon');
    await this.#http.close(this.#options.grace);
    this.#forwarder.close();
    this.#channels.close();
    this.#monitor.stop();
    this.#report();
    await this.#uplink.close();
  }

  #report(): void {
    const { stats } = this.#http;
    const report: WorkerFigures = collectFigures(
      this.#monitor,
      this.#channels.stats(),
      stats,
      this.#refused,
    );
    this.#uplink.tell({ type: 'report', report });
  }

  #readCertificate(): Certificate | undefined {
    const files = certificateFiles(this.#options);
    // The primary has checked it, and said what is wrong with it.
    return files && readCertificate(files, this.#deps.clock.now()).certificate;
  }

  /** Waits for the position of a client that was at another worker. */
  async #reach(lastEventId: string): Promise<void> {
    const id = parseEventId(lastEventId);
    if (id === undefined) return;
    const table = this.#tables.list().find(({ epoch }) => isEpochOf(id.epoch, epoch));
    if (table !== undefined && id.seq > table.seq) await this.#uplink.reach();
  }

  #createHttp(): HttpServer {
    const { clock, random, page } = this.#deps;
    const options = this.#options;
    const isDraining = (): boolean => this.#closing !== undefined;
    const access = new Access({
      listenHost: () => this.#settings.host,
      allowHosts: options.allowHost,
      corsOrigins: options.cors,
    });
    const door = new StreamDoor({
      access,
      limits: { refused: this.#refused, enter: (address) => this.#uplink.enter(address) },
      random,
      isDraining,
      isOverloaded: () => this.#monitor.isOverloaded,
      reach: (lastEventId) => this.#reach(lastEventId),
    });
    const tables = tableRoutes({
      clock,
      tables: this.#tables,
      channels: this.#channels,
      door,
      stallTimeoutMs: options.stallTimeout,
      csvSafe: options.csvSafe,
      tokenInQuery: options.tokenInQuery,
    });
    return new HttpServer({
      clock,
      log: this.#log,
      access,
      auth: new Auth(options, clock, this.#log),
      routes: [
        ...tables.map((route) => this.#orForward(route)),
        ...pageRoutes(new StaticFiles(page)),
      ],
      forwarder: this.#forwarder,
      retryAfter: () => door.retryAfter(),
      isDraining,
      requestTimeoutMs: options.requestTimeout,
      maxConnections: options.maxConnections,
      accessLog: options.accessLog,
      certificate: this.#readCertificate(),
    });
  }

  /** A table that is not here may be at the primary, or it knows why not. */
  #orForward(route: Route): Route {
    return {
      ...route,
      handle: (exchange) => {
        const name = exchange.params.get('table');
        if (name === undefined || this.#tables.get(name) !== undefined) {
          return route.handle(exchange);
        }
        const { request, response, address } = exchange;
        return this.#forwarder.forward(request, response, address);
      },
    };
  }
}
