/**
 * Times in buckets that grow by a fiftieth: any number of them in constant memory.
 */

const GROWTH = 1.02;

/** Everything below is in the first bucket. */
const LEAST = 0.001;

/** Up to some 11 days, in ms. */
const BUCKETS = 1_400;

/** The quantiles of a report; each within 1 % of what was measured. */
export interface Quantiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export class Histogram {
  count = 0;
  #max = 0;
  readonly #buckets = new Float64Array(BUCKETS);

  add(value: number): void {
    const place = value <= LEAST ? 0 : Math.round(Math.log(value / LEAST) / Math.log(GROWTH));
    const bucket = Math.min(place, BUCKETS - 1);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.count++;
    if (value > this.#max) this.#max = value;
  }

  /** @returns undefined where there are no values. */
  quantiles(): Quantiles | undefined {
    if (this.count === 0) return undefined;
    const at = (share: number) => round(this.#quantile(share));
    return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: round(this.#max) };
  }

  #quantile(share: number): number {
    let left = Math.ceil(share * this.count);
    for (const [place, count] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return Math.min(place === 0 ? 0 : LEAST * GROWTH ** place, this.#max);
    }
    return this.#max;
  }
}

/** Three digits are more than was measured. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
