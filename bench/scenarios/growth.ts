/**
 * How the cost of one publish grows with the table and with its rows. Against subscribers and against
 * the rate it is in `fan-out` and `rate`.
 */
import { paced, pluck } from '../measure/delivery.ts';
import { Growth } from '../measure/growth.ts';
import { figure } from '../measure/statistics.ts';
import type { Result, ResultTable } from '../result.ts';
import { type Bench, interleave, type Scenario, spell } from '../scenario.ts';
import { type StreamServerOptions, sseTable } from '../servers/fan-out-server.ts';

const SUBSCRIBERS = 100;

const FOR_MS = 2_000;

/** One at a time. */
const PER_SECOND = 20;

const ROWS = [100, 1_000, 100_000];

const EVENT_BYTES = [172, 2_000, 32_000];

interface Walk {
  title: string;
  unit: string;
  name: string;
  sizes: readonly number[];
  optionsOf(size: number): StreamServerOptions;
}

const WALKS: readonly Walk[] = [
  {
    title: 'rows in the table',
    unit: 'rows',
    name: 'growth-rows',
    sizes: ROWS,
    optionsOf: (rows) => ({ rows }),
  },
  {
    title: 'size of an event',
    unit: 'bytes',
    name: 'growth-size',
    sizes: EVENT_BYTES,
    optionsOf: (eventBytes) => ({ eventBytes }),
  },
];

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const base = { subscribers: SUBSCRIBERS, perSecond: PER_SECOND, ...spell(bench, FOR_MS) };
  for (const { title, unit, name, sizes, optionsOf } of WALKS) {
    bench.say(` ${title}`);
    const walked = bench.quick ? sizes.slice(1, 3) : sizes;
    const runs = await interleave(
      bench,
      new Map(walked.map((size) => [String(size), () => paced(sseTable(optionsOf(size)), base)])),
    );
    const growth = new Growth();
    const rows: ResultTable['rows'][number][] = [];
    for (const [size, deliveries] of runs) {
      const cpu = figure(pluck(deliveries, 'cpuUsPerChange'));
      growth.add('sse-table', Number(size), cpu);
      rows.push([
        Number(size).toLocaleString('en'),
        cpu,
        figure(pluck(deliveries, 'cpuUsPerEvent')),
        figure(pluck(deliveries, 'p99Ms')),
        figure(pluck(deliveries, 'bytesPerEvent')),
      ]);
    }
    result.tables.push({
      title: `Against the ${title}, ${SUBSCRIBERS} subscribers`,
      columns: [unit, 'CPU µs/publish', 'CPU µs/event', 'p99 ms', 'bytes/event'],
      rows,
    });
    result.charts.push(
      growth.chart({
        name,
        title: `CPU for one publish, ${SUBSCRIBERS} subscribers`,
        xTitle: title,
        yTitle: 'µs',
      }),
    );
  }
  return result;
}

export const growth: Scenario = {
  name: 'growth',
  title: 'Growth with the table',
  method: `${PER_SECOND} updates a second, one at a time, to ${SUBSCRIBERS} subscribers.`,
  peers: [],
  run,
};
