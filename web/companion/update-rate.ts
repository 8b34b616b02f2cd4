/**
 * Updates a second, as a number that does not jitter and a short history for a sparkline.
 *
 * @see FRONTEND 4 "Companions"
 */

/** Points of the sparkline; one a second makes a minute. */
const HISTORY = 60;

/** The shown rate is the mean of this many points, so that a change every 2 s reads as 0.5. */
const WINDOW = 6;

/** A shorter point would make a peak of a handful of changes. */
const LEAST_SECONDS = 0.9;

/** Counts of a stream's row changes. */
export class UpdateRate {
  /** Row changes counted so far. */
  total = 0;
  /** Changes a second, oldest first; before the first change nothing changed. */
  readonly #history: number[] = new Array<number>(HISTORY).fill(0);
  #points = 0;
  #closedTotal = 0;
  #closedAt: number;

  /** @param now milliseconds, as for `close`. */
  constructor(now: number) {
    this.#closedAt = now;
  }

  /** Ends a point of the history. A timer that ran late (a hidden tab) makes a longer point. */
  close(now: number): void {
    const seconds = (now - this.#closedAt) / 1_000;
    if (seconds < LEAST_SECONDS) return;
    this.#history.push((this.total - this.#closedTotal) / seconds);
    this.#history.shift();
    this.#points++;
    this.#closedTotal = this.total;
    this.#closedAt = now;
  }

  /** Changes a second, over the last few points. */
  get perSecond(): number {
    const points = Math.min(this.#points, WINDOW);
    const sum = this.#history.slice(-WINDOW).reduce((sum, rate) => sum + rate, 0);
    return points === 0 ? 0 : sum / points;
  }

  /** The history as an SVG path, `HISTORY - 1` wide and `height` high. */
  path(height: number): string {
    const top = Math.max(1, ...this.#history);
    return this.#history
      .map((rate, x) => `${x === 0 ? 'M' : 'L'}${x} ${(height * (1 - rate / top)).toFixed(1)}`)
      .join('');
  }
}
