/**
 * The Crew: keeps a number of worker processes running. One that dies is replaced: at once if it had
 * lived a while, else after a growing, jittered wait.
 *
 * @see SPEC 9 "--workers N"
 */
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { backoffMs } from '../base/retry.ts';

/** One that dies younger would die again at once. */
const MIN_LIFE_MS = 5_000;

const RETRY_BASE_MS = 500;
const RETRY_MAX_MS = 30_000;

/** A process that serves clients. */
export interface WorkerProcess {
  readonly pid: number;
  /** The private pipe to it. */
  readonly pipe: Duplex;
  /** Resolves when it has ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** Ends it at once. */
  kill(): void;
}

export interface CrewDeps {
  clock: Clock;
  random: Random;
  log: Log;
  size: number;
  fork: () => WorkerProcess;
  onStart: (worker: WorkerProcess) => void;
  onEnd: (worker: WorkerProcess) => void;
}

/** Worker processes. */
export class Crew {
  readonly #deps: CrewDeps;
  readonly #workers = new Set<WorkerProcess>();
  readonly #waits = new Set<Cancel>();
  #replaced = 0;
  #isStopping = false;

  constructor(deps: CrewDeps) {
    this.#deps = deps;
  }

  /** Those alive. */
  get workers(): readonly WorkerProcess[] {
    return [...this.#workers];
  }

  /** Workers that ended without being told to, since the start. */
  get replaced(): number {
    return this.#replaced;
  }

  start(): void {
    for (let i = 0; i < this.#deps.size; i++) this.#fork(0);
  }

  /** Replaces nobody any more; resolves when all have ended, killed after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    for (const cancel of this.#waits) cancel();
    const cancel = this.#deps.clock.after(graceMs, () => this.kill());
    await Promise.all(Array.from(this.#workers, ({ ended }) => ended));
    cancel();
  }

  /** Ends all at once. */
  kill(): void {
    this.#isStopping = true;
    for (const worker of this.#workers) worker.kill();
  }

  #fork(attempt: number): void {
    const { clock, log, fork, onStart, onEnd } = this.#deps;
    const worker = fork();
    const bornMs = clock.now();
    this.#workers.add(worker);
    void worker.ended.then((how) => {
      this.#workers.delete(worker);
      onEnd(worker);
      if (this.#isStopping) return;
      this.#replaced++;
      log.warn(`worker ${worker.pid} has ended (${how}); another takes its place`);
      this.#replace(clock.now() - bornMs < MIN_LIFE_MS ? attempt + 1 : 0);
    });
    onStart(worker);
  }

  #replace(attempt: number): void {
    const { clock, random } = this.#deps;
    // The first time may be an accident: somebody else's kill, or a lack of memory.
    const waitMs = attempt <= 1 ? 0 : backoffMs(attempt - 2, RETRY_BASE_MS, RETRY_MAX_MS, random);
    const cancel = clock.after(waitMs, () => {
      this.#waits.delete(cancel);
      this.#fork(attempt);
    });
    this.#waits.add(cancel);
  }
}
