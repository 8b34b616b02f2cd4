/**
 * The best few of many rows without sorting them all.
 *
 * @see SPEC 3.1 "order=score.desc&limit=50"
 */
import type { Row } from '../../wire/change.ts';

/** Candidates gathered beyond the wanted number before they are sorted and cut. */
const MIN_SLACK = 256;

/**
 * The first `count` of `rows` by `compare`, in its order.
 * Once enough are gathered a row is compared with the worst of them and mostly dropped at once.
 */
export function bestOf(
  rows: readonly Row[],
  count: number,
  compare: (a: Row, b: Row) => number,
): Row[] {
  const best: Row[] = [];
  const slack = Math.max(count, MIN_SLACK);
  let worst: Row | undefined;
  const cut = (): void => {
    best.sort(compare);
    if (best.length > count) best.length = count;
    worst = best.length === count ? best[count - 1] : undefined;
  };
  for (const row of rows) {
    if (worst !== undefined && compare(row, worst) > 0) continue;
    best.push(row);
    if (best.length === count + slack) cut();
  }
  cut();
  return best;
}
