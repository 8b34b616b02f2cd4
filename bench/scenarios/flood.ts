/**
 * How much gets through when publishing as fast as the server takes it.
 */
import { flooded, pluck } from '../measure/delivery.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { ALL_PEERS, type PeerName } from '../peers/peers.ts';
import { atLeast, type Result } from '../result.ts';
import { type Bench, interleave, type Scenario, spell, withPeers } from '../scenario.ts';
import { sseTable } from '../servers/fan-out-server.ts';

const SUBSCRIBERS = 1_000;

const FOR_MS = 2_000;

const MIN_PER_SECOND = 3_000_000;

/** How many times as much as these. */
const MIN_TIMES: readonly [PeerName, number][] = [
  ['nchan', 20],
  ['betterSse', 30],
];

async function run(bench: Bench): Promise<Result> {
  const subscribers = SUBSCRIBERS;
  const contenders = withPeers(bench, sseTable(), ALL_PEERS);
  const runs = await interleave(
    bench,
    new Map(
      contenders.map((contender) => [
        contender.name,
        () => flooded(contender, { subscribers, ...spell(bench, FOR_MS) }),
      ]),
    ),
  );
  const ours = pluck(runs.get('sse-table') ?? [], 'perSecond');
  const targets = [
    atLeast('Delivered changes a second, 1,000 subscribers', MIN_PER_SECOND, figure(ours)),
  ];
  for (const [peer, times] of MIN_TIMES) {
    const name = bench.peers.found[peer]?.name;
    const theirs = name === undefined ? undefined : runs.get(name);
    if (theirs === undefined) continue;
    const measured = ratio(ours, pluck(theirs, 'perSecond'));
    targets.push(atLeast(`Delivered changes a second: sse-table ÷ ${name}`, times, measured));
  }
  const columns = [
    'server',
    'delivered changes/s',
    'cores used',
    'CPU µs/change',
    'bytes/change',
    'published/s',
    'delivered share',
    'p99 ms',
  ];
  const rows = Array.from(runs, ([name, deliveries]) => [
    name,
    figure(pluck(deliveries, 'perSecond')),
    figure(pluck(deliveries, 'cpuShare')),
    figure(pluck(deliveries, 'cpuUsPerEvent')),
    figure(pluck(deliveries, 'bytesPerEvent')),
    figure(pluck(deliveries, 'publishedPerSecond')),
    figure(pluck(deliveries, 'deliveredShare')),
    figure(pluck(deliveries, 'p99Ms')),
  ]);
  return {
    tables: [{ title: `${SUBSCRIBERS.toLocaleString('en')} subscribers`, columns, rows }],
    charts: [
      {
        kind: 'bars',
        name: 'flood',
        title: 'Changes delivered each second, 1,000 subscribers',
        unit: '/s',
        bars: Array.from(runs, ([label, deliveries]) => ({
          label,
          value: figure(pluck(deliveries, 'perSecond')),
        })),
      },
    ],
    targets,
    notes: [
      'Where the delivered share of sse-table is below 1, changes of one row were merged: last write ' +
        'wins within a flush, and a subscriber that falls behind gets the latest state of each row. ' +
        'Only what arrived is counted, at its size within a batch. Its peers send every event, and wait for slow clients.',
    ],
  };
}

export const flood: Scenario = {
  name: 'flood',
  title: 'Publishing as fast as it can',
  method:
    'Each server publishes without rest; bytes are counted at all subscribers, changes at 20 of them, ' +
    'in the middle of the run. nchan is published to over HTTP, one keep-alive connection; the others ' +
    'publish from within the process.',
  peers: ALL_PEERS,
  run,
};
