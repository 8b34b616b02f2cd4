/**
 * Scrolling while rows change, and through a million of them.
 */
import { atMost, type Result } from '../../result.ts';
import { OURS, POOL } from '../contenders.ts';
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
const MANY_ROWS = 1_000_000;

const RATE = 2_000;

/** 2,000 px a second at 60 frames: a fast, steady turn of the wheel. */
const PX_PER_FRAME = 33;

/** Half a viewport in each frame: a fling. */
const FLING_PX_PER_FRAME = 400;

const FOR_MS = 3_000;
const QUICK_MS = 500;

/** Where the thumb is dragged to, as shares of the height. */
const JUMPS = [0.5, 0.999, 0.1, 0.75, 0];

const COLUMNS = {
  perSecond: 'frames/s',
  p95GapMs: 'p95 gap ms',
  longestGapMs: 'longest gap ms',
  blankFrames: 'blank frames',
  mostBlankPx: 'most blank px',
} as const;

const NAMES = Object.keys(COLUMNS);

async function underLoad(bench: BrowserBench, session: Session): Promise<Record<string, number>> {
  await session.change('trade', RATE);
  await warmUp(bench);
  const scrolling = session.frames(bench.quick ? QUICK_MS : FOR_MS, PX_PER_FRAME);
  const { taskMs } = await session.mainThread(bench.quick ? QUICK_MS : FOR_MS);
  return { taskMs, ...(await scrolling) };
}

async function throughMany(bench: BrowserBench, session: Session): Promise<Record<string, number>> {
  await session.change('trade', RATE);
  await warmUp(bench);
  const forMs = bench.quick ? QUICK_MS : FOR_MS;
  const steady = await session.frames(forMs, PX_PER_FRAME);
  const fling = await session.frames(forMs, FLING_PX_PER_FRAME);
  let blankJumps = 0;
  for (const share of JUMPS) {
    if (Number(await session.tab.evaluate(`bench.jump(${share})`)) > 1) blankJumps++;
  }
  const named = Object.entries(fling).map(([name, value]) => [`fling ${name}`, value]);
  const { firstPaintMs, completeMs } = session.load;
  return { ...steady, ...Object.fromEntries(named), blankJumps, firstPaintMs, completeMs };
}

async function run(bench: BrowserBench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const { notes, tables, targets } = result;
  const loaded = await takeTurns(
    bench,
    bench.contenders,
    { rows: ROWS },
    (session) => underLoad(bench, session),
    notes,
  );
  tables.push({
    title: `2,000 px/s through ${ROWS.toLocaleString('en')} rows, ${RATE.toLocaleString('en')} changes/s`,
    columns: ['grid', 'main thread ms/s', ...Object.values(COLUMNS)],
    rows: rowsOf(loaded, ['taskMs', ...NAMES]),
  });
  if (bench.quick) return result;
  bench.say(` ${MANY_ROWS.toLocaleString('en')} rows`);
  const many = await takeTurns(
    bench,
    [OURS, POOL],
    { rows: MANY_ROWS },
    (session) => throughMany(bench, session),
    notes,
  );
  tables.push({
    title: `${MANY_ROWS.toLocaleString('en')} rows`,
    columns: ['grid', 'first paint ms', 'complete ms', 'blank after jumps'],
    rows: rowsOf(many, ['firstPaintMs', 'completeMs', 'blankJumps']),
  });
  for (const [what, names] of [
    ['2,000 px/s', NAMES],
    ['400 px a frame', NAMES.map((name) => `fling ${name}`)],
  ] as const) {
    tables.push({
      title: `${what} through ${MANY_ROWS.toLocaleString('en')} rows, ${RATE.toLocaleString('en')} changes/s`,
      columns: ['grid', ...Object.values(COLUMNS)],
      rows: rowsOf(many, names),
    });
  }
  for (const [name, what] of Object.entries({
    blankFrames: 'at 2,000 px/s',
    'fling blankFrames': 'at 400 px a frame',
    blankJumps: 'after a jump of the thumb',
  })) {
    const measured = figureOf(many, OURS.name, name);
    if (measured === undefined) continue;
    targets.push(
      atMost(`${MANY_ROWS.toLocaleString('en')} rows: blank frames ${what}`, 0, measured),
    );
  }
  return result;
}

export const scroll: BrowserScenario = {
  name: 'scroll',
  title: 'Scrolling under load',
  method:
    'The page scrolls by so many px in each frame while rows change, as it does when the browser scrolls ' +
    'by itself: the grid hears of it in the frame after. A frame is blank where rows did not cover the ' +
    'whole viewport once it was drawn. A jump sets the scroll position anywhere, and is looked at ' +
    'three frames later.',
  run,
};
