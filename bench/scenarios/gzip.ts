/**
 * What gzip saves and what it costs: compressed once for all, or once for each.
 */
import { Crowd } from '../measure/crowd.ts';
import { type Delivery, paced, pluck } from '../measure/delivery.ts';
import { usageOf } from '../measure/process-usage.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { atMost, type Result } from '../result.ts';
import { type Bench, interleave, type Scenario, spell } from '../scenario.ts';
import { sseTable } from '../servers/fan-out-server.ts';

const SUBSCRIBERS = 1_000;

const FOR_MS = 2_000;

/** One at a time, and gathered. */
const RATES = [20, 1_000];

/** Memory is compared here. */
const CONNECTIONS = 3_000;

const PLAIN = 'plain';
const GZIP = 'gzip';

async function memoryEach(gzip: boolean, count: number): Promise<number> {
  await using server = await sseTable().start();
  const { port, path, pids } = server;
  {
    await using _warm = await Crowd.open({ port, path, count: 100, gzip });
    await server.pace(20, 500);
  }
  await server.collect();
  const before = usageOf(pids);
  await using crowd = await Crowd.open({ port, path, count, gzip });
  await server.pace(20, 500);
  await crowd.settled();
  await server.collect();
  return (usageOf(pids).rssBytes - before.rssBytes) / 1_024 / count;
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const options = { subscribers: SUBSCRIBERS, ...spell(bench, FOR_MS) };
  for (const perSecond of bench.quick ? RATES.slice(0, 1) : RATES) {
    bench.say(` ${perSecond} changes a second`);
    const measure = (gzip: boolean) => () => paced(sseTable(), { ...options, perSecond, gzip });
    const runs = await interleave(
      bench,
      new Map([
        [PLAIN, measure(false)],
        [GZIP, measure(true)],
      ]),
    );
    result.tables.push({
      title: `1,000 subscribers, ${perSecond.toLocaleString('en')} changes a second`,
      columns: [
        '',
        'bytes/change',
        'CPU µs/change',
        'cores',
        'p50 ms',
        'p99 ms',
        'delivered share',
      ],
      rows: Array.from(runs, ([name, deliveries]) => [
        name,
        figure(pluck(deliveries, 'bytesPerEvent')),
        figure(pluck(deliveries, 'cpuUsPerEvent')),
        figure(pluck(deliveries, 'cpuShare')),
        figure(pluck(deliveries, 'p50Ms')),
        figure(pluck(deliveries, 'p99Ms')),
        figure(pluck(deliveries, 'deliveredShare')),
      ]),
    });
    const against = (value: keyof Delivery) =>
      ratio(pluck(runs.get(GZIP) ?? [], value), pluck(runs.get(PLAIN) ?? [], value));
    const load = `${perSecond.toLocaleString('en')} changes/s`;
    result.targets.push(
      atMost(`Bytes, gzip ÷ plain, ${load}`, 0.25, against('bytesPerEvent')),
      atMost(`CPU, gzip ÷ plain, ${load}`, 1.3, against('cpuUsPerEvent')),
    );
  }
  const connections = bench.quick ? SUBSCRIBERS : CONNECTIONS;
  bench.say(` memory of ${connections} connections`);
  const memory = await interleave(
    bench,
    new Map([
      [PLAIN, () => memoryEach(false, connections)],
      [GZIP, () => memoryEach(true, connections)],
    ]),
  );
  const plain = memory.get(PLAIN) ?? [];
  const gzip = memory.get(GZIP) ?? [];
  const extra = figure(gzip.map((kb, round) => kb - (plain[round] ?? 0)));
  result.tables.push({
    title: `Memory of each of ${connections.toLocaleString('en')} connections after ten updates`,
    columns: ['', 'KB'],
    rows: [
      [PLAIN, figure(plain)],
      [GZIP, figure(gzip)],
    ],
  });
  result.targets.push(atMost('Memory that gzip adds to a connection', 1, extra, ' KB'));
  return result;
}

export const gzip: Scenario = {
  name: 'gzip',
  title: 'gzip',
  method:
    'The same load with and without Accept-Encoding: gzip. Bytes are those on the wire, chunk framing ' +
    'included; 20 subscribers decompress, and every change they are owed is counted. Events are updates ' +
    'of 172 bytes: key, a short text, a time stamp.',
  peers: [],
  run,
};
