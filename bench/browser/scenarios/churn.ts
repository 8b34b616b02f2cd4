/**
 * Memory over an hour's changes: rows that come, change and go.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { figure } from '../../measure/statistics.ts';
import { atMost, type Result } from '../../result.ts';
import { OURS } from '../contenders.ts';
import {
  type BrowserBench,
  type BrowserScenario,
  figureOf,
  rowsOf,
  takeTurns,
  warmUp,
} from '../scenario.ts';
import type { Session } from '../session.ts';

const ROWS = 10_000;

/** An hour of 200 changes a second, in a hundredth of the time. */
const CHANGES = 720_000;
const RATE = 20_000;

/** The heap is looked at this often, while changes rest. */
const LOOKS = 6;

/** Of the heap: what a collection leaves to chance. */
const GROWTH_LIMIT_PERCENT = 5;

const BYTES_PER_MB = 1_000_000;

/** Changes that are on their way get there. */
const SETTLE_MS = 500;

async function measure(bench: BrowserBench, session: Session): Promise<Record<string, number>> {
  const changes = bench.quick ? CHANGES / 20 : CHANGES;
  await session.change('turnover', RATE);
  await warmUp(bench);
  const heaps: number[] = [];
  const look = async (): Promise<number> => {
    const published = await session.rest();
    await sleep(SETTLE_MS);
    heaps.push((await session.tab.heapBytes()) / BYTES_PER_MB);
    return published;
  };
  let published = await look();
  const { Nodes: nodesBefore = Number.NaN } = await session.tab.metrics();
  for (let step = 1; step <= LOOKS; step++) {
    await session.change('turnover', RATE);
    await sleep(((changes / LOOKS) * 1_000) / RATE);
    published = await look();
  }
  const { Nodes: nodesAfter = Number.NaN } = await session.tab.metrics();
  // The first half warms up what grows once: the second tells whether anything grows for ever.
  const [firstMb = Number.NaN] = heaps;
  const middleMb = figure(heaps.slice(1, 1 + LOOKS / 2)).median;
  const lastMb = figure(heaps.slice(-LOOKS / 2)).median;
  return {
    published,
    firstMb,
    middleMb,
    lastMb,
    growth: (lastMb / middleMb - 1) * 100,
    nodesBefore,
    nodesAfter,
    rows: Number(await session.tab.evaluate('bench.size()')),
  };
}

async function run(bench: BrowserBench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const samples = await takeTurns(
    bench,
    bench.contenders,
    { rows: ROWS },
    (session) => measure(bench, session),
    result.notes,
    ({ name }) => (name === OURS.name ? bench.rounds : 1),
  );
  result.tables.push({
    title: `${CHANGES.toLocaleString('en')} changes on ${ROWS.toLocaleString('en')} rows`,
    columns: [
      'grid',
      'changes',
      'heap MB, first',
      'first half',
      'second half',
      'growth %',
      'nodes before',
      'after',
      'rows',
    ],
    rows: rowsOf(samples, [
      'published',
      'firstMb',
      'middleMb',
      'lastMb',
      'growth',
      'nodesBefore',
      'nodesAfter',
      'rows',
    ]),
  });
  const growth = figureOf(samples, OURS.name, 'growth');
  if (growth !== undefined) {
    result.targets.push(
      atMost('heap over the churn run: growth', GROWTH_LIMIT_PERCENT, growth, ' %'),
    );
  }
  return result;
}

export const churn: BrowserScenario = {
  name: 'churn',
  title: "An hour's churn",
  method:
    'An hour of 200 changes a second in a hundredth of the time: half of them change a row, a quarter ' +
    'add one, a quarter delete one. The heap is read after a forced collection, with changes at rest, ' +
    'at the start and six times after; growth is the median of the last three beside that of the three ' +
    'before. Other grids run once.',
  run,
};
