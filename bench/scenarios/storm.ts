/**
 * A reconnect storm: 1,000 clients join a table of 10,000 rows at once.
 */
import { Crowd } from '../measure/crowd.ts';
import { usageOf } from '../measure/process-usage.ts';
import { type Figure, figure, ratio } from '../measure/statistics.ts';
import { atMost, type Result } from '../result.ts';
import { type Bench, interleave, type Scenario } from '../scenario.ts';
import { type Contender, sseTable, writeLoop } from '../servers/fan-out-server.ts';

const ROWS = 10_000;

const CLIENTS = 1_000;

const QUICK_CLIENTS = 200;

/** "Close to that of writing the bytes", as a number. */
const MAX_CPU_RATIO = 1.5;

interface Storm {
  seconds: number;
  cpuMs: number;
  bytesPerClient: number;
  /** Snapshots encoded during the storm; NaN where the server does not count them. */
  encoded: number;
}

async function measure(contender: Contender, clients: number): Promise<Storm> {
  await using server = await contender.start();
  const { port, path, pids } = server;
  const countEncoded = async (): Promise<number> =>
    Number((await server.collect()).snapshotsEncoded ?? Number.NaN);
  {
    // One client beforehand: its code is compiled, as it would be when a storm follows a restart's.
    await using _first = await Crowd.open({ port, path, count: 1, storm: true });
  }
  // What the first one was given has served its time, so that the storm needs one of its own.
  await server.pace(10_000, 1_000);
  const encodedBefore = await countEncoded();
  const before = usageOf(pids);
  await using crowd = await Crowd.open({ port, path, count: clients, storm: true });
  const after = usageOf(pids);
  const { bytes } = await crowd.count();
  return {
    seconds: crowd.openedInUs / 1e6,
    cpuMs: (after.cpuUs - before.cpuUs) / 1_000,
    bytesPerClient: bytes / clients,
    encoded: (await countEncoded()) - encodedBefore,
  };
}

async function run(bench: Bench): Promise<Result> {
  const clients = bench.quick ? QUICK_CLIENTS : CLIENTS;
  const { bytesPerClient } = await measure(sseTable({ rows: ROWS }), 1);
  const contenders = [sseTable({ rows: ROWS }), writeLoop(Math.round(bytesPerClient))];
  const runs = await interleave(
    bench,
    new Map(contenders.map((each) => [each.name, () => measure(each, clients)])),
  );
  const pick = (name: string, value: keyof Storm): number[] =>
    (runs.get(name) ?? []).map((storm) => storm[value]);
  const [ours = '', loop = ''] = runs.keys();
  const cell = (name: string, value: keyof Storm): Figure => figure(pick(name, value));
  return {
    tables: [
      {
        title: `${clients.toLocaleString('en')} clients join ${ROWS.toLocaleString('en')} rows at once`,
        columns: ['server', 'seconds', 'CPU ms', 'KB for each client', 'snapshots encoded'],
        rows: [ours, loop].map((name) => [
          name,
          cell(name, 'seconds'),
          cell(name, 'cpuMs'),
          figure(pick(name, 'bytesPerClient').map((bytes) => bytes / 1_024)),
          name === ours ? cell(name, 'encoded') : '–',
        ]),
      },
    ],
    charts: [],
    targets: [
      atMost('Snapshots encoded for all of them', 1, cell(ours, 'encoded')),
      atMost(
        'CPU of a storm: sse-table ÷ writing the same bytes',
        MAX_CPU_RATIO,
        ratio(pick(ours, 'cpuMs'), pick(loop, 'cpuMs')),
      ),
    ],
    notes: [],
  };
}

export const storm: Scenario = {
  name: 'storm',
  title: 'Reconnect storm',
  method:
    'All clients connect at the same moment; time runs until the last has the whole snapshot. Beside it a ' +
    'bare write loop that sends each client as many bytes, encoded beforehand, in the same pieces.',
  peers: [],
  run,
};
