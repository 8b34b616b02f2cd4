import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { Options } from '../../server/options.ts';
import { Program } from '../services/program.ts';
import { until } from '../source/follow-source.ts';
import { suite } from '../suite.ts';
import { EventSourceClient, type Heard } from './event-source-client.ts';
import { type Running, readStream, withApp } from './server.ts';

const test = suite('GET /api/logs/{service}');

const root = mkdtempSync(join(tmpdir(), 'sse-table-logs-'));
test.after(() => rmSync(root, { recursive: true }));

/** A file of its own, with this text in it; undefined: it is not there yet. */
function logFile(text?: string): string {
  const path = join(mkdtempSync(join(root, 'case-')), 'web.log');
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

function messages(events: readonly Heard[]): unknown[] {
  return events.map(({ message }) => message);
}

async function withLog(
  path: string,
  body: (client: EventSourceClient, running: Running & { said: string[] }) => Promise<void>,
  options: Partial<Options> = {},
): Promise<void> {
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const log = { debug: say, info: say, warn: say, error: say };
  const serve = async (running: Running): Promise<void> => {
    using client = new EventSourceClient(`${running.url}/api/logs/web`);
    await client.first(1, 'connected');
    await body(client, { ...running, said });
  };
  await withApp({ log: [`web=${path}`], retry: 10, ...options }, serve, { log });
}

test('connected, the lines that are there, then each that is written', () => {
  const path = logFile('one\ntwo\r\n');
  return withLog(path, async (client) => {
    await client.first(2, 'log');
    appendFileSync(path, '三\n');
    const [first, , third] = await client.first(3, 'log');
    assert.equal(messages(client.of('log')), ['one', 'two', '三']);
    assert.is(first?.service, 'web');
    assert.match(String(third?.timestamp), /^\d{4}-\d\d-\d\dT/);
    assert.is(client.events[0]?.type, 'connected');
    assert.is(client.events[0]?.service, 'web');
  });
});

test('only the last --log-lines lines of a large file are read, and kept', () => {
  const path = logFile(Array.from({ length: 50_000 }, (_, n) => `line ${n}\n`).join(''));
  return withLog(
    path,
    async (client, { app }) => {
      await client.first(3, 'log');
      assert.equal(messages(client.of('log')), ['line 49997', 'line 49998', 'line 49999']);
      appendFileSync(path, 'line 50000\n');
      await client.first(4, 'log');
      assert.is(app.tables.require('web').size, 3);
    },
    { logLines: 3 },
  );
});

test('a file that comes later is read from its start', () => {
  const path = logFile();
  return withLog(path, async (client) => {
    writeFileSync(path, 'a\nb\n');
    await client.first(2, 'log');
    assert.equal(messages(client.of('log')), ['a', 'b']);
  });
});

test('rotation and truncation lose nothing', () => {
  const path = logFile('a\n');
  return withLog(path, async (client, { said }) => {
    await client.first(1, 'log');
    appendFileSync(path, 'b\nhalf');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'c\n');
    await client.first(4, 'log');
    truncateSync(path);
    // Written before that was seen, it could be taken for what has been read already.
    await until('the truncation is seen', () => said.some((line) => line.includes('truncated')));
    appendFileSync(path, 'd\n');
    await client.first(5, 'log');
    assert.equal(messages(client.of('log')), ['a', 'b', 'half', 'c', 'd']);
  });
});

test('bytes that are not UTF-8 are replaced, a long line is cut: no line is skipped', () => {
  const path = logFile();
  return withLog(path, async (client) => {
    const binary = Buffer.from([0x61, 0xff, 0x00, 0x62, 0x0a]);
    writeFileSync(path, Buffer.concat([binary, Buffer.from(`${'é'.repeat(100_000)}\nend\n`)]));
    const [first, long, last] = await client.first(3, 'log');
    assert.is(first?.message, 'a\ufffd\0b');
    assert.is(long?.message, `${'é'.repeat(8_192)}…`);
    assert.is(last?.message, 'end');
  });
});

test('a client that comes back goes on where it was', () => {
  const path = logFile('a\nb\n');
  return withLog(path, async (client, { url }) => {
    const [, second] = await client.first(2, 'log');
    appendFileSync(path, 'c\n');
    await client.first(3, 'log');
    const { text } = await readStream(
      `${url}/api/logs/web`,
      (all) => all.includes('"message":"c"'),
      { 'Last-Event-ID': String(second?.id) },
    );
    assert.match(text, /"type":"connected".*"resumed":true/);
    assert.not.match(text, /"message":"[ab]"/);
  });
});

test('a client that was away for more lines than are kept is told so', () => {
  const path = logFile('a\n');
  return withLog(
    path,
    async (client, { url, app }) => {
      const [first] = await client.first(1, 'log');
      appendFileSync(path, 'b\nc\nd\ne\n');
      await client.first(5, 'log');
      assert.is(app.tables.require('web').evicted, 3);
      const { text } = await readStream(
        `${url}/api/logs/web`,
        (all) => all.includes('"message":"e"'),
        // Not at the end of a flush: the ring does not know it.
        { 'Last-Event-ID': String(first?.id).replace(/\d+$/, '0') },
      );
      assert.match(text, /"type":"skipped"/);
      assert.not.match(text, /"message":"[abc]"/);
    },
    { logLines: 2, ringFrames: 1 },
  );
});

test('it is a table, which HTTP does not write to', () => {
  const path = logFile('a\n');
  return withLog(path, async (client, { url }) => {
    await client.first(1, 'log');
    const { data } = await (await fetch(`${url}/api/tables/web`)).json();
    assert.equal(Object.keys(data[0]), ['line', 'message', 'timestamp']);
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ line: 9, message: 'forged' });
    const { status } = await fetch(`${url}/api/tables/web`, { method: 'POST', headers, body });
    assert.is(status, 403);
  });
});

test('an unknown service is 404 and names those there are; a path is never a service', () =>
  withApp({ log: [`web=${logFile('a\n')}`] }, async ({ url }) => {
    for (const service of ['nope', '..%2f..%2fetc%2fpasswd', 'users']) {
      const response = await fetch(`${url}/api/logs/${service}`);
      assert.is(response.status, 404, service);
      const { code, message } = await response.json();
      assert.is(code, 'unknown_service');
      assert.match(message, /these are: web/);
    }
  }));

const WRONG: [values: string[], problem: RegExp][] = [
  [['/var/log/web.log'], /not <name>=<file>; try --log web=/],
  [['web='], /not <name>=<file>/],
  [['a/b=x.log'], /"a\/b" is no name/],
  [['..=x.log'], /"\.\." is no name/],
  [['a=x.log', 'a=y.log'], /names "a" twice/],
  [[`a=${tmpdir()}`], /that is a folder/],
];

for (const [log, problem] of WRONG) {
  test(`--log ${log.join(' --log ').replace(tmpdir(), '<folder>')} is refused`, () => {
    assert.throws(() => createApp({ log }), problem);
  });
}

test('--workers: forwarded', { timeoutMs: 30_000 }, async () => {
  const path = logFile('a\n');
  await using program = new Program(['--log', `web=${path}`, '--workers', '2']);
  using client = new EventSourceClient(`${await program.url()}/api/logs/web`);
  await client.first(1, 'log');
  appendFileSync(path, 'b\n');
  await client.first(2, 'log');
  assert.match(program.stdout, /web {2}the log .*web\.log, followed/);
});
