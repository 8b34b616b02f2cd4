/**
 * The primary's side of `--workers`: worker processes serve the clients, this one keeps tables,
 * sources and limits, and answers what workers forward to it.
 *
 * @see SPEC 9 "--workers N", 3.7
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { Crew, type WorkerProcess } from './cluster/crew.ts';
import { Link } from './cluster/link.ts';
import type { Upward } from './cluster/message.ts';
import { Publisher } from './cluster/publisher.ts';
import type { StreamLimits } from './http/stream-limits.ts';
import { countsOf, sumOf, type WorkerFigures, type WorkersFigures } from './http/worker-figures.ts';
import type { Options } from './options.ts';
import type { Tables } from './table/tables.ts';

/** Beyond the grace that workers give their clients: then something hangs. */
const EXTRA_GRACE_MS = 2_000;

/** What a worker is told first. */
export interface WorkerSettings {
  options: Partial<Options>;
  host: string;
  port: number;
  /** Where the primary answers what is forwarded. */
  path: string;
}

export interface WorkersDeps {
  clock: Clock;
  random: Random;
  log: Log;
  size: number;
  fork: () => WorkerProcess;
  /** Of the whole program: `win32` has pipes by name instead of sockets in a folder. */
  platform: string;
}

/** What the primary keeps for its workers. */
export interface Kept {
  tables: Tables;
  limits: StreamLimits;
  options: Partial<Options>;
  flushMs: number;
}

/** A worker and what is known of it. */
interface Known {
  link: Link;
  /** What counts out its streams, by the number of its question. */
  streams: Map<number, () => void>;
  figures: WorkerFigures | undefined;
}

/** The worker processes of a server. */
export class Workers {
  readonly #deps: WorkersDeps;
  readonly #crew: Crew;
  readonly #known = new Map<number, Known>();
  readonly #listening = new Set<number>();
  readonly #started = Promise.withResolvers<number>();
  #kept: Kept | undefined;
  #publisher: Publisher | undefined;
  #folder: string | undefined;
  #path = '';
  #host = '';
  /** The port asked for, and the one that was given for it. */
  #port = 0;
  #boundPort = 0;
  #gone: WorkerFigures[] = [];
  #behind = 0;

