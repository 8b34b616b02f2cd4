/**
 * Load that goes on: how much of a core 1,000 subscribers take at 10 to 100,000 changes a second,
 * and how late the changes arrive.
 */
import { type Delivery, paced, pluck } from '../measure/delivery.ts';
import { Growth } from '../measure/growth.ts';
import { figure, ratio } from '../measure/statistics.ts';
import type { PeerName } from '../peers/peers.ts';
import { atMost, type Result, type Target } from '../result.ts';
import { type Bench, interleave, type Scenario, spell, withPeers } from '../scenario.ts';
import { type Contender, sseTable } from '../servers/fan-out-server.ts';

const SUBSCRIBERS = 1_000;

const FOR_MS = 3_000;

/** Latency of single events is compared here. */
const CALM_RATE = 10;

/** The load of the promise. */
const BUSY_RATE = 1_000;

const OUR_RATES = [CALM_RATE, 100, BUSY_RATE, 10_000, 100_000];

/** Servers that write each event to each client are at their end beyond. */
const PEER_RATES = [CALM_RATE, 100];

const PEERS: readonly PeerName[] = ['writeLoop', 'nchan'];

type Runs = Map<string, Delivery[]>;

async function measure(bench: Bench, perSecond: number): Promise<Runs> {
  bench.say(` ${perSecond} changes a second`);
  const contenders = PEER_RATES.includes(perSecond)
    ? withPeers(bench, sseTable(), PEERS)
    : [sseTable()];
  const options = { subscribers: SUBSCRIBERS, perSecond, ...spell(bench, FOR_MS) };
  const run = (contender: Contender) => () => paced(contender, options);
  return interleave(bench, new Map(contenders.map((each) => [each.name, run(each)])));
}

function targetsOf(perSecond: number, runs: Runs): Target[] {
  const ours = runs.get('sse-table') ?? [];
  if (perSecond === BUSY_RATE) {
    const load = '1,000 changes/s × 1,000 subscribers';
    return [
      atMost(`${load}: cores`, 0.6, figure(pluck(ours, 'cpuShare'))),
      atMost(`${load}: p99`, 60, figure(pluck(ours, 'p99Ms')), ' ms'),
    ];
  }
  const loop = runs.get('Node, bare write loop');
  if (perSecond !== CALM_RATE || loop === undefined) return [];
  const measured = ratio(pluck(ours, 'p50Ms'), pluck(loop, 'p50Ms'));
  return [atMost('10 changes/s: p50 of sse-table ÷ that of the bare write loop', 1.5, measured)];
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const rows: Result['tables'][number]['rows'][number][] = [];
  const cpuGrowth = new Growth();
  const p99Growth = new Growth();
  for (const perSecond of bench.quick ? [CALM_RATE, BUSY_RATE] : OUR_RATES) {
    const runs = await measure(bench, perSecond);
    result.targets.push(...targetsOf(perSecond, runs));
    for (const [name, deliveries] of runs) {
      const cpu = figure(pluck(deliveries, 'cpuShare'));
      const p99 = figure(pluck(deliveries, 'p99Ms'));
      cpuGrowth.add(name, perSecond, cpu);
      p99Growth.add(name, perSecond, p99);
      rows.push([
        perSecond.toLocaleString('en'),
        name,
        figure(pluck(deliveries, 'publishedPerSecond')),
        cpu,
        figure(pluck(deliveries, 'p50Ms')),
        p99,
        figure(pluck(deliveries, 'deliveredShare')),
      ]);
    }
  }
  const columns = ['changes/s', 'server', 'published/s', 'cores', 'p50 ms', 'p99 ms'];
  result.tables.push({
    title: '1,000 subscribers',
    columns: [...columns, 'delivered share'],
    rows,
  });
  const xTitle = 'changes published each second';
  result.charts.push(
    cpuGrowth.chart({
      name: 'rate-cpu',
      title: 'Cores used by the server, 1,000 subscribers',
      xTitle,
      yTitle: 'cores',
    }),
    p99Growth.chart({
      name: 'rate-p99',
      title: 'Latency p99, 1,000 subscribers',
      xTitle,
      yTitle: 'ms',
    }),
  );
  return result;
}

export const rate: Scenario = {
  name: 'rate',
  title: 'Load against the rate of changes',
  method:
    'A steady number of changes a second, round over 1,000 rows, to 1,000 subscribers. Latency runs ' +
    'from publishing to reading in the client and includes the 16 ms for which a busy server gathers.',
  peers: PEERS,
  run,
};
