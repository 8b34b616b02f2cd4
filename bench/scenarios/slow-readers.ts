/**
 * Five clients among a thousand stop reading: what do the others notice, and what does it cost?
 */
import { type Delivery, flooded, paced, pluck } from '../measure/delivery.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { atMost, type Result } from '../result.ts';
import { type Bench, interleave, type Scenario, spell } from '../scenario.ts';
import { sseTable } from '../servers/fan-out-server.ts';

const SUBSCRIBERS = 1_000;

const STOPPED = 5;

const FOR_MS = 3_000;

const BYTES_PER_MB = 1_024 ** 2;

/** "Unchanged within noise", as a number. */
const MAX_P99_RATIO = 1.2;

/** "Flat": no more growth than this beside a run without stopped ones. */
const MAX_GROWTH_MB = 10;

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const base = { subscribers: SUBSCRIBERS, ...spell(bench, FOR_MS) };
  const loads: [string, (stopped: number) => Promise<Delivery>][] = [
    [
      '1,000 changes a second',
      (stopped) => paced(sseTable(), { ...base, stopped, perSecond: 1_000 }),
    ],
    ['as fast as it can', (stopped) => flooded(sseTable(), { ...base, stopped })],
  ];
  for (const [load, measure] of bench.quick ? loads.slice(0, 1) : loads) {
    bench.say(` ${load}`);
    const none = 'all read';
    const some = `${STOPPED} have stopped`;
    const runs = await interleave(
      bench,
      new Map([
        [none, () => measure(0)],
        [some, () => measure(STOPPED)],
      ]),
    );
    result.tables.push({
      title: `1,000 readers, ${load}`,
      columns: ['', 'p50 ms', 'p99 ms', 'delivered changes/s', 'cores', 'RSS growth MB'],
      rows: Array.from(runs, ([name, deliveries]) => [
        name,
        figure(pluck(deliveries, 'p50Ms')),
        figure(pluck(deliveries, 'p99Ms')),
        figure(pluck(deliveries, 'perSecond')),
        figure(pluck(deliveries, 'cpuShare')),
        figure(pluck(deliveries, 'grownBytes').map((bytes) => bytes / BYTES_PER_MB)),
      ]),
    });
    const of = (name: string, value: keyof Delivery) => pluck(runs.get(name) ?? [], value);
    const grown = of(some, 'grownBytes').map(
      (bytes, round) => (bytes - (of(none, 'grownBytes')[round] ?? 0)) / BYTES_PER_MB,
    );
    result.targets.push(
      atMost(
        `${load}: p99 of the others, with ${STOPPED} stopped ÷ without`,
        MAX_P99_RATIO,
        ratio(of(some, 'p99Ms'), of(none, 'p99Ms')),
      ),
      atMost(`${load}: RSS growth beyond that without`, MAX_GROWTH_MB, figure(grown), ' MB'),
    );
  }
  return result;
}

export const slowReaders: Scenario = {
  name: 'slow-readers',
  title: 'Slow readers',
  method:
    'Of 1,005 subscribers five stop reading before the load begins and never read again; the others are ' +
    'measured. Growth is that of resident memory over the measured stretch.',
  peers: [],
  run,
};
