/**
 * The rest of HTTP: rows, the page's files, health, new connections, and streams that come and go.
 */
import { churnStreams } from '../measure/crowd.ts';
import { type Load, type LoadOptions, load } from '../measure/load.ts';
import { usageOf } from '../measure/process-usage.ts';
import { figure } from '../measure/statistics.ts';
import type { Result } from '../result.ts';
import { type Bench, interleave, type Scenario } from '../scenario.ts';
import { bareHttp, type HttpContender, program } from '../servers/http-servers.ts';
import { orderJson } from '../servers/orders.ts';

const TABLE = '/api/tables/orders';

const ROWS = 1_000;

const SECONDS = 1.5;

const QUICK_SECONDS = 0.5;

const CONNECTIONS = 50;

interface Kind {
  title: string;
  path: string;
  options: LoadOptions;
}

const KINDS: readonly Kind[] = [
  { title: '1,000 rows as JSON', path: TABLE, options: { connections: CONNECTIONS } },
  { title: 'the component file', path: '/sse-table.js', options: { connections: CONNECTIONS } },
  { title: 'health', path: '/healthz', options: { connections: CONNECTIONS } },
  // autocannon forgets a response on which it reconnects, so that it counts one of two.
  {
    title: 'connections of two health requests each; the requests counted are connections',
    path: '/healthz',
    options: { connections: CONNECTIONS, reconnectRate: 2 },
  },
];

/** How many of them a trial takes. */
const QUICK_KINDS = 2;

async function measure(contender: HttpContender, kind: Kind, seconds: number): Promise<Load> {
  await using server = await contender.start();
  await fill(server.url);
  return await load(server, kind.path, { ...kind.options, seconds });
}

async function fill(url: string): Promise<void> {
  const orders = Array.from({ length: ROWS }, (_, index) => orderJson(index, ROWS));
  const body = `[${orders.join(',')}]`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${TABLE}`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(await response.text());
}

interface Churn {
  perSecond: number;
  cpuUs: number;
  grownMb: number;
}

/** Streams that are opened and dropped, after as many to warm up. */
async function churn(seconds: number): Promise<Churn> {
  await using server = await program.start();
  const stream = { port: server.port, path: '/api/tables/users/stream' };
  const options = { atOnce: CONNECTIONS, forMs: seconds * 1_000 };
  await churnStreams(stream, options);
  const before = usageOf(server.pids);
  const streams = await churnStreams(stream, options);
  const after = usageOf(server.pids);
  return {
    perSecond: streams / seconds,
    cpuUs: (after.cpuUs - before.cpuUs) / streams,
    grownMb: (after.rssBytes - before.rssBytes) / 1_024 ** 2,
  };
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const seconds = bench.quick ? QUICK_SECONDS : SECONDS;
  for (const kind of bench.quick ? KINDS.slice(0, QUICK_KINDS) : KINDS) {
    bench.say(` ${kind.title}`);
    const runs = await interleave(
      bench,
      new Map([program, bareHttp].map((each) => [each.name, () => measure(each, kind, seconds)])),
    );
    const pick = (loads: readonly Load[], value: keyof Load) =>
      figure(loads.map((one) => one[value]));
    result.tables.push({
      title: kind.title,
      columns: ['server', 'requests/s', 'CPU µs/request', 'p50 ms', 'p99 ms'],
      rows: Array.from(runs, ([name, loads]) => [
        name,
        pick(loads, 'perSecond'),
        pick(loads, 'cpuUs'),
        pick(loads, 'p50Ms'),
        pick(loads, 'p99Ms'),
      ]),
    });
  }
  bench.say(' streams that come and go');
  const runs = await interleave(bench, new Map([[program.name, () => churn(seconds)]]));
  const churns = runs.get(program.name) ?? [];
  result.tables.push({
    title: `streams opened and dropped after their first bytes, ${CONNECTIONS} at once`,
    columns: ['server', 'streams/s', 'CPU µs/stream', 'RSS growth MB'],
    rows: [
      [
        program.name,
        figure(churns.map(({ perSecond }) => perSecond)),
        figure(churns.map(({ cpuUs }) => cpuUs)),
        figure(churns.map(({ grownMb }) => grownMb)),
      ],
    ],
  });
  return result;
}

export const http: Scenario = {
  name: 'http',
  title: 'HTTP besides publishing',
  method:
    'autocannon with 50 connections against the program and against a bare node:http handler that ' +
    "answers the same. Streams are opened and dropped by the benchmark's own client, since autocannon " +
    'counts a response when it ends.',
  peers: [],
  run,
};
