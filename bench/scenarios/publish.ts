/**
 * Publishing over HTTP: single rows, pipelined ones, and NDJSON in bulk, beside a bare handler.
 */
import { type Load, type LoadOptions, load } from '../measure/load.ts';
import { figure, ratio } from '../measure/statistics.ts';
import { atLeast, atMost, type Result } from '../result.ts';
import { type Bench, interleave, type Scenario } from '../scenario.ts';
import { bareHttp, type HttpContender, program } from '../servers/http-servers.ts';
import { orderJson } from '../servers/orders.ts';

const PATH = '/api/tables/orders';

const SECONDS = 2;

const QUICK_SECONDS = 0.5;

const BULK_ROWS = 20_000;

/** As the bodies go round, every row has changed since its key was last sent. */
const BODIES = 1_000;
const KEYS = 500;

const MIN_BULK_PER_SECOND = 300_000;

/** "Within 20 %". */
const MAX_CPU_RATIO = 1.2;
const MIN_RATE_RATIO = 1 / 1.2;

const POST = { method: 'POST', headers: { 'content-type': 'application/json' } } as const;

const singles = Array.from({ length: BODIES }, (_, index) => ({
  ...POST,
  path: PATH,
  body: orderJson(index, KEYS),
}));

interface Kind {
  title: string;
  rowsPerRequest: number;
  options: LoadOptions;
}

const KINDS: readonly Kind[] = [
  {
    title: 'one row a request, 1 connection',
    rowsPerRequest: 1,
    options: { connections: 1, requests: singles },
  },
  {
    title: 'one row a request, 50 connections',
    rowsPerRequest: 1,
    options: { connections: 50, requests: singles },
  },
  {
    title: 'one row a request, 10 connections, 10 pipelined',
    rowsPerRequest: 1,
    options: { connections: 10, pipelining: 10, requests: singles },
  },
  {
    title: `NDJSON, ${BULK_ROWS.toLocaleString('en')} rows a request, 2 connections`,
    rowsPerRequest: BULK_ROWS,
    options: {
      connections: 2,
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: Array.from({ length: BULK_ROWS }, (_, index) => orderJson(index, BULK_ROWS)).join('\n'),
    },
  },
];

/** A trial takes the last ones. */
const QUICK_KINDS = 2;

async function measure(contender: HttpContender, kind: Kind, seconds: number): Promise<Load> {
  await using server = await contender.start();
  const made = await fetch(`${server.url}${PATH}`, { ...POST, body: orderJson(0, KEYS) });
  if (!made.ok) throw new Error(await made.text());
  const { perSecond, cpuUs, ...latency } = await load(server, PATH, { ...kind.options, seconds });
  return {
    perSecond: perSecond * kind.rowsPerRequest,
    cpuUs: cpuUs / kind.rowsPerRequest,
    ...latency,
  };
}

async function run(bench: Bench): Promise<Result> {
  const result: Result = { tables: [], charts: [], targets: [], notes: [] };
  const seconds = bench.quick ? QUICK_SECONDS : SECONDS;
  for (const kind of bench.quick ? KINDS.slice(-QUICK_KINDS) : KINDS) {
    bench.say(` ${kind.title}`);
    const contenders = [program, bareHttp];
    const runs = await interleave(
      bench,
      new Map(contenders.map((each) => [each.name, () => measure(each, kind, seconds)])),
    );
    const pick = (name: string, value: keyof Load) =>
      (runs.get(name) ?? []).map((one) => one[value]);
    result.tables.push({
      title: kind.title,
      columns: ['server', 'rows/s', 'CPU µs/row', 'p50 ms', 'p99 ms'],
      rows: Array.from(runs.keys(), (name) => [
        name,
        figure(pick(name, 'perSecond')),
        figure(pick(name, 'cpuUs')),
        figure(pick(name, 'p50Ms')),
        figure(pick(name, 'p99Ms')),
      ]),
    });
    const against = (value: keyof Load) =>
      ratio(pick(program.name, value), pick(bareHttp.name, value));
    if (kind.rowsPerRequest === 1) {
      result.targets.push(
        atMost(`CPU of a POST, ${kind.title}: sse-table ÷ bare`, MAX_CPU_RATIO, against('cpuUs')),
        atLeast(
          `POSTs a second, ${kind.title}: sse-table ÷ bare`,
          Number(MIN_RATE_RATIO.toFixed(2)),
          against('perSecond'),
        ),
      );
    } else {
      const rows = figure(pick(program.name, 'perSecond'));
      result.targets.push(atLeast('NDJSON rows a second', MIN_BULK_PER_SECOND, rows));
    }
  }
  return result;
}

export const publish: Scenario = {
  name: 'publish',
  title: 'Publishing over HTTP',
  method:
    'autocannon against the program as users start it, and against a bare node:http handler that parses ' +
    'the same JSON and puts it into a Map. No subscribers; every row sent is a change. CPU is the ' +
    "server's.",
  peers: [],
  run,
};
