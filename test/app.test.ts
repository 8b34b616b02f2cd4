import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { createApp } from '../server/app.ts';
import { SseTableError } from '../server/base/errors.ts';
import type { Batch, Source } from '../server/source/source.ts';
import { readStream, start } from './http/server.ts';
import { suite } from './suite.ts';

const test = suite('createApp');

function sourceOf(run: Source['run'], name = 'test'): Source {
  return { name, down: undefined, run };
}

function recorder(): {
  lines: string[];
  log: Record<'debug' | 'info' | 'warn' | 'error', (text: string) => void>;
} {
  const lines: string[] = [];
  const record = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  return {
    lines,
    log: {
      debug: record('debug'),
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
    },
  };
}

test('listen: gives the URL and the port it got', async () => {
  const app = createApp({ grace: 100 });
  const { url, port } = await app.listen(0, '127.0.0.1');
  assert.is(url, `http://127.0.0.1:${port}`);
  assert.is((await fetch(`${url}/healthz`)).status, 200);
  await app.close();
});

test('listen: a busy port and a foreign host are refused with the fix', async () => {
  const { app, port } = await start();
  const second = createApp();
  for (const [given, host, message] of [
    [port, '127.0.0.1', new RegExp(`port ${port} is in use; try --port ${port + 1}`)],
    [0, '192.0.2.1', /192\.0\.2\.1 is no address of this machine; try --host 127\.0\.0\.1/],
    [0, 'no such host', /no such host is no address of this machine/],
  ] as const) {
    try {
      await second.listen(given, host);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, SseTableError);
      assert.match(error instanceof Error ? error.message : '', message);
    }
  }
  await second.close();
  await app.close();
});

test('listen: on every address without tokens it warns; it answers to addresses, not to names', async () => {
  const { lines, log } = recorder();
  const app = createApp({ grace: 100 }, { log });
  const { port, url } = await app.listen(0, '0.0.0.0');
  assert.is(url, `http://localhost:${port}`);
  assert.match(lines[0] ?? '', /^warn listening on 0\.0\.0\.0 without tokens/);
  const text = await new Promise<string>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let all = '';
    socket.on('data', (chunk) => {
      all += chunk;
    });
    socket.on('close', () => resolve(all));
    socket.write('GET /api/tables HTTP/1.1\r\nHost: 192.168.1.5\r\n\r\n');
    socket.write('GET /api/tables HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
  });
  assert.equal(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 403']);
  await app.close();
});

test('table: made once, with the key it names', async () => {
  const app = createApp();
  const table = app.table('orders', { key: 'sku' });
  assert.is(table.key, 'sku');
  table.upsert({ sku: 'a' });
  assert.is(app.table('orders', { key: 'sku' }).size, 1);
  assert.throws(() => app.table('orders'), /exists with key column "sku", not "id"/);
  await app.close();
});

test('attach: batches are applied one before the next is pulled; the end is told', async () => {
  const { lines, log } = recorder();
  const app = createApp({}, { log });
  const sizes: number[] = [];
  app.attach(
    sourceOf(async function* (_, open) {
      open({ name: 'lines', key: 'line', append: true });
      for (let line = 1; line <= 3; line++) {
        yield { table: 'lines', changes: [{ type: 'add', data: { line } }] };
        sizes.push(app.tables.require('lines').size);
      }
    }),
  );
  await app.sourcesEnded;
  assert.equal(sizes, [1, 2, 3]);
  assert.equal(lines, ['info test has ended; its rows stay']);
  await app.close();
});

test('attach: what is wrong with the data ends the source and shows in /readyz', async () => {
  const { lines, log } = recorder();
  const { app, url } = await start({}, { log });
  app.attach(
    // biome-ignore lint/correctness/useYield: it fails before its first batch
    sourceOf(async function* (): AsyncGenerator<Batch> {
      throw new SseTableError('bad_json', 'line 7: not JSON');
    }, 'stdin'),
  );
  await app.sourcesEnded;
  assert.equal(lines, ['error stdin has stopped: line 7: not JSON']);
  const text = await (await fetch(`${url}/readyz`)).text();
  assert.is(JSON.parse(text).message, 'stdin is down: line 7: not JSON');
  await app.close();
});

test('attach: any other failure is tried again, without its detail in /readyz', async () => {
  const { lines, log } = recorder();
  const { app, url } = await start({}, { log, random: () => 0 });
  let tries = 0;
  let message = '';
  app.attach(
    sourceOf(async function* (_, open) {
      tries++;
      if (tries === 1) throw new Error('/home/me: connection refused');
      message = JSON.parse(await (await fetch(`${url}/readyz`)).text()).message;
      open({ name: 't', key: 'id', append: false });
      yield { table: 't', changes: [{ type: 'add', data: { id: 1 } }] };
    }),
  );
  await app.sourcesEnded;
  assert.is(tries, 2);
  assert.is(message, 'test is down: it failed and is tried again; the reason is in the log');
  assert.equal(lines, [
    'error test failed; trying again in 0 ms',
    'info test has ended; its rows stay',
  ]);
  assert.is((await fetch(`${url}/readyz`)).status, 200);
  await app.close();
});

test('close: streams get end shutdown, sources are told, and it is done once', async () => {
  const { app, url } = await start({ demo: true, grace: 5_000 });
  let aborted = false;
  app.attach(
    sourceOf(async function* ({ signal }): AsyncGenerator<Batch> {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted = true;
    }),
  );
  const started = await fetch(`${url}/api/start`, { method: 'POST' });
  const { session_id } = JSON.parse(await started.text());
  const closings: Promise<void>[] = [];
  const read = (path: string): Promise<{ text: string }> => readStream(url + path, () => false);
  const streams = [read('/api/tables/users/stream'), read(`/api/stream/${session_id}`)];
  let open = 0;
  while (open < 2) {
    const metrics = await fetch(`${url}/api/metrics`);
    open = JSON.parse(await metrics.text()).total_connections;
  }
  closings.push(app.close(), app.close());
  await Promise.all(closings);
  for (const { text } of await Promise.all(streams)) {
    assert.match(text, /"type":"end","reason":"shutdown"/);
    assert.not.match(text, /"reason":"stopped"/);
  }
  assert.is(closings[0], closings[1]);
  assert.is(aborted, true);
  const refused = await fetch(`${url}/healthz`).catch(() => 'refused');
  assert.is(refused, 'refused');
});

test('close: who does not leave is cut off after --grace', async () => {
  const { app, port } = await start({ grace: 50 });
  const socket = connect(port, '127.0.0.1');
  const cut = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
  socket.write('POST /api/tables/t HTTP/1.1\r\nHost: localhost\r\nContent-Le');
  await app.close();
  await cut;
});

test('close: an app that never listened', async () => {
  const app = createApp({ demo: true });
  await app.close();
});
