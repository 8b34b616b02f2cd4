/** A Clock turned by hand. */
import type { Cancel, Clock } from '../server/base/clock.ts';

const START_MS = 1_700_000_000_000;

interface Due {
  atMs: number;
  order: number;
  fn: () => void;
  periodMs: number | undefined;
}

/** Time moves only by `advance`. */
export class FakeClock implements Clock {
  #nowMs = START_MS;
  #order = 0;
  readonly #due = new Set<Due>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fn: () => void): Cancel {
    return this.#schedule(Math.max(0, delayMs), fn, undefined);
  }

  every(periodMs: number, fn: () => void): Cancel {
    return this.#schedule(periodMs, fn, periodMs);
  }

  /** Calls waiting. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Moves time on and runs what falls due, in order, what that schedules included. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let due = this.#next(untilMs); due !== undefined; due = this.#next(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      if (due.periodMs === undefined) this.#due.delete(due);
      else due.atMs += due.periodMs;
      due.fn();
    }
    this.#nowMs = untilMs;
  }

  /** Runs what is due now. */
  runImmediate(): void {
    this.advance(0);
  }

  #schedule(delayMs: number, fn: () => void, periodMs: number | undefined): Cancel {
    const due = { atMs: this.#nowMs + delayMs, order: this.#order++, fn, periodMs };
    this.#due.add(due);
    return () => {
      this.#due.delete(due);
    };
  }

  #next(untilMs: number): Due | undefined {
    let next: Due | undefined;
    for (const due of this.#due) {
      if (due.atMs > untilMs) continue;
      if (next === undefined || due.atMs < next.atMs) next = due;
      else if (due.atMs === next.atMs && due.order < next.order) next = due;
    }
    return next;
  }
}
