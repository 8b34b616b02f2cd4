/**
 * A Wakeup: waiting until something rings, time is up, or the line is cut.
 *
 * @see SPEC 6 "NOTIFY is only a wake-up"
 */
import type { Clock } from '../../base/clock.ts';

/** Collects what rang while nobody waited. */
export class Wakeup {
  readonly #clock: Clock;
  #rung = new Set<string>();
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(name: string): void {
    this.#rung.add(name);
    this.#wake?.();
  }

  /** Whoever waits next, or now, gets this error. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** What has rung since the last time; none when `limitMs` went by. @throws what `fail` was given. */
  async next(limitMs: number): Promise<ReadonlySet<string>> {
    if (this.#rung.size === 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(limitMs, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
    }
    if (this.#failure !== undefined) throw this.#failure;
    const rung = this.#rung;
    this.#rung = new Set();
    return rung;
  }
}
