/**
 * How far a source's tables are behind its store: for the metrics.
 *
 * @see SPEC 3.7 "lag"
 */
import type { Clock } from '../base/clock.ts';
import type { SourceLag } from './source.ts';

/** Remembers when the tables last equalled the store. */
export class Lag {
  readonly #clock: Clock;
  #equalMs: number;
  #isBehind = true;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#equalMs = clock.now();
  }

  /** All that was in the store a moment ago is in the tables. */
  caughtUp(): void {
    this.#equalMs = this.#clock.now();
    this.#isBehind = false;
  }

  /** There is more in the store, or nobody knows: it is away. */
  fellBehind(): void {
    this.#isBehind = true;
  }

  /** @param changes that the store has counted and the tables do not have. */
  measure(changes: number): SourceLag {
    const seconds = this.#isBehind ? Math.max(0, this.#clock.now() - this.#equalMs) / 1_000 : 0;
    return { changes, seconds };
  }
}
