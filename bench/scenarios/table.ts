/**
 * The Table by itself: changes applied, and the longest pause while a large snapshot is encoded.
 */
import { join } from 'node:path';
import { Growth } from '../measure/growth.ts';
import { LineChild, numberOf } from '../measure/line-child.ts';
import { figure } from '../measure/statistics.ts';
import { atLeast, atMost, type Result, type ResultTable } from '../result.ts';
import { type Bench, interleave, type Scenario } from '../scenario.ts';

const PROGRAM = join(import.meta.dirname, '../servers/table-work.ts');

const SIZES = [1_000, 10_000, 100_000];

/** The size of the promises. */
const MAIN_SIZE = 100_000;

const FOR_MS = 1_000;

const QUICK_MS = 300;

const MIN_PER_SECOND = 1_000_000;

const MAX_STALL_MS = 20;

interface TableWork {
  perSecond: number;
  stallMs: number;
}

async function measure(rows: number, forMs: number): Promise<TableWork> {
  await using child = new LineChild(process.execPath, [
    '--expose-gc',
    PROGRAM,
    String(rows),
    String(forMs),
  ]);
  const answer = await child.ready;
  return {
    perSecond: numberOf(answer, 'appliedPerSecond'),
    stallMs: numberOf(answer, 'stallMs'),
  };
}

async function run(bench: Bench): Promise<Result> {
  const forMs = bench.quick ? QUICK_MS : FOR_MS;
  const runs = await interleave(
    bench,
    new Map(SIZES.map((rows) => [`${rows} rows`, () => measure(rows, forMs)])),
  );
  const growth = new Growth();
  const rows: ResultTable['rows'][number][] = [];
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  for (const size of SIZES) {
    const works = runs.get(`${size} rows`) ?? [];
    const perSecond = figure(works.map((work) => work.perSecond));
    const stallMs = figure(works.map((work) => work.stallMs));
    const nsEach = figure(works.map((work) => 1e9 / work.perSecond));
    growth.add('sse-table', size, nsEach);
    rows.push([size.toLocaleString('en'), perSecond, nsEach, stallMs]);
    if (size !== MAIN_SIZE) continue;
    const held = `${size.toLocaleString('en')} rows`;
    result.targets.push(
      atLeast(`Changes applied a second, ${held}`, MIN_PER_SECOND, perSecond),
      atMost(
        `Longest pause while a snapshot is encoded, after a garbage collection, ${held}`,
        MAX_STALL_MS,
        stallMs,
        ' ms',
      ),
    );
  }
  result.tables.push({
    title: 'updates of all columns, round over the rows',
    columns: ['rows', 'changes/s', 'ns/change', 'longest pause of a snapshot, ms'],
    rows,
  });
  result.charts.push(
    growth.chart({ name: 'table', title: 'One change applied', xTitle: 'rows', yTitle: 'ns' }),
  );
  return result;
}

export const table: Scenario = {
  name: 'table',
  title: 'The table by itself',
  method:
    'Batches of 1,000 updates, applied without any subscriber; only `apply` is on the clock. Then a client ' +
    'that takes everything joins, after a garbage collection, and the longest turn of the event loop ' +
    'until it has the whole snapshot is noted. What millions of updates have left to collect would ' +
    'otherwise be collected at some time during the snapshot.',
  peers: [],
  run,
};
