import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import * as assert from 'uvu/assert';
import { createApp } from '../server/app.ts';
import { seededRandom } from '../server/base/random.ts';
import type { Row } from '../server/wire/change.ts';
import { StreamClient } from './cluster/stream-client.ts';
import { Program } from './services/program.ts';
import { canonical } from './stream/model-client.ts';
import { suite } from './suite.ts';

const LIMIT = { timeoutMs: 150_000 };
const CLIENTS = 40;

const test = suite('workers');

/** Waits for what other processes do; fails with the last value seen. */
async function until<T>(read: () => T | Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  const endMs = Date.now() + 60_000;
  for (;;) {
    const value = await read();
    if (isDone(value)) return value;
    if (Date.now() > endMs) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function send(
  url: string,
  method: string,
  body?: unknown,
): Promise<{ status: number; body: { version: string; data: Row[]; count: number } }> {
  const response = await fetch(url, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  });
  return { status: response.status, body: await response.json() };
}

interface WorkerMetrics {
  total_connections: number;
  streams: { subscribers: number; inits: number };
  http: { requests: number };
  workers: { alive: number; replaced: number; list: { pid: number; connections: number }[] };
}

async function metricsOf(url: string): Promise<WorkerMetrics> {
  return (await fetch(`${url}/api/metrics`)).json();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test(
  '40 clients over 2 workers, one of them killed: all resume and end with the same rows',
  LIMIT,
  async () => {
    await using program = new Program(['--workers', '2', '--no-demo', '--create']);
    const url = await program.url();
    const table = `${url}/api/tables/orders`;
    const rows = Array.from({ length: 200 }, (_, id) => ({ id, n: 0, text: 'x'.repeat(20) }));
    await send(table, 'POST', rows);
    const clients = Array.from(
      { length: CLIENTS },
      () => new StreamClient(`${table}/stream`, 'id'),
    );
    await until(
      () => clients.filter(({ model }) => model.rows.size === rows.length).length,
      (ready) => ready === CLIENTS,
    );
    const before = await until(
      () => metricsOf(url),
      ({ streams }) => streams.subscribers === CLIENTS,
    );
    assert.is(before.total_connections, CLIENTS);
    const counts = before.workers.list.map(({ connections }) => connections);
    assert.is(counts.length, 2);
    assert.ok(Math.min(...counts) >= 10, `spread as ${counts}`);

    const random = seededRandom(7);
    const below = (n: number): number => Math.floor(random() * n);
    const victim = before.workers.list[0]?.pid ?? 0;
    for (let i = 0; i < 400; i++) {
      if (i === 150) process.kill(victim, 'SIGKILL');
      const dice = below(10);
      const id = below(220);
      // A request on its way through the worker that is killed is lost, as any client's may be.
      const sent =
        dice < 5
          ? send(table, 'POST', { id, n: i, [`c${below(3)}`]: below(9) })
          : dice < 8
            ? send(`${table}/${id}`, 'PATCH', { n: i })
            : send(`${table}/${id}`, 'DELETE');
      await sent.catch((error: unknown) => assert.ok(i >= 150 && i < 170, String(error)));
    }
    const marker = await send(table, 'POST', { id: 'end' });
    assert.is(marker.status, 200);
    await until(
      () => clients.filter(({ model }) => model.rows.has('end')).length,
      (ready) => ready === CLIENTS,
    );
    const { data } = (await send(table, 'GET')).body;
    for (const client of clients) {
      assert.is(client.problem, undefined);
      assert.is(client.model.text(), canonical(data, 'id'));
      const inits = client.model.events.filter(({ type }) => type === 'init').length;
      assert.is(inits, 1, `statuses ${client.statuses}`);
      assert.is(client.model.lastEventId, marker.body.version);
    }
    const cut = clients.filter(({ statuses }) => statuses.length > 1).length;
    assert.is(cut, before.workers.list[0]?.connections);
    const after = await until(
      () => metricsOf(url),
      ({ workers, streams }) => workers.alive === 2 && streams.subscribers === CLIENTS,
    );
    assert.is(after.workers.replaced, 1);
    assert.is(after.total_connections, CLIENTS);
    assert.ok(!after.workers.list.some(({ pid }) => pid === victim));
    assert.match(program.stderr, new RegExp(`worker ${victim} has ended \\(SIGKILL\\)`));
    for (const client of clients) client.close();
    await until(
      () => metricsOf(url),
      ({ total_connections }) => total_connections === 0,
    );
  },
);

test('a read after a write shows it, whichever worker answers', LIMIT, async () => {
  await using program = new Program(['--workers', '3', '--no-demo', '--create']);
  const table = `${await program.url()}/api/tables/orders`;
  for (let i = 0; i < 60; i++) {
    const { status, body } = await send(table, 'POST', { id: i });
    assert.is(status, 200);
    const read = await fetch(table); // the same connection as before, so the same worker
    const rows = await read.json();
    assert.is(rows.data.length, i + 1);
    assert.is(rows.version, body.version);
    const row = await fetch(`${table}/${i}`);
    const patched = await fetch(`${table}/${i}`, {
      method: 'PATCH',
      body: '{"a":1}',
      headers: { 'Content-Type': 'application/json', 'If-Match': row.headers.get('etag') ?? '' },
    });
    assert.is(patched.status, 200, 'row versions are those of the primary');
    assert.is((await patched.json()).data.a, 1);
    assert.is((await (await fetch(`${table}/${i}`)).json()).data.a, 1);
    assert.is((await send(`${table}/${i}`, 'PATCH', { a: 2 })).status, 200);
  }
});

test(
  'what is forwarded: bodies of any length, refusals, the demo and its streams',
  LIMIT,
  async () => {
    await using program = new Program([
      '--workers',
      '2',
      '--demo',
      '--create',
      '--max-per-session',
      '1',
    ]);
    const url = await program.url();
    const lines = Array.from(
      { length: 30_000 },
      (_, id) => `{"id":${id},"text":"${'x'.repeat(60)}"}\n`,
    );
    const headers = { 'Content-Type': 'application/x-ndjson' };
    const bulk = await fetch(`${url}/api/tables/bulk`, {
      method: 'POST',
      body: lines.join(''),
      headers,
    });
    assert.is((await bulk.json()).count, lines.length);
    // The next request may come to the other worker, whose copy follows within moments.
    await until(
      async () => (await (await fetch(`${url}/api/tables/bulk`)).json()).data?.length,
      (length) => length === lines.length,
    );
    const tooLarge = await fetch(`${url}/api/tables/bulk`, {
      method: 'POST',
      body: `[${lines.join(',')}]`,
      headers: { 'Content-Type': 'application/json' },
    });
    assert.is(tooLarge.status, 413);
    assert.is((await tooLarge.json()).code, 'body_too_large');
    assert.is((await fetch(`${url}/api/tables/none`)).status, 404);
    assert.is((await fetch(`${url}/nothing`)).status, 404);
    const options = await fetch(`${url}/api/tables/bulk`, { method: 'OPTIONS' });
    assert.is(options.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    assert.is((await fetch(`${url}/readyz`)).status, 200);

    const { session_id } = await (await fetch(`${url}/api/start`, { method: 'POST' })).json();
    const stream = `${url}/api/stream/${session_id}`;
    const client = new StreamClient(stream, 'id', { comesBack: false });
    await until(
      () => client.model.events.map(({ type }) => type),
      (types) => types.includes('init'),
    );
    const second = await fetch(stream, {
      headers: { Accept: 'text/event-stream, application/json' },
    });
    assert.is(second.status, 429, 'one stream a session, whichever the worker');
    await fetch(`${url}/api/stop/${session_id}`, { method: 'POST' });
    await until(
      () => client.model.events.at(-1)?.type,
      (type) => type === 'end',
    );
  },
);

test('limits hold over all workers together', LIMIT, async () => {
  await using program = new Program(['--workers', '2', '--max-per-address', '5']);
  const url = await program.url();
  const stream = `${url}/api/tables/users/stream`;
  const clients = Array.from(
    { length: 9 },
    () => new StreamClient(stream, 'id', { comesBack: false }),
  );
  const statuses = await until(
    () => clients.flatMap((client) => client.statuses),
    ({ length }) => length === 9,
  );
  assert.equal(statuses.sort(), [200, 200, 200, 200, 200, 429, 429, 429, 429]);
  for (const client of clients) client.close();
  await until(
    () => metricsOf(url),
    ({ total_connections }) => total_connections === 0,
  );
});

for (const [what, args] of [
  ['SIGTERM', ['--workers', '2']],
  ['SIGTERM on a file', ['--workers', '2', 'package.json']],
] as const) {
  test(
    `${what}: streams of all workers hear "shutdown", nothing is left behind, exit 0`,
    LIMIT,
    async () => {
      const foldersBefore = readdirSync(tmpdir());
      await using program = new Program([...args, '--demo']);
      const url = await program.url();
      const { workers } = await until(
        () => metricsOf(url),
        (metrics) => metrics.workers.list.length === 2,
      );
      const clients = Array.from(
        { length: 6 },
        () => new StreamClient(`${url}/api/tables/users/stream`, 'id', { comesBack: false }),
      );
      await until(
        () => clients.filter(({ model }) => model.rows.size > 0).length,
        (ready) => ready === 6,
      );
      const pids = workers.list.map(({ pid }) => pid);
      program.kill('SIGTERM');
      assert.is(await program.exited, 0);
      for (const { model } of clients) {
        const end = model.events.at(-1);
        assert.is(end?.type === 'end' && end.reason, 'shutdown');
      }
      await until(
        () => pids.filter(isAlive),
        ({ length }) => length === 0,
      );
      const left = readdirSync(tmpdir()).filter(
        (name) => /^sse-table-.{6}$/.test(name) && !foldersBefore.includes(name),
      );
      assert.equal(left, []);
    },
  );
}

test('the primary killed: its workers leave too', LIMIT, async () => {
  await using program = new Program(['--workers', '2']);
  const url = await program.url();
  const { workers } = await until(
    () => metricsOf(url),
    (metrics) => metrics.workers.list.length === 2,
  );
  program.kill('SIGKILL');
  await program.exited;
  await until(
    () => workers.list.map(({ pid }) => pid).filter(isAlive),
    ({ length }) => length === 0,
  );
});

test('a second signal: all processes exit at once', LIMIT, async () => {
  await using program = new Program(['--workers', '2', '--grace', '60s']);
  const url = await program.url();
  const { workers } = await until(
    () => metricsOf(url),
    (metrics) => metrics.workers.list.length === 2,
  );
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined); // it is cut, as it should be
  socket.write('POST /api/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{');
  await new Promise((resolve) => socket.on('connect', resolve));
  await fetch(`${url}/readyz`); // by now the servers have read the request above
  program.kill('SIGTERM');
  await program.printed(/SIGTERM: stopping/);
  program.kill('SIGTERM');
  assert.is(await program.exited, 1);
  await until(
    () => workers.list.map(({ pid }) => pid).filter(isAlive),
    ({ length }) => length === 0,
  );
  socket.destroy();
});

test('busy port: one line, exit 1', LIMIT, async () => {
  await using first = new Program([]);
  const { port } = new URL(await first.url());
  await using second = new Program(['--workers', '2', '--port', port]);
  assert.is(await second.exited, 1);
  assert.match(second.stderr, new RegExp(`^sse-table: port ${port} is in use; try --port \\d+\n$`));
});

test('createApp: workers are for the program', () => {
  assert.throws(() => createApp({ workers: 2 }), /sse-table --workers 2/);
});
