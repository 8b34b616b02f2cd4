/**
 * Looks at the vitals each second: rates and shares for the metrics, thresholds, and whether the
 * server is overloaded.
 *
 * @see SPEC 3.7, 10 "Overload"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { RollingMean } from '../base/rolling-mean.ts';
import type { LoopDelay, Memory, Vitals } from '../base/vitals.ts';
import { Thresholds, type ThresholdsOptions } from './thresholds.ts';

const SAMPLE_MS = 1_000;

/** CPU and changes are held against their marks by their mean: a start or one batch is no load. */
const MEAN_SAMPLES = 5; // s

/** A p99 above this means that clients wait. */
const OVERLOAD_DELAY_MS = 1_000;

/** …if it lasts: one long pause is none. */
const OVERLOAD_LASTS_MS = 5_000;

/** Of the memory's limit: past it the process may die at any time. */
const OVERLOAD_MEMORY_SHARE = 0.95;

const OVERLOADED = 'overloaded: new streams are refused, changes are gathered for longer';

export interface MonitorDeps {
  clock: Clock;
  vitals: Vitals;
  log: Log;
  thresholds: ThresholdsOptions;
  /** Streams open. */
  connections: () => number;
  /** Told when the server becomes overloaded, and when it no longer is. */
  onOverload: (isOverloaded: boolean) => void;
  /** Changes applied since the start. */
  messages: () => number;
}

export class Monitor {
  readonly thresholds: Thresholds;
  readonly #deps: MonitorDeps;
  readonly #startedMs: number;
  readonly #stopSampling: Cancel;
  #memory: Memory;
  #delay: LoopDelay = { p50Ms: 0, p99Ms: 0 };
  readonly #cpuMean = new RollingMean(MEAN_SAMPLES);
  readonly #messagesMean = new RollingMean(MEAN_SAMPLES);
  #cpuShare = 0;
  #messagesPerS = 0;
  #sampledMs: number;
  #cpuMicros: number;
  #messages: number;
  #lateSinceMs: number | undefined;
  #overloaded = false;

  constructor(deps: MonitorDeps) {
    const { clock, vitals } = deps;
    this.#deps = deps;
    this.thresholds = new Thresholds(deps.thresholds, deps.log);
    this.#startedMs = clock.now();
    this.#sampledMs = this.#startedMs;
    this.#memory = vitals.memory();
    this.#cpuMicros = vitals.cpuMicros();
    this.#messages = deps.messages();
    this.#stopSampling = clock.every(SAMPLE_MS, () => this.#sample());
  }

  /** Whether new streams are refused. Never because of CPU alone. */
  get isOverloaded(): boolean {
    return this.#overloaded;
  }

  get uptimeS(): number {
    return (this.#deps.clock.now() - this.#startedMs) / 1_000;
  }

  get memory(): Memory {
    return this.#deps.vitals.memory();
  }

  get load(): readonly number[] {
    return this.#deps.vitals.load();
  }

  /** CPU time since the start, in seconds. */
  get cpuSeconds(): number {
    return this.#deps.vitals.cpuMicros() / 1e6;
  }

  /** Share of one core in the last second; several threads can make it more than 1. */
  get cpuShare(): number {
    return this.#cpuShare;
  }

  /** Event-loop delay in the last second. */
  get delay(): LoopDelay {
    return this.#delay;
  }

  get messagesPerS(): number {
    return this.#messagesPerS;
  }

  stop(): void {
    this.#stopSampling();
    this.#deps.vitals.stop();
  }

  #sample(): void {
    const { clock, vitals, connections, messages } = this.#deps;
    const nowMs = clock.now();
    const passedMs = nowMs - this.#sampledMs;
    if (passedMs <= 0) return; // the wall clock was set back
    const cpuMicros = vitals.cpuMicros();
    const count = messages();
    this.#cpuShare = (cpuMicros - this.#cpuMicros) / (passedMs * 1_000);
    this.#messagesPerS = ((count - this.#messages) * 1_000) / passedMs;
    this.#memory = vitals.memory();
    this.#delay = vitals.takeLoopDelay();
    this.#sampledMs = nowMs;
    this.#cpuMicros = cpuMicros;
    this.#messages = count;
    this.thresholds.measure('connections', connections());
    this.thresholds.measure('memory', this.#memory.share);
    this.thresholds.measure('cpu', this.#cpuMean.push(this.#cpuShare));
    this.thresholds.measure('messages', this.#messagesMean.push(this.#messagesPerS));
    this.#judge(nowMs);
  }

  #judge(nowMs: number): void {
    if (this.#delay.p99Ms > OVERLOAD_DELAY_MS) this.#lateSinceMs ??= nowMs;
    else this.#lateSinceMs = undefined;
    const isLate =
      this.#lateSinceMs !== undefined && nowMs - this.#lateSinceMs >= OVERLOAD_LASTS_MS;
    const overloaded = isLate || this.#memory.share > OVERLOAD_MEMORY_SHARE;
    if (overloaded === this.#overloaded) return;
    this.#overloaded = overloaded;
    this.#deps.onOverload(overloaded);
    const fields = { delayP99Ms: this.#delay.p99Ms, memoryShare: this.#memory.share };
    if (overloaded) this.#deps.log.warn(OVERLOADED, fields);
    else this.#deps.log.info('no longer overloaded', fields);
  }
}
