/**
 * The mean of the last few values: what lasts shows, a single peak does not.
 */

export class RollingMean {
  readonly #values: number[];
  #next = 0;

  /** @param count of how many values; those before the first are 0. */
  constructor(count: number) {
    this.#values = new Array<number>(count).fill(0);
  }

  /** Takes in a value. @returns the mean with it. */
  push(value: number): number {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
    let sum = 0;
    for (const kept of this.#values) sum += kept;
    return sum / this.#values.length;
  }
}
