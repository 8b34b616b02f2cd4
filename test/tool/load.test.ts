import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { createVitals } from '../../server/base/vitals.ts';
import { readEventTime } from '../../server/tool/load/event-time.ts';
import { Histogram } from '../../server/tool/load/histogram.ts';
import { type LoadOptions, runLoad } from '../../server/tool/load/run-load.ts';
import { Program } from '../services/program.ts';
import { suite } from '../suite.ts';
import { STREAM, scriptedServer } from './scripted-server.ts';
import { testTerminal } from './test-terminal.ts';

const OPTIONS: LoadOptions = {
  connections: 10,
  for: 300,
  ramp: 0,
  timestamp: undefined,
  json: true,
  header: [],
  insecure: false,
};

async function load(url: string, options: Partial<LoadOptions>) {
  const terminal = testTerminal();
  const code = await runLoad(url, { ...OPTIONS, ...options }, terminal, createVitals());
  return { code, report: JSON.parse(terminal.stdout.text) };
}

const test = suite('load');

test('counts what every connection received, to the event', async () => {
  const held: (() => void)[] = [];
  const sendAll = (): void => {
    for (const send of held) send();
  };
  await using server = await scriptedServer((_, response, count) => {
    response.writeHead(200, STREAM).write(': hello\n\n');
    // Made a minute from now, but for the first, which is older than its connection.
    const made = `data: {"data":{"created_at":${Date.now() + 60_000}}}\n\n`;
    const old = 'data: {"data":{"created_at":1500000000000}}\n\n';
    held.push(() => response.write(old + made.repeat(3)));
    // What comes while connections are being opened is not measured.
    if (count === 9) setTimeout(sendAll, 300);
  });
  const { code, report } = await load(server.url, { for: 1_000 });
  assert.is(code, 0);
  assert.equal(report.connections, { wanted: 10, opened: 10, open_at_end: 10 });
  assert.is(report.events, 40);
  assert.equal(report.events_per_connection, { min: 4, max: 4 });
  assert.is(report.latency_ms.path, 'data.created_at');
  assert.ok(report.latency_ms.from_future > 0, 'the stamps are a minute ahead');
});

test('failures by kind; exit 1', async () => {
  await using server = await scriptedServer((_, response, count) => {
    if (count < 3) response.writeHead(503).end();
    else if (count < 5) response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>');
    else if (count < 6)
      response.writeHead(200, { ...STREAM, 'Content-Encoding': 'gzip' }).write('x');
    else if (count < 8) response.writeHead(200, STREAM).end('data: 1\n\n');
    else response.writeHead(200, STREAM).write('data: 1\n\n');
  });
  const { code, report } = await load(server.url, {});
  assert.is(code, 1);
  const counts = Object.entries<{ count: number }>(report.failures).map(([kind, { count }]) => [
    kind,
    count,
  ]);
  assert.equal(Object.fromEntries(counts), {
    'status 503': 3,
    'not an event stream': 2,
    compressed: 1,
    ended: 2,
  });
  assert.equal(report.connections, { wanted: 10, opened: 4, open_at_end: 2 });
});

test('a port where nothing listens: refused, at once', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  server.close();
  const port = typeof address === 'object' ? address?.port : 0;
  const { code, report } = await load(`http://127.0.0.1:${port}/`, { for: 60_000 });
  assert.is(code, 1);
  assert.is(report.failures.refused.count, 10);
});

test('the program against the program, with a text report', { timeoutMs: 30_000 }, async () => {
  await using server = new Program(['--create']);
  const base = await server.url();
  const post = (count: number) =>
    fetch(`${base}/api/tables/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"id":1,"count":${count}}`,
    });
  await post(0);
  const url = `${base}/api/tables/orders/stream`;
  await using program = new Program([
    'load',
    url,
    '--connections',
    '20',
    '--for',
    '1s',
    '--ramp',
    '0',
  ]);
  let isOver = false;
  const ended = program.exited.then((code) => {
    isOver = true;
    return code;
  });
  for (let count = 1; !isOver; count++) await Promise.all([post(count), sleep(20)]);
  assert.is(await ended, 0, program.stderr);
  assert.match(program.stdout, '20 of 20 opened, 20 open at the end');
  assert.match(program.stdout, /latency {7}p50 [\d.]+ ms.* × timestamp\)/);
  assert.is(program.stderr, '', 'no bar where there is no terminal');
});

const TIMES: [json: string, path: string | undefined, ms: number | undefined][] = [
  ['{"timestamp":"2026-01-02T03:04:05.678Z"}', undefined, 1767323045678],
  ['{"ts":1767323045}', undefined, 1767323045000],
  ['{"ts":1767323045.678}', undefined, 1767323045678],
  ['{"data":{"at":1767323045678}}', undefined, 1767323045678],
  ['{"at":1767323045678901}', undefined, 1767323045678.901],
  ['{"time":"1767323045678"}', undefined, 1767323045678],
  ['{"time":12,"date":"today"}', undefined, undefined],
  ['{"a":{"b":1767323045678},"ts":1}', 'a.b', 1767323045678],
  ['{"a":1}', 'a.b', undefined],
  ['hello', undefined, undefined],
  ['{broken', undefined, undefined],
];
for (const [json, path, ms] of TIMES) {
  test(`readEventTime ${json}${path === undefined ? '' : ` at ${path}`}: ${ms}`, () => {
    assert.is(readEventTime(json, path)?.atMs, ms);
  });
}

test('Histogram: within 1 % of the true quantiles', () => {
  const histogram = new Histogram();
  assert.is(histogram.quantiles(), undefined);
  for (let value = 1; value <= 10_000; value++) histogram.add(value / 10);
  const { p50 = 0, p90 = 0, p99 = 0, max } = histogram.quantiles() ?? {};
  assert.ok(Math.abs(p50 - 500) <= 5 && Math.abs(p90 - 900) <= 9 && Math.abs(p99 - 990) <= 10);
  assert.is(max, 1_000);
});
