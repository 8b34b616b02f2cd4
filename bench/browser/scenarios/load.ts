/**
 * How soon rows are to be seen: from a thousand to a hundred thousand of them; a million are scrolled through.
 */
import { atMost, type Result } from '../../result.ts';
import { OURS } from '../contenders.ts';
import {
  type BrowserBench,
  type BrowserScenario,
  barsOf,
  figureOf,
  rowsOf,
  takeTurns,
} from '../scenario.ts';

/** First paint of so many rows has a limit. */
const MAIN_SIZE = 100_000;

const FIRST_PAINT_LIMIT_MS = 300;

const BYTES_PER_MB = 1_000_000;

async function run(bench: BrowserBench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const sizes = bench.quick ? [1_000, MAIN_SIZE] : [1_000, 10_000, MAIN_SIZE];
  for (const rows of sizes) {
    bench.say(` ${rows.toLocaleString('en')} rows`);
    const samples = await takeTurns(
      bench,
      bench.contenders,
      { rows },
      async ({ load, tab }) => {
        const { Nodes = Number.NaN } = await tab.metrics();
        const heapMb = (await tab.heapBytes()) / BYTES_PER_MB;
        return { firstPaint: load.firstPaintMs, complete: load.completeMs, heapMb, nodes: Nodes };
      },
      result.notes,
    );
    result.tables.push({
      title: `${rows.toLocaleString('en')} rows`,
      columns: ['grid', 'first paint ms', 'complete ms', 'heap MB', 'DOM nodes'],
      rows: rowsOf(samples, ['firstPaint', 'complete', 'heapMb', 'nodes']),
    });
    const firstPaint = figureOf(samples, OURS.name, 'firstPaint');
    if (rows !== MAIN_SIZE || firstPaint === undefined) continue;
    const what = `${rows.toLocaleString('en')} rows: first byte to first paint`;
    result.targets.push(atMost(what, FIRST_PAINT_LIMIT_MS, firstPaint, ' ms'));
    result.charts.push({
      kind: 'bars',
      name: 'load',
      title: `First byte to all ${rows.toLocaleString('en')} rows drawn`,
      unit: 'ms',
      bars: barsOf(samples, 'complete'),
    });
  }
  return result;
}

export const load: BrowserScenario = {
  name: 'load',
  title: 'Loading',
  method:
    'A fresh browser opens the page; the snapshot comes as the stream sends it, and grids are given ' +
    'each part of it as it comes. From the first byte of the answer to the frame that first shows ' +
    'rows, and to the one by which the grid holds all of them. Heap after a forced collection.',
  run,
};
