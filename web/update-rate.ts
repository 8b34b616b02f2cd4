/**
 * Updates a second, as a number that does not jitter and a short history for a sparkline.
 *
 * @see FRONTEND 4 "Companions"
 */

/** Points of the sparkline: one minute. */
const HISTORY = 60;

/** The shown rate is the mean of this many seconds, so that a change every 2 s reads as 0.5. */
const WINDOW = 6;

const SECOND_MS = 1_000;

/** Counts of a stream's row changes by second. */
export class UpdateRate {
  /** Row changes received since the feed was attached. */
  total = 0;
  /** Changes in each of the last seconds, oldest first. */
  readonly history: number[] = [];
  #gathered = 0;
  #closedAt: number;

  /** @param now milliseconds, as for `close`. */
  constructor(now: number) {
    this.#closedAt = now;
  }

  /** Counts `changes` row changes in the current second. */
  add(changes: number): void {
    this.total += changes;
    this.#gathered += changes;
  }

  /**
   * Closes the seconds that have passed. A timer that ran late (a hidden tab) closes several at
   * once, and what was gathered meanwhile is spread over them.
   */
  close(now: number): void {
    const seconds = Math.round((now - this.#closedAt) / SECOND_MS);
    if (seconds < 1) return;
    this.#closedAt += seconds * SECOND_MS;
    const points = Math.min(seconds, HISTORY);
    for (let i = 0; i < points; i++) this.history.push(this.#gathered / seconds);
    this.#gathered = 0;
    if (this.history.length > HISTORY) this.history.splice(0, this.history.length - HISTORY);
  }

  /** Changes a second, over the last few seconds. */
  get perSecond(): number {
    const last = this.history.slice(-WINDOW);
    return last.length === 0 ? 0 : last.reduce((sum, count) => sum + count, 0) / last.length;
  }

  /** The history as an SVG path in a box of `width` × `height`; empty before two points. */
  path(width: number, height: number): string {
    if (this.history.length < 2) return '';
    const top = Math.max(1, ...this.history);
    const step = width / (HISTORY - 1);
    const start = HISTORY - this.history.length;
    return this.history
      .map((count, i) => {
        const x = ((start + i) * step).toFixed(1);
        const y = (height - (count / top) * height).toFixed(1);
        return `${i === 0 ? 'M' : 'L'}${x} ${y}`;
      })
      .join('');
  }
}
