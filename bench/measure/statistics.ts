/**
 * Medians and spreads: a figure is never one run.
 *
 * @see DESIGN 4; STYLE 9
 */

/** What several runs of one measurement say. */
export interface Figure {
  median: number;
  min: number;
  max: number;
  runs: number;
}

/**
 * The figure of `values`, one value a run.
 * @throws {RangeError} when there is none.
 */
export function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    runs: sorted.length,
  };
}

/**
 * The figure of `a / b`, run by run: runs of one round shared the machine's mood.
 * @throws {RangeError} when the two differ in length.
 */
export function ratio(a: readonly number[], b: readonly number[]): Figure {
  if (a.length !== b.length) throw new RangeError(`${a.length} runs against ${b.length}`);
  return figure(a.map((value, run) => value / (b[run] ?? Number.NaN)));
}

/**
 * The value below which `share` (0 to 1) of the ascending `sorted` lie, between two where need be.
 * @throws {RangeError} when there is no value.
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (place - Math.floor(place));
}
