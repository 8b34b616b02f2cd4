import { execFile } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { createGunzip } from 'node:zlib';
import { EventSource } from 'eventsource';
import { createParser } from 'eventsource-parser';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import type { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { canonical, ModelRows } from '../stream/model-client.ts';
import { suite } from '../suite.ts';
import { withApp } from './server.ts';

const test = suite('stream, seen by independent clients');

const SEED = 42;

function rows(count: number): Change[] {
  return Array.from({ length: count }, (_, id) => ({
    type: 'add',
    data: { id, text: `row ${id}` },
  }));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function metrics(url: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/api/metrics`);
  return (await response.json()).streams;
}

/** A TCP proxy whose cable can be pulled. */
async function startProxy(port: number): Promise<{ port: number; cut(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => socket.destroy()));
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = () => {
    server.close();
    cut();
  };
  return { port: address.port, cut, close };
}

/** A raw HTTP/1.1 client over a bare socket: unchunks, unzips, parses, and can stop reading. */
class RawClient {
  readonly model = new ModelRows('id');
  socket: Socket | undefined;
  readonly #port: number;
  readonly #gzip: boolean;

  constructor(port: number, gzip: boolean) {
    this.#port = port;
    this.#gzip = gzip;
  }

  connect(): void {
    const socket = connect(this.#port, '127.0.0.1');
    this.socket = socket;
    const parser = createParser({
      onEvent: ({ data, id }) => this.model.take(JSON.parse(data), id),
      onError: (error) => {
        throw error;
      },
    });
    const decoder = new TextDecoder();
    const gunzip = this.#gzip ? createGunzip() : undefined;
    const onPlain = (bytes: Buffer) => {
      // What is still being unzipped of an earlier connection is lost with it.
      if (this.socket === socket) parser.feed(decoder.decode(bytes, { stream: true }));
    };
    // A stream that is cut ends without its trailer; nothing else may be wrong with it.
    gunzip?.on('data', onPlain).on('error', () => {});
    const unchunk = unchunker((bytes) =>
      gunzip === undefined ? onPlain(bytes) : gunzip.write(bytes),
    );
    socket.on('data', unchunk);
    socket.on('error', () => {});
    const { lastEventId } = this.model;
    socket.write(
      `GET /api/tables/t/stream HTTP/1.1\r\nHost: localhost\r\n${this.#gzip ? 'Accept-Encoding: gzip\r\n' : ''}${
        lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`
      }\r\n`,
    );
  }
}

/** Takes HTTP/1.1 chunks apart, however the bytes are cut. */
function unchunker(onBytes: (bytes: Buffer) => void): (bytes: Buffer) => void {
  let buffer: Buffer = Buffer.alloc(0);
  let isHead = true;
  return (bytes) => {
    buffer = Buffer.concat([buffer, bytes]);
    if (isHead) {
      const end = buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      assert.match(buffer.subarray(0, end).toString(), /^HTTP\/1\.1 200 OK\r\n/);
      buffer = buffer.subarray(end + 4);
      isHead = false;
    }
    for (;;) {
      const end = buffer.indexOf('\r\n');
      if (end < 0) return;
      const size = Number.parseInt(buffer.subarray(0, end).toString(), 16);
      if (buffer.length < end + 2 + size + 2) return;
      assert.is(buffer.subarray(end + 2 + size, end + 4 + size).toString(), '\r\n');
      if (size > 0) onBytes(buffer.subarray(end + 2, end + 2 + size));
      buffer = buffer.subarray(end + 4 + size);
    }
  };
}

test('npm eventsource: the snapshot, changes, and resume after the connection is cut', async () => {
  await withApp({ retry: 20 }, async ({ app, port }) => {
    app.table('t');
    const table = app.tables.require('t');
    table.apply(rows(3));
    const model = new ModelRows('id');
    let connections = 0;
    const proxy = await startProxy(port);
    const source = new EventSource(`http://127.0.0.1:${proxy.port}/api/tables/t/stream`);
    source.onopen = () => connections++;
    source.onmessage = ({ data, lastEventId }) => model.take(JSON.parse(data), lastEventId);
    await until(() => model.rows.size === 3);
    table.apply([{ type: 'add', data: { id: 'x' } }]);
    await until(() => model.rows.size === 4);
    proxy.cut();
    await until(() => connections === 2 && model.events.some(({ type }) => type === 'resumed'));
    table.apply([{ type: 'delete', data: { id: 0 } }]);
    await until(() => model.rows.size === 3);
    source.close();
    proxy.close();
    assert.is(model.text(), canonical(table.rows(), 'id'));
  });
});

test('curl: plain and --compressed read the same events', async () => {
  await withApp({}, async ({ app, url }) => {
    app.table('t');
    const table = app.tables.require('t');
    table.apply(rows(4_000));
    const read = (...options: string[]) =>
      new Promise<string>((resolve) => {
        const address = `${url}/api/tables/t/stream`;
        const args = ['-sN', '--max-time', '1', ...options, address];
        execFile('curl', args, { maxBuffer: 1e8 }, (_, stdout) => resolve(stdout));
      });
    const [plain, zipped] = await Promise.all([read(), read('--compressed')]);
    const strip = (text: string) =>
      text.replace(/^retry.*\n\n/, '').replace(/"timestamp":"[^"]*"/, '');
    assert.match(plain, /"type":"ready","total":4000/);
    assert.is(strip(plain), strip(zipped));
  });
});

test('a client that half-closes or vanishes is counted out', async () => {
  await withApp({}, async ({ app, url, port }) => {
    app.table('t').apply(rows(1));
    const client = new RawClient(port, false);
    client.connect();
    await until(() => client.model.rows.size === 1);
    client.socket?.end();
    await until(async () => (await metrics(url)).subscribers === 0);
    const gone = new RawClient(port, true);
    gone.connect();
    await until(() => gone.model.rows.size === 1);
    gone.socket?.resetAndDestroy();
    await until(async () => (await metrics(url)).subscribers === 0);
  });
});

for (const seed of [SEED, SEED + 1]) {
  test(`real sockets that stall, are cut and resume all converge, seed ${seed}`, {
    timeoutMs: 60_000,
  }, async () => {
    const random = seededRandom(seed);
    const below = (n: number) => Math.floor(random() * n);
    await withApp({ ringFrames: 32, ringBytes: 100_000, flush: 2 }, async ({ app, port }) => {
      app.table('t');
      const table = app.tables.require('t');
      table.apply(rows(3_000));
      const clients = Array.from(
        { length: 12 },
        (_, index) => new RawClient(port, index % 2 === 1),
      );
      for (const client of clients) client.connect();
      for (let step = 0; step < 400; step++) {
        table.apply(randomChanges(below, 1 + below(200)));
        const client = clients[below(clients.length)];
        const dice = random();
        if (dice < 0.1) {
          client?.socket?.destroy();
          client?.connect();
        } else if (dice < 0.4) client?.socket?.pause();
        else client?.socket?.resume();
        await new Promise((resolve) => setTimeout(resolve, below(4)));
      }
      for (const { socket } of clients) socket?.resume();
      const { expected } = await settle(table, clients);
      for (const [index, { model }] of clients.entries()) {
        assert.is(model.text(), expected, `seed ${seed}, client ${index}`);
      }
    });
  });
}

function randomChanges(below: (n: number) => number, count: number): Change[] {
  return Array.from({ length: count }, (): Change => {
    const id = below(4_000);
    if (below(5) === 0) return { type: 'delete', data: { id } };
    return { type: 'add', data: { id, text: `${below(1e9)}`.repeat(1 + below(20)) } };
  });
}

/** A last change that everyone must see. */
async function settle(table: Table, clients: readonly RawClient[]): Promise<{ expected: string }> {
  table.apply([{ type: 'add', data: { id: 'last' } }]);
  await until(() => clients.every(({ model }) => model.rows.has('last')));
  return { expected: canonical(table.rows(), 'id') };
}

test('a reader stopped under load: memory bounded, then it converges', {
  timeoutMs: 60_000,
}, async () => {
  await withApp({}, async ({ app, url, port }) => {
    app.table('t');
    const table = app.tables.require('t');
    table.apply(rows(100));
    const stopped = new RawClient(port, false);
    stopped.connect();
    await until(() => stopped.model.rows.size === 100);
    stopped.socket?.pause();
    const pad = 'x'.repeat(1_000);
    for (let n = 0; n < 50_000; n++) {
      table.apply([{ type: 'update', data: { id: n % 100, n, pad: `${n}${pad}` } }]);
      if (n % 200 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const { ringBytes } = await metrics(url);
    assert.ok(ringBytes !== undefined && ringBytes <= 8 * 1_024 * 1_024, `${ringBytes} bytes`);
    stopped.socket?.resume();
    const { expected } = await settle(table, [stopped]);
    assert.is(stopped.model.text(), expected);
  });
});
