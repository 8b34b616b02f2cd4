/**
 * What delivering one event costs, from one subscriber to ten thousand, ours beside its peers.
 */
import { type Delivery, paced, pluck } from '../measure/delivery.ts';
import { Growth } from '../measure/growth.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { ALL_PEERS, type PeerName } from '../peers/peers.ts';
import { atMost, type Result, type Target } from '../result.ts';
import { type Bench, interleave, possible, type Scenario, spell, withPeers } from '../scenario.ts';
import { type Contender, sseTable } from '../servers/fan-out-server.ts';

/** At this size all peers take part. */
const MAIN_SIZE = 1_000;

/** Elsewhere two are enough to see how the cost grows. */
const SOME_PEERS: readonly PeerName[] = ['epoll', 'nchan'];

const SIZES = [1, 100, MAIN_SIZE, 10_000];

const FOR_MS = 2_000;

/** Slow enough that each event is written alone: our server gathers what comes within 16 ms. */
function paceOf(subscribers: number): number {
  return subscribers > MAIN_SIZE ? 4 : 20;
}

function countOf(subscribers: number): string {
  return subscribers === 1 ? '1 subscriber' : `${subscribers.toLocaleString('en')} subscribers`;
}

type Runs = Map<string, Delivery[]>;

async function measure(
  bench: Bench,
  contenders: readonly Contender[],
  subscribers: number,
): Promise<Runs> {
  bench.say(` ${countOf(subscribers)}`);
  const perSecond = paceOf(subscribers);
  const run = (contender: Contender) => () =>
    paced(contender, { subscribers, perSecond, ...spell(bench, FOR_MS) });
  return interleave(
    bench,
    new Map(contenders.map((contender) => [contender.name, run(contender)])),
  );
}

function targetsOf(bench: Bench, runs: Runs): Target[] {
  const cost = (name: string | undefined): number[] | undefined => {
    const deliveries = name === undefined ? undefined : runs.get(name);
    return deliveries && pluck(deliveries, 'cpuUsPerEvent');
  };
  const ours = cost('sse-table') ?? [];
  const limits: [PeerName, number][] = [
    ['writeLoop', 1.25],
    ['epoll', 1.25],
    ['nchan', 1],
  ];
  return limits.flatMap(([peer, limit]) => {
    const name = bench.peers.found[peer]?.name;
    const theirs = cost(name);
    if (theirs === undefined) return [];
    return [
      atMost(
        `CPU per delivered event at ${MAIN_SIZE} subscribers: sse-table ÷ ${name}`,
        limit,
        ratio(ours, theirs),
      ),
    ];
  });
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const sizes = bench.quick ? [MAIN_SIZE] : SIZES;
  const growth = new Growth();
  for (const subscribers of possible(sizes, result.notes)) {
    const peers = subscribers === MAIN_SIZE ? ALL_PEERS : SOME_PEERS;
    const runs = await measure(bench, withPeers(bench, sseTable(), peers), subscribers);
    const rows = Array.from(runs, ([name, deliveries]) => [
      name,
      figure(pluck(deliveries, 'cpuUsPerEvent')),
      figure(pluck(deliveries, 'p50Ms')),
      figure(pluck(deliveries, 'p99Ms')),
      figure(pluck(deliveries, 'bytesPerEvent')),
      figure(pluck(deliveries, 'deliveredShare')),
    ]);
    result.tables.push({
      title: `${countOf(subscribers)}, ${paceOf(subscribers)} events a second, one at a time`,
      columns: ['server', 'CPU µs/event', 'p50 ms', 'p99 ms', 'bytes/event', 'delivered share'],
      rows,
    });
    for (const [name, deliveries] of runs) {
      growth.add(name, subscribers, figure(pluck(deliveries, 'cpuUsPerChange')));
    }
    if (subscribers !== MAIN_SIZE) continue;
    result.targets.push(...targetsOf(bench, runs));
    result.charts.push({
      kind: 'bars',
      name: 'fan-out',
      title: `Server CPU for each delivered event, ${MAIN_SIZE.toLocaleString('en')} subscribers`,
      unit: 'µs',
      bars: Array.from(runs, ([label, deliveries]) => ({
        label,
        value: figure(pluck(deliveries, 'cpuUsPerEvent')),
      })),
    });
  }
  result.charts.push(
    growth.chart({
      name: 'fan-out-growth',
      title: 'Server CPU for one publish',
      xTitle: 'subscribers',
      yTitle: 'µs',
    }),
  );
  return result;
}

export const fanOut: Scenario = {
  name: 'fan-out',
  title: 'Fan-out, one event at a time',
  method:
    'Each server sends the same event of 172 bytes to all subscribers, is left to rest, and sends ' +
    "the next. CPU is that of the server's processes (user and system, all threads), divided by the " +
    'events that subscribers received. Latency runs from the call that publishes to the reading in ' +
    'the client, on 20 subscribers spread over all.',
  peers: ALL_PEERS,
  run,
};
