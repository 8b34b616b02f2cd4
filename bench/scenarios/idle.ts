/**
 * Memory of a connection with nothing to do, and how soon one update reaches ten thousand of them.
 */
import { Crowd } from '../measure/crowd.ts';
import { usageOf } from '../measure/process-usage.ts';
import { figure } from '../measure/statistics.ts';
import type { PeerName } from '../peers/peers.ts';
import { atMost, type Result } from '../result.ts';
import { type Bench, interleave, possible, type Scenario, withPeers } from '../scenario.ts';
import { type Contender, sseTable } from '../servers/fan-out-server.ts';

const CONNECTIONS = 10_000;

const QUICK_CONNECTIONS = 1_000;

const PEERS: readonly PeerName[] = ['writeLoop', 'betterSse', 'nchan'];

/** Connections opened and dropped first, so that what is needed once is not divided among the others. */
const WARM_CONNECTIONS = 100;

const BYTES_PER_KB = 1_024;

const MAX_KB = 10;

const MAX_REACH_MS = 1_000;

interface Idle {
  kbPerConnection: number;
  reachMs: number;
  silent: number;
}

async function measure(contender: Contender, subscribers: number): Promise<Idle> {
  await using server = await contender.start();
  const { port, path, pids } = server;
  {
    await using _warm = await Crowd.open({ port, path, count: WARM_CONNECTIONS });
    await publishOne(server);
  }
  await server.collect();
  const before = usageOf(pids);
  await using crowd = await Crowd.open({ port, path, count: subscribers });
  await crowd.settled();
  await server.collect();
  const after = usageOf(pids);
  await crowd.reset();
  await publishOne(server);
  const { lastDelayUs, silent } = await crowd.settled();
  return {
    kbPerConnection: (after.rssBytes - before.rssBytes) / BYTES_PER_KB / subscribers,
    reachMs: lastDelayUs / 1_000,
    silent,
  };
}

/** A pace that has time for one event only. */
async function publishOne(server: Awaited<ReturnType<Contender['start']>>): Promise<void> {
  await server.pace(1, 500);
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const contenders = withPeers(bench, sseTable(), PEERS);
  const wanted = bench.quick ? QUICK_CONNECTIONS : CONNECTIONS;
  for (const subscribers of possible([wanted], result.notes)) {
    const runs = await interleave(
      bench,
      new Map(contenders.map((each) => [each.name, () => measure(each, subscribers)])),
    );
    const count = subscribers.toLocaleString('en');
    const kbOf = (idles: readonly Idle[]) => figure(idles.map((idle) => idle.kbPerConnection));
    const reachOf = (idles: readonly Idle[]) => figure(idles.map((idle) => idle.reachMs));
    result.tables.push({
      title: `${count} idle connections`,
      columns: ['server', 'KB each', 'one event reaches all, ms', 'not reached'],
      rows: Array.from(runs, ([name, idles]) => [
        name,
        kbOf(idles),
        reachOf(idles),
        Math.max(...idles.map(({ silent }) => silent)),
      ]),
    });
    const ours = runs.get('sse-table') ?? [];
    result.targets.push(
      atMost(`RSS of an idle connection, ${count} of them`, MAX_KB, kbOf(ours), ' KB'),
      atMost(`One update reaches ${count} subscribers`, MAX_REACH_MS, reachOf(ours), ' ms'),
    );
    result.charts.push({
      kind: 'bars',
      name: 'idle',
      title: `Memory of an idle connection, ${count} of them`,
      unit: 'KB',
      bars: Array.from(runs, ([label, idles]) => ({ label, value: kbOf(idles) })),
    });
  }
  return result;
}

export const idle: Scenario = {
  name: 'idle',
  title: 'Idle connections',
  method:
    "Growth of the server's resident memory from after 100 connections have come and gone to when all " +
    'are open and idle, after a garbage collection (V8), divided by their number. The memory of ' +
    'the kernel for sockets is not in it. Then one event is published: the time until the last ' +
    'subscriber has read it.',
  peers: PEERS,
  run,
};
