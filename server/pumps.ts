/**
 * Carries changes from sources to tables: each batch is applied before the next one is pulled,
 * which is the back pressure.
 *
 * @see SPEC 6; DESIGN 2 "One row's walk"
 */
import type { Clock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import type { Log } from './base/log.ts';
import { pause } from './base/pause.ts';
import type { Random } from './base/random.ts';
import { backoffMs } from './base/retry.ts';
import { Delivery } from './delivery.ts';
import type { SourceState } from './http/metrics.ts';
import type { Source, SourceContext } from './source/source.ts';
import type { Tables } from './table/tables.ts';

/** Waits between tries of a source that failed. */
const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;

/** A source that always has the next batch at hand must let others have their turn. */
const MAX_TURN_MS = 10;

export interface PumpsDeps {
  tables: Tables;
  clock: Clock;
  random: Random;
  log: Log;
  /** Resolves when those who copy the tables have kept up; undefined when they have. */
  keptUp?: () => Promise<void> | undefined;
}

interface Pump {
  source: Source;
  delivery: Delivery;
  /** Why it has stopped for good, or waits to try again. */
  failure: string | undefined;
}

/** The sources of a server, running. */
export class Pumps {
  /** Resolves when every source attached has ended, endless ones aside; with none, never. */
  readonly ended: Promise<void>;
  readonly #deps: PumpsDeps;
  readonly #abort = new AbortController();
  readonly #pumps: Pump[] = [];
  readonly #runs = new Set<Promise<void>>();
  readonly #endless: Promise<void>[] = [];
  readonly #resolveEnded: () => void;

  constructor(deps: PumpsDeps) {
    this.#deps = deps;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  /** How the sources are. */
  get states(): SourceState[] {
    return this.#pumps.map(({ source, failure }) => ({
      name: source.name,
      down: failure ?? source.down,
      lag: source.lag,
    }));
  }

  /** Runs a source from now on. */
  attach(source: Source): void {
    const run = this.#start(source).finally(() => {
      this.#runs.delete(run);
      if (this.#runs.size === 0) this.#resolveEnded();
    });
    this.#runs.add(run);
  }

  /** The same for one whose end nobody waits for. */
  attachEndless(source: Source): void {
    this.#endless.push(this.#start(source));
  }

  /** Stops all sources; resolves when they have let go. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([...this.#runs, ...this.#endless]);
  }

  #start(source: Source): Promise<void> {
    const { tables } = this.#deps;
    const pump: Pump = { source, delivery: new Delivery(tables), failure: undefined };
    if (source.writer !== undefined) tables.useStore(source.writer);
    this.#pumps.push(pump);
    return this.#run(pump);
  }

  async #run(pump: Pump): Promise<void> {
    const { clock, random, log } = this.#deps;
    const { signal } = this.#abort;
    const { name } = pump.source;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#carry(pump, () => {
          attempt = 0;
        });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof SseTableError) {
          // Trying again would meet the same line, or the same full table.
          pump.failure = error.message;
          log.error(`${name} has stopped: ${error.message}`);
          return;
        }
        const waitMs = backoffMs(attempt, RETRY_BASE_MS, RETRY_MAX_MS, random);
        pump.failure = 'it failed and is tried again; the reason is in the log';
        log.error(`${name} failed; trying again in ${Math.round(waitMs)} ms`, { error });
        await pause(clock, waitMs, signal);
      }
    }
  }

  async #carry(pump: Pump, onProgress: () => void): Promise<void> {
    const { clock, log, keptUp } = this.#deps;
    const { source, delivery } = pump;
    const { signal } = this.#abort;
    const context: SourceContext = {
      signal,
      report: ({ level, message }) => log[level](`${source.name}: ${message}`),
      drop: (table) => delivery.drop(table),
    };
    const turn = (): Promise<void> => pause(clock, 0, signal);
    let turnMs = clock.now();
    for await (const batch of source.run(context, (spec) => delivery.open(spec))) {
      await delivery.take(batch, turn);
      pump.failure = undefined;
      onProgress();
      await keptUp?.();
      if (clock.now() - turnMs < MAX_TURN_MS) continue;
      await turn();
      turnMs = clock.now();
    }
    pump.failure = undefined;
    if (!signal.aborted) log.info(`${source.name} has ended; its rows stay`);
  }
}
