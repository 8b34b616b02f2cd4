/**
 * What changes cost, and how smooth the page stays: 2,000 and 20,000 a second.
 */
import { type Figure, figure } from '../../measure/statistics.ts';
import { atLeast, atMost, type Result, type Target } from '../../result.ts';
import { OURS, POOL } from '../contenders.ts';
import {
  type BrowserBench,
  type BrowserScenario,
  barsOf,
  figureOf,
  rowsOf,
  type Samples,
  takeTurns,
  valuesOf,
  warmUp,
} from '../scenario.ts';
import type { Session } from '../session.ts';

const RATES = [2_000, 20_000];

const CPU_MS = 2_000;
const FRAMES_MS = 2_000;
const QUICK_MS = 500;

/** The element does what a grid must; it may cost this much more than a pool that does nothing else. */
const POOL_LIMIT = 1.2;

const LEAST_FRAMES = 55;
const P95_GAP_LIMIT_MS = 25;

function perSecond(rate: number): string {
  return rate.toLocaleString('en');
}

async function measure(bench: BrowserBench, session: Session): Promise<Record<string, number>> {
  const sample: Record<string, number> = {};
  for (const rate of RATES) {
    await session.change('trade', rate);
    await warmUp(bench);
    const main = await session.mainThread(bench.quick ? QUICK_MS : CPU_MS);
    const frames = await session.frames(bench.quick ? QUICK_MS : FRAMES_MS);
    for (const [name, value] of Object.entries({ ...main, ...frames })) {
      sample[`${name}@${rate}`] = value;
    }
  }
  await session.rest();
  return sample;
}

function tableOf(samples: Samples, rows: number, rate: number): Result['tables'][0] {
  const names = [
    'taskMs',
    'scriptMs',
    'styleMs',
    'layoutMs',
    'perSecond',
    'p95GapMs',
    'longestGapMs',
    'p50LatencyMs',
    'p95LatencyMs',
  ];
  return {
    title: `${perSecond(rate)} changes/s on ${rows.toLocaleString('en')} rows`,
    columns: [
      'grid',
      'main thread ms/s',
      'script',
      'style',
      'layout',
      'frames/s',
      'p95 gap ms',
      'longest gap ms',
      'p50 latency ms',
      'p95 latency ms',
    ],
    rows: rowsOf(
      samples,
      names.map((name) => `${name}@${rate}`),
    ),
  };
}

/** The cost beside the pool's, and beside that of the leanest grid. */
function costTargets(bench: BrowserBench, samples: Samples, what: string): Target[] {
  const key = `taskMs@${RATES[0]}`;
  const ours = valuesOf(samples, OURS.name, key);
  const beside = (contender: string): Figure | undefined => {
    const theirs = valuesOf(samples, contender, key);
    const ratios = ours
      .map((value, round) => value / (theirs[round] ?? Number.NaN))
      .filter((ratio) => !Number.isNaN(ratio));
    return ratios.length === 0 ? undefined : figure(ratios);
  };
  return bench.contenders.flatMap(({ name }) => {
    const measured = name === OURS.name ? undefined : beside(name);
    if (measured === undefined) return [];
    return [atMost(`${what}: sse-table ÷ ${name}`, name === POOL.name ? POOL_LIMIT : 1, measured)];
  });
}

function smoothTargets(samples: Samples, what: string, rate: number): Target[] {
  const frames = figureOf(samples, OURS.name, `perSecond@${rate}`);
  const gap = figureOf(samples, OURS.name, `p95GapMs@${rate}`);
  if (frames === undefined || gap === undefined) return [];
  return [
    atLeast(`${what}: frames a second`, LEAST_FRAMES, frames),
    atMost(`${what}: p95 frame gap`, P95_GAP_LIMIT_MS, gap, ' ms'),
  ];
}

/** The scenario of so many rows, in the order they came or sorted. */
function rateScenario(rows: number, sorted: boolean): BrowserScenario {
  const order = sorted ? ', sorted' : '';
  const name = `rate-${rows / 1_000}k${sorted ? '-sorted' : ''}`;
  return {
    name,
    title: `Changes on ${rows.toLocaleString('en')} rows${order}`,
    method:
      'Prices of rows taken at random change, three of seven columns each time' +
      `${sorted ? '; rows are sorted by price, highest first' : ''}. First the main thread's time ` +
      'is taken from the browser while nothing else looks at the page (Performance.getMetrics: all ' +
      'tasks, and of them script, style and layout); then frames are counted from within it. ' +
      'Latency runs from a change on the server to the frame that shows it.',
    async run(bench) {
      const result: Result = { tables: [], charts: [], targets: [], notes: [] };
      const samples = await takeTurns(
        bench,
        bench.contenders,
        { rows, sorted },
        (session) => measure(bench, session),
        result.notes,
      );
      for (const rate of RATES) {
        result.tables.push(tableOf(samples, rows, rate));
        result.charts.push({
          kind: 'bars',
          name: `${name}-${rate}`,
          title: `Main thread at ${perSecond(rate)} changes/s, ${rows.toLocaleString('en')} rows${order}`,
          unit: 'ms/s',
          bars: barsOf(samples, `taskMs@${rate}`),
        });
      }
      const [low = 0, high = 0] = RATES;
      const what = (rate: number) =>
        `${perSecond(rate)} changes/s on ${rows.toLocaleString('en')} rows${order}`;
      if (rows === 10_000) {
        result.targets.push(...costTargets(bench, samples, `main thread, ${what(low)}`));
      }
      if (rows === 100_000 && sorted) {
        result.targets.push(...smoothTargets(samples, what(high), high));
      }
      return result;
    },
  };
}

export const RATE_SCENARIOS: readonly BrowserScenario[] = [10_000, 100_000].flatMap((rows) => [
  rateScenario(rows, false),
  rateScenario(rows, true),
]);