  constructor(deps: WorkersDeps) {
    const { clock, random, log, size, fork } = deps;
    this.#deps = deps;
    this.#crew = new Crew({
      clock,
      random,
      log,
      size,
      fork,
      onStart: (worker) => this.#onStart(worker),
      onEnd: (worker) => this.#onEnd(worker),
    });
  }

  /** Makes the place where the primary is to listen for what workers forward. */
  open(): string {
    const { platform, random } = this.#deps;
    if (platform === 'win32') {
      const name = Math.floor(random() * Number.MAX_SAFE_INTEGER).toString(36);
      this.#path = `\\\\.\\pipe\\sse-table-${name}`;
    } else {
      // Only this user may enter it.
      this.#folder = mkdtempSync(join(tmpdir(), 'sse-table-'));
      this.#path = join(this.#folder, 'primary');
    }
    return this.#path;
  }

  /** Starts the workers; resolves with the port once all of them listen. */
  start(kept: Kept, port: number, host: string): Promise<number> {
    const { tables, flushMs } = kept;
    this.#kept = kept;
    this.#port = port;
    this.#host = host;
    this.#publisher = new Publisher({ clock: this.#deps.clock, tables, flushMs });
    this.#crew.start();
    this.#started.promise.catch(() => this.kill());
    return this.#started.promise;
  }

  /** Resolves when all workers show what the tables hold, more or less; undefined when they do. */
  keptUp(): Promise<void> | undefined {
    return this.#publisher?.keptUp();
  }

  /** For the metrics. */
  get figures(): WorkersFigures {
    const alive = Array.from(this.#known, ([pid, { figures }]) => ({ pid, figures }));
    return {
      alive: alive.flatMap(({ pid, figures }) =>
        figures === undefined ? [] : { ...figures, pid },
      ),
      gone: this.#gone,
      replaced: this.#crew.replaced,
      behind: this.#behind,
    };
  }

  /** Has the certificate read again. */
  reload(): void {
    for (const { link } of this.#known.values()) link.tell({ type: 'reload' });
  }

  /** Has all streams end; resolves when all workers have left, at the latest after the grace. */
  async stop(graceMs: number): Promise<void> {
    for (const { link } of this.#known.values()) link.tell({ type: 'stop' });
    await this.#crew.stop(graceMs + EXTRA_GRACE_MS);
    this.#publisher?.stop();
    this.#clean();
  }

  /** Ends all at once. */
  kill(): void {
    this.#crew.kill();
    this.#clean();
  }

  #clean(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #onStart(worker: WorkerProcess): void {
    const { pid, pipe } = worker;
    const publisher = this.#publisher;
    const kept = this.#kept;
    if (publisher === undefined || kept === undefined) return;
    const link = new Link({
      clock: this.#deps.clock,
      pipe,
      flush: () => publisher.flush(),
      onEased: () => publisher.ease(),
      onBehind: () => {
        this.#behind++;
        this.#deps.log.warn(`worker ${pid} is behind; it gets the latest state when it can`);
      },
      onLost: (reason) => {
        this.#deps.log.error(`worker ${pid} is ended: ${reason}`);
        worker.kill();
      },
      onMessage: (message) => this.#take(pid, message, kept.limits),
    });
    // Those alive share one listening socket, known by the port that was asked for.
    if (this.#listening.size === 0 && this.#boundPort !== 0) this.#port = this.#boundPort;
    const settings: WorkerSettings = {
      options: kept.options,
      host: this.#host,
      port: this.#port,
      path: this.#path,
    };
    link.tell({ type: 'hello', settings });
    this.#known.set(pid, { link, streams: new Map(), figures: undefined });
    publisher.join(link);
  }

  #onEnd({ pid }: WorkerProcess): void {
    const known = this.#known.get(pid);
    this.#known.delete(pid);
    this.#listening.delete(pid);
    if (known === undefined) return;
    known.link.close();
    this.#publisher?.leave(known.link);
    for (const leave of known.streams.values()) leave();
    if (known.figures !== undefined) this.#remember(countsOf(known.figures));
  }

  /** One sum for all that are gone: there may be many in a long life. */
  #remember(counts: WorkerFigures): void {
    const [before] = this.#gone;
    if (before === undefined) {
      this.#gone = [counts];
      return;
    }
    const { streams, refused, http } = counts;
    this.#gone = [
      {
        ...sumOf(before, [counts]),
        streams: sumOf(before.streams, [streams]),
        refused: sumOf(before.refused, [refused]),
        http: sumOf(before.http, [http]),
      },
    ];
  }

  #take(pid: number, message: Exclude<Upward, { type: 'reach' }>, limits: StreamLimits): void {
    const known = this.#known.get(pid);
    if (known === undefined) return;
    switch (message.type) {
      case 'ready':
        this.#onReady(pid, message.port);
        break;
      case 'failed':
        if (this.#boundPort !== 0) this.#deps.log.error(`worker ${pid}: ${message.message}`);
        this.#started.reject(Object.assign(new Error(message.message), { code: message.code }));
        break;
      case 'enter':
        this.#enter(known, message, limits);
        break;
      case 'leave':
        known.streams.get(message.ask)?.();
        known.streams.delete(message.ask);
        break;
      case 'report':
        known.figures = message.report as WorkerFigures; // by this program's own process
        break;
    }
  }

  #onReady(pid: number, port: number): void {
    this.#listening.add(pid);
    this.#boundPort = port;
    if (this.#listening.size === this.#deps.size) this.#started.resolve(port);
  }

  #enter(
    { link, streams }: Known,
    { ask, address }: { ask: number; address: string },
    limits: StreamLimits,
  ): void {
    try {
      streams.set(ask, limits.enter(address, undefined));
      link.tell({ type: 'entered', ask });
    } catch (error) {
      if (!(error instanceof SseTableError)) throw error;
      link.refuse(ask, error.code, error.message);
    }
  }
}
