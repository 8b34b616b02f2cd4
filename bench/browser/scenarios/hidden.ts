/**
 * A tab that nobody sees: it must not draw, nor hoard what it will draw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
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

const ROWS = 100_000;
const RATE = 20_000;

const HIDDEN_MS = 8_000;
const QUICK_HIDDEN_MS = 1_500;

/** The browser takes a moment to hide a tab. */
const SETTLE_MS = 500;

const GROWTH_LIMIT_PERCENT = 5;
const BYTES_PER_MB = 1_000_000;

async function measure(bench: BrowserBench, session: Session): Promise<Record<string, number>> {
  const { tab } = session;
  await session.change('trade', RATE);
  await warmUp(bench);
  await tab.hide();
  await sleep(SETTLE_MS);
  const state = await tab.evaluate('document.visibilityState');
  if (state !== 'hidden') throw new Error(`the tab is ${state}`);
  await tab.evaluate('bench.domChanges()');
  // Each row changes now and then: after some seconds all have, and what is kept of them is kept.
  await sleep(bench.quick ? QUICK_HIDDEN_MS : HIDDEN_MS / 2);
  const beforeMb = (await tab.heapBytes()) / BYTES_PER_MB;
  const { taskMs } = await session.mainThread(bench.quick ? QUICK_HIDDEN_MS : HIDDEN_MS);
  const afterMb = (await tab.heapBytes()) / BYTES_PER_MB;
  const domChanges = Number(await tab.evaluate('bench.domChanges()'));
  await tab.show();
  const back = await session.frames(1_000);
  return {
    taskMs,
    domChanges,
    beforeMb,
    afterMb,
    growth: (afterMb / beforeMb - 1) * 100,
    longestGapMs: back.longestGapMs,
  };
}

async function run(bench: BrowserBench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const samples = await takeTurns(
    bench,
    bench.contenders,
    { rows: ROWS, sorted: true },
    (session) => measure(bench, session),
    result.notes,
    ({ name }) => (name === OURS.name ? bench.rounds : 1),
  );
  result.tables.push({
    title: `${RATE.toLocaleString('en')} changes/s on ${ROWS.toLocaleString('en')} sorted rows, hidden`,
    columns: [
      'grid',
      'main thread ms/s',
      'changes of the DOM',
      'heap MB before',
      'after',
      'growth %',
      'longest gap on return ms',
    ],
    rows: rowsOf(samples, [
      'taskMs',
      'domChanges',
      'beforeMb',
      'afterMb',
      'growth',
      'longestGapMs',
    ]),
  });
  const drawn = figureOf(samples, OURS.name, 'domChanges');
  const growth = figureOf(samples, OURS.name, 'growth');
  if (drawn !== undefined) result.targets.push(atMost('hidden: changes of the DOM', 0, drawn));
  if (growth !== undefined) {
    result.targets.push(atMost('hidden: growth of the heap', GROWTH_LIMIT_PERCENT, growth, ' %'));
  }
  return result;
}

export const hidden: BrowserScenario = {
  name: 'hidden',
  title: 'A hidden tab',
  method:
    'Another tab is put in front; the stream goes on. Heap after a forced collection, when the tab ' +
    'has been hidden for 4 s and again 8 s later. Then the tab is shown, and the longest gap between ' +
    'two frames of the first second is how long it stood still. Other grids run once.',
  run,
};
