/**
 * When changes leave: at once when idle, gathered for a window when busy.
 *
 * @see SPEC 7 "flush window"; DESIGN 4 "The system call is the cost; spend fewer"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { Applied } from '../table/applied.ts';
import { Pending, type PendingChange } from './pending.ts';

/** Distinct rows waiting that are worth a flush at once, whatever the window. */
const MAX_PENDING_ROWS = 4_096;

export interface FlushWindowOptions {
  clock: Clock;
  /** Shortest time between two flushes, in ms; may be changed later. */
  flushMs: number;
  /** The key column of the table. */
  key: string;
  /** Sends merged changes, which stand for `taken` applied ones. */
  send: (changes: readonly PendingChange[], taken: number) => void;
}

/** Gathers changes and decides when to send them. */
export class FlushWindow {
  readonly #options: FlushWindowOptions;
  readonly #pending = new Pending();
  #flushMs: number;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;

  constructor(options: FlushWindowOptions) {
    this.#options = options;
    this.#flushMs = options.flushMs;
  }

  /** Distinct rows waiting. */
  get size(): number {
    return this.#pending.size;
  }

  /** Gathers for this long from now on, what waits already included. */
  setFlushMs(flushMs: number): void {
    this.#flushMs = flushMs;
    if (this.#cancel === undefined) return;
    this.stop();
    this.#schedule();
  }

  /** Takes the changes of one `apply`. */
  add(changes: readonly Applied[]): void {
    for (const applied of changes) this.#pending.add(applied);
    if (this.#pending.size >= MAX_PENDING_ROWS) this.flush();
    else this.#schedule();
  }

  /** Sends what waits, now. */
  flush(): void {
    this.stop();
    if (this.#pending.size === 0) return;
    const { changes, taken } = this.#pending.take(this.#options.key);
    this.#options.send(changes, taken);
    // Taken after the writes, so that the window leaves time for everything else under full load.
    this.#lastFlushMs = this.#options.clock.now();
  }

  /** Cancels what is scheduled. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    if (this.#cancel !== undefined) return;
    const { clock } = this.#options;
    const waitMs = Math.max(0, this.#lastFlushMs + this.#flushMs - clock.now());
    this.#cancel = clock.after(waitMs, () => this.flush());
  }
}
