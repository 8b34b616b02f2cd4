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
import { Acceptor } from './cluster/acceptor.ts';
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
  /** Where the primary listens for clients. */
  host: string;
  /** Where the primary answers what is forwarded. */
  forwardTo: string;
  /** A place of the worker's own. */
  listenAt: string;
  /** The folder of both, where there is one. */
  folder: string | undefined;
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
  readonly #ready = new Set<number>();
  readonly #started = Promise.withResolvers<void>();
  readonly #acceptor = new Acceptor();
  #kept: Kept | undefined;
  #publisher: Publisher | undefined;
  #folder: string | undefined;
  #prefix = '';
  #host = '';
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
      this.#prefix = `\\\\.\\pipe\\sse-table-${name}-`;
    } else {
      // Only this user may enter it.
      this.#folder = mkdtempSync(join(tmpdir(), 'sse-table-'));
      this.#prefix = join(this.#folder, '/');
    }
    return this.#placeOf('primary');
  }

  /**
   * Listens and starts the workers; resolves with the port once all of them are there.
   * Rejects with the system's own error where it cannot listen.
   */
  async start(kept: Kept, port: number, host: string): Promise<number> {
    const { tables, flushMs } = kept;
    this.#kept = kept;
    this.#host = host;
    try {
      const boundPort = await this.#acceptor.listen(port, host);
      this.#publisher = new Publisher({ clock: this.#deps.clock, tables, flushMs });
      this.#crew.start();
      await this.#started.promise;
      return boundPort;
    } catch (error) {
      this.kill();
      throw error;
    }
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
    this.#acceptor.close();
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

  #placeOf(name: string | number): string {
    return `${this.#prefix}${name}`;
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
      onMessage: (message) => this.#take(worker, message, kept.limits),
    });
    const settings: WorkerSettings = {
      options: kept.options,
      host: this.#host,
      forwardTo: this.#placeOf('primary'),
      listenAt: this.#placeOf(pid),
      folder: this.#folder,
    };
    link.tell({ type: 'hello', settings });
    this.#known.set(pid, { link, streams: new Map(), figures: undefined });
    publisher.join(link);
  }

  #onEnd(worker: WorkerProcess): void {
    const { pid } = worker;
    this.#acceptor.remove(worker);
    const known = this.#known.get(pid);
    this.#known.delete(pid);
    this.#ready.delete(pid);
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

  #take(
    worker: WorkerProcess,
    message: Exclude<Upward, { type: 'reach' }>,
    limits: StreamLimits,
  ): void {
    const known = this.#known.get(worker.pid);
    if (known === undefined) return;
    switch (message.type) {
      case 'ready':
        this.#onReady(worker);
        break;
      case 'taken':
        this.#acceptor.taken(worker, message.id);
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

  #onReady(worker: WorkerProcess): void {
    this.#acceptor.add(worker);
    this.#ready.add(worker.pid);
    if (this.#ready.size === this.#deps.size) this.#started.resolve();
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
