import { execFile } from 'node:child_process';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import type { Change } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { canonical } from '../stream/model-client.ts';
import { suite } from '../suite.ts';
import {
  ask,
  CERTIFICATE,
  connectHttp2,
  FRAME,
  Http2StreamClient,
  RawHttp2,
} from './http2-client.ts';
import { exchange, withApp } from './server.ts';

const test = suite('HTTP/2');

const SEED = 7;
const STREAM = '/api/tables/t/stream';

function rows(count: number, text = 'row'): Change[] {
  return Array.from({ length: count }, (_, id) => ({
    type: 'add',
    data: { id, text: `${text} ${id}` },
  }));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

interface Figures {
  streams: Record<'subscribers' | 'maxLag' | 'lapped' | 'stalled', number>;
  http: Record<'sockets' | 'http2_sessions' | 'http2_lost', number>;
}

async function metrics(session: ClientHttp2Session): Promise<Figures> {
  return JSON.parse((await ask(session, { ':path': '/api/metrics' })).body);
}

/** Everything a socket gets until it closes. */
function tls(port: number, protocol: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { port, ALPNProtocols: [protocol], rejectUnauthorized: false };
    const socket = connectTls(options, () => socket.write(text));
    let got = '';
    socket.on('data', (chunk) => {
      got += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(got));
  });
}

test('an answer bears no header of HTTP/1.1 connections', async () => {
  await withApp(CERTIFICATE, async ({ app, url }) => {
    assert.match(url, /^https:/);
    app.table('t').apply(rows(1));
    const session = await connectHttp2(url);
    const { status, headers, body } = await ask(session, { ':path': '/api/tables/t' });
    assert.is(status, 200);
    assert.equal(JSON.parse(body).data, [{ id: 0, text: 'row 0' }]);
    for (const name of ['connection', 'keep-alive', 'transfer-encoding']) {
      assert.is(headers[name], undefined, name);
    }
    assert.equal(
      [session.remoteSettings.maxConcurrentStreams, session.remoteSettings.maxHeaderListSize],
      [100, 16_384],
    );
    session.close();
  });
});

const REQUESTS: [title: string, headers: Record<string, string>, body: string, status: number][] = [
  [
    'JSON body without a length',
    { ':method': 'POST', ':path': '/api/tables/t', 'content-type': 'application/json' },
    '{"id":1}',
    200,
  ],
  [
    'NDJSON body',
    { ':method': 'POST', ':path': '/api/tables/t', 'content-type': 'application/x-ndjson' },
    '{"id":1}\n{"id":2}\n',
    200,
  ],
  [
    'an empty body',
    { ':method': 'POST', ':path': '/api/tables/t', 'content-type': 'application/json' },
    '',
    400,
  ],
  [
    'a body over the limit',
    { ':method': 'POST', ':path': '/api/tables/t', 'content-type': 'application/json' },
    `"${'x'.repeat(3_000_000)}"`,
    413,
  ],
  ['an unknown path', { ':path': '/nothing' }, '', 404],
  ['an unknown method', { ':method': 'PUT', ':path': '/api/tables' }, '', 405],
  ['HEAD', { ':method': 'HEAD', ':path': '/api/tables' }, '', 200],
  ['a URL over the limit', { ':path': `/${'x'.repeat(9_000)}` }, '', 414],
  ['a foreign :authority', { ':path': '/api/tables', ':authority': 'evil.example' }, '', 403],
  [
    'a foreign Origin',
    { ':method': 'DELETE', ':path': '/api/tables/t/1', origin: 'https://evil.example' },
    '',
    403,
  ],
  [
    "the server's own Origin",
    { ':path': '/api/tables', origin: 'https://localhost:1', ':authority': 'localhost:1' },
    '',
    200,
  ],
];
for (const [title, headers, body, status] of REQUESTS) {
  test(`${title}: ${status}`, async () => {
    await withApp(CERTIFICATE, async ({ app, url }) => {
      app.table('t');
      const session = await connectHttp2(url);
      const hasBody = headers[':method'] === 'POST';
      const answer = await ask(session, headers, hasBody ? body : undefined);
      assert.is(answer.status, status, answer.body);
      if (status >= 400) assert.is(JSON.parse(answer.body).status, 'error');
      // The connection has survived.
      assert.is((await ask(session, { ':path': '/healthz' })).status, 200);
      session.close();
    });
  });
}

test('a body that is cut off is not taken for a whole one', async () => {
  await withApp(CERTIFICATE, async ({ app, url, port }) => {
    const table = app.table('t');
    const raw = new RawHttp2(port);
    const head = {
      ':method': 'POST',
      ':path': '/api/tables/t',
      'content-type': 'application/x-ndjson',
    };
    raw.request(1, head, false);
    raw.frame(FRAME.data, 0, 1, '{"id":1}\n{"id":2}');
    await until(() => table.size === 1);
    raw.frame(FRAME.reset, 0, 1, '\0\0\0\x08');
    raw.request(3, head, false);
    raw.frame(FRAME.data, 1, 3, '{"id":3}');
    await until(() => table.size > 1);
    assert.equal(table.rows(), [{ id: 1 }, { id: 3 }]);
    raw.socket.destroy();
    const session = await connectHttp2(url);
    while ((await metrics(session)).http.http2_sessions > 1) await pause(5);
    session.close();
  });
});

test('stream: the same events as over HTTP/1.1 with TLS', async () => {
  await withApp(CERTIFICATE, async ({ app, url, port }) => {
    const table = app.table('t');
    table.apply(rows(3_000));
    const session = await connectHttp2(url);
    const plain = new Http2StreamClient(STREAM, false);
    const zipped = new Http2StreamClient(STREAM, true);
    const request = `GET ${STREAM} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    let http1 = '';
    const socket = connectTls({ port, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false });
    socket.on('data', (chunk) => {
      http1 += chunk;
    });
    socket.write(request);
    for (const client of [plain, zipped]) client.connect(session);
    await until(() => [plain, zipped].every(({ model }) => model.rows.size === 3_000));
    await until(() => http1.includes('"type":"ready"'));
    for (let n = 0; n < 200; n++) {
      table.apply([{ type: 'update', data: { id: n % 7, n } }]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    table.apply([{ type: 'add', data: { id: 'last' } }]);
    await until(() => [plain, zipped].every(({ model }) => model.rows.has('last')));
    await until(() => http1.includes('"last"'));
    for (const { model } of [plain, zipped]) {
      assert.is(model.text(), canonical(table.rows(), 'id'));
    }
    assert.ok(zipped.bytes < plain.bytes / 2, `${zipped.bytes} of ${plain.bytes}`);
    assert.match(http1, /^HTTP\/1\.1 200 OK\r\n.*Transfer-Encoding: chunked\r\n/s);
    socket.destroy();
    session.close();
  });
});

test('HTTP/1.1 beside it: one who leaves is counted out', async () => {
  await withApp(CERTIFICATE, async ({ app, url, port }) => {
    app.table('t').apply(rows(1));
    const session = await connectHttp2(url);
    for (const leave of ['end', 'destroy'] as const) {
      const socket = connectTls({ port, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.write(`GET ${STREAM} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await until(() => text.includes('\nid: '));
      assert.is((await metrics(session)).streams.subscribers, 1);
      socket[leave]();
      while ((await metrics(session)).http.sockets > 1) await pause(5);
      assert.is((await metrics(session)).streams.subscribers, 0);
    }
    session.close();
  });
});

test('a stopped reader: its cursor waits, others on the same connection go on, then it converges', {
  timeoutMs: 30_000,
}, async () => {
  await withApp(CERTIFICATE, async ({ app, url }) => {
    const table = app.table('t');
    table.apply(rows(100));
    const session = await connectHttp2(url);
    const stopped = new Http2StreamClient(STREAM, false);
    const zippedStopped = new Http2StreamClient(STREAM, true);
    const reading = new Http2StreamClient(STREAM, false);
    const clients = [stopped, zippedStopped, reading];
    for (const client of clients) client.connect(session);
    await until(() => clients.every(({ model }) => model.rows.size === 100));
    stopped.stream?.pause();
    zippedStopped.stream?.pause();
    for (let n = 0; n < 20_000; n++) {
      const pad = `${(n * 7_919) % 1_000_003}`.repeat(150); // does not shrink much
      table.apply([{ type: 'update', data: { id: n % 100, n, pad } }]);
      if (n % 100 === 0) await pause(1);
    }
    table.apply([{ type: 'add', data: { id: 'last' } }]);
    await until(() => reading.model.rows.has('last'));
    assert.is(stopped.model.rows.has('last'), false);
    const { streams } = await metrics(session);
    assert.ok(streams.maxLag > 0 || streams.lapped > 0, 'the stopped one is behind');
    stopped.stream?.resume();
    zippedStopped.stream?.resume();
    await until(() => clients.every(({ model }) => model.rows.has('last')));
    for (const { model } of clients) assert.is(model.text(), canonical(table.rows(), 'id'));
    session.close();
  });
});

test('a stream that accepts nothing is dropped, its neighbours stay', async () => {
  await withApp({ ...CERTIFICATE, stallTimeout: 300 }, async ({ app, url }) => {
    const table = app.table('t');
    table.apply(rows(1));
    const session = await connectHttp2(url);
    const stopped = new Http2StreamClient(STREAM, false);
    const reading = new Http2StreamClient(STREAM, false);
    stopped.connect(session);
    reading.connect(session);
    await until(() => stopped.model.rows.size === 1 && reading.model.rows.size === 1);
    stopped.stream?.pause();
    let n = 0;
    while ((await metrics(session)).streams.stalled === 0) {
      table.apply([{ type: 'update', data: { id: 0, pad: `${n++}`.repeat(10_000) } }]);
      await pause(5);
    }
    table.apply([{ type: 'add', data: { id: 'last' } }]);
    await until(() => reading.model.rows.has('last'));
    assert.is((await metrics(session)).streams.subscribers, 1);
    stopped.stream?.resume();
    await until(() => stopped.isClosed);
    assert.is(reading.isClosed, false);
    session.close();
  });
});

test('one event larger than the window arrives whole', async () => {
  await withApp(CERTIFICATE, async ({ app, url }) => {
    const table = app.table('t');
    table.apply([{ type: 'add', data: { id: 1, text: 'é'.repeat(500_000) } }]);
    const session = await connectHttp2(url);
    const clients = [false, true].map((gzip) => new Http2StreamClient(STREAM, gzip));
    for (const client of clients) client.connect(session);
    await until(() => clients.every(({ model }) => model.rows.size === 1));
    table.apply([{ type: 'update', data: { id: 1, text: 'ü'.repeat(500_000) } }]);
    table.apply([{ type: 'add', data: { id: 2 } }]);
    await until(() => clients.every(({ model }) => model.rows.size === 2));
    for (const { model } of clients) assert.is(model.text(), canonical(table.rows(), 'id'));
    session.close();
  });
});

test(`streams that stall, are reset and resume all converge, seed ${SEED}`, {
  timeoutMs: 60_000,
}, async () => {
  const random = seededRandom(SEED);
  const below = (n: number) => Math.floor(random() * n);
  const options = { ...CERTIFICATE, ringFrames: 32, ringBytes: 100_000, flush: 2 };
  await withApp(options, async ({ app, url }) => {
    const table = app.table('t');
    table.apply(rows(3_000));
    const sessions = await Promise.all([connectHttp2(url), connectHttp2(url)]);
    const sessionOf = (index: number) => sessions[index % 2 === 0 ? 0 : 1];
    const clients = Array.from({ length: 12 }, (_, n) => new Http2StreamClient(STREAM, n % 4 > 1));
    for (const [index, client] of clients.entries()) client.connect(sessionOf(index));
    for (let step = 0; step < 300; step++) {
      table.apply(
        Array.from({ length: 1 + below(200) }, (): Change => {
          const id = below(4_000);
          if (below(5) === 0) return { type: 'delete', data: { id } };
          return { type: 'add', data: { id, text: `${below(1e9)}`.repeat(1 + below(20)) } };
        }),
      );
      const index = below(clients.length);
      const client = clients[index];
      const dice = random();
      if (dice < 0.1) {
        client?.stream?.close(8);
        client?.connect(sessionOf(index));
      } else if (dice < 0.4) client?.stream?.pause();
      else client?.stream?.resume();
      await pause(below(4));
    }
    for (const { stream } of clients) stream?.resume();
    table.apply([{ type: 'add', data: { id: 'last' } }]);
    await until(() => clients.every(({ model }) => model.rows.has('last')));
    const expected = canonical(table.rows(), 'id');
    for (const [index, { model }] of clients.entries()) {
      assert.is(model.text(), expected, `seed ${SEED}, client ${index}`);
    }
    for (const session of sessions) session.close();
  });
});

test('an export that is broken off is reset, not ended', async () => {
  await withApp({ ...CERTIFICATE, stallTimeout: 200 }, async ({ app, url }) => {
    const table = app.table('t');
    table.apply(rows(50_000, 'x'.repeat(100)));
    const session = await connectHttp2(url);
    const whole = await ask(session, { ':path': '/api/tables/t' });
    assert.is(JSON.parse(whole.body).data.length, 50_000);
    const stream = session.request({ ':path': '/api/tables/t' });
    stream.pause();
    stream.on('error', () => {});
    await new Promise<void>((resolve) => stream.on('response', () => resolve()));
    await pause(600);
    stream.resume();
    await until(() => stream.closed);
    assert.is(stream.rstCode, 2);
    assert.is((await ask(session, { ':path': '/healthz' })).status, 200);
    session.close();
  });
});

test('close: "end shutdown" comes before GOAWAY, gzip ends with its trailer, nothing waits', async () => {
  await withApp({ ...CERTIFICATE, grace: 60_000 }, async ({ app, url }) => {
    app.table('t').apply(rows(1));
    const session = await connectHttp2(url);
    const order: string[] = [];
    session.on('goaway', () => order.push('goaway'));
    const plain = new Http2StreamClient(STREAM, false);
    plain.connect(session);
    const zipped = session.request({ ':path': STREAM, 'accept-encoding': 'gzip' });
    const chunks: Buffer[] = [];
    zipped.on('data', (chunk: Buffer) => chunks.push(chunk));
    plain.stream?.on('data', (chunk: Buffer) => {
      if (chunk.includes('"reason":"shutdown"')) order.push('end');
    });
    await until(() => plain.model.rows.size === 1 && chunks.length > 0);
    const idle = await connectHttp2(url);
    await app.close();
    await until(() => session.closed && idle.closed && zipped.closed);
    await until(() => order.length === 2);
    assert.equal(order, ['end', 'goaway']);
    assert.match(gunzipSync(Buffer.concat(chunks)).toString(), /"reason":"shutdown"/);
  });
});

test('a peer that does not answer pings is dropped, one that does stays', async () => {
  const clock = new FakeClock();
  await withApp(
    CERTIFICATE,
    async ({ app, url, port }) => {
      app.table('t').apply(rows(1));
      const session = await connectHttp2(url);
      const there = new Http2StreamClient(STREAM, false);
      there.connect(session);
      const halfOpen = new RawHttp2(port);
      halfOpen.request(1, { ':method': 'GET', ':path': STREAM }, true);
      while ((await metrics(session)).streams.subscribers < 2) await pause(5);
      for (let n = 0; n < 4; n++) {
        clock.advance(15_000);
        await ask(session, { ':path': '/healthz' }); // time for the answer to a ping
      }
      while ((await metrics(session)).streams.subscribers > 1) await pause(5);
      const { http } = await metrics(session);
      assert.equal([http.http2_sessions, http.http2_lost], [1, 1]);
      assert.is(there.isClosed, false);
      await until(() => halfOpen.socket.closed);
      session.close();
    },
    { clock },
  );
});

test('a connection without streams is closed after 65 s', async () => {
  const clock = new FakeClock();
  await withApp(
    CERTIFICATE,
    async ({ url }) => {
      const session = await connectHttp2(url);
      for (let n = 0; n < 4; n++) {
        clock.advance(15_000);
        await pause(5);
      }
      assert.is(session.closed, false);
      clock.advance(15_000);
      await until(() => session.closed);
    },
    { clock },
  );
});

test('rapid reset: the connection is closed, others stay', async () => {
  await withApp(CERTIFICATE, async ({ app, url }) => {
    app.table('t').apply(rows(1));
    const good = await connectHttp2(url);
    const bad = await connectHttp2(url);
    let opened = 0;
    while (!bad.closed && !bad.destroyed && opened < 2_000) {
      const stream = bad.request({ ':path': STREAM });
      stream.on('error', () => {});
      stream.close(8);
      opened++;
      if (opened % 20 === 0) await pause(1);
    }
    assert.ok(opened < 2_000, `${opened} streams were opened and reset`);
    while ((await metrics(good)).http.http2_sessions > 1) await pause(5);
    assert.is((await metrics(good)).streams.subscribers, 0);
    good.close();
  });
});

test('headers over the limit: that stream is reset, the connection stays', async () => {
  await withApp(CERTIFICATE, async ({ url }) => {
    const session = await connectHttp2(url);
    let failure = '';
    try {
      await ask(session, { ':path': '/healthz', 'x-long': 'x'.repeat(17_000) });
    } catch (error) {
      failure = String(error);
    }
    assert.match(failure, /ENHANCE_YOUR_CALM|reset/);
    assert.is((await ask(session, { ':path': '/healthz' })).status, 200);
    session.close();
  });
});

test('HTTP without TLS: 400 that says so', async () => {
  await withApp(CERTIFICATE, async ({ port }) => {
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(answer, /this port speaks TLS; use https:\/\//);
  });
});

const SILENT: [title: string, bytes: Buffer][] = [
  ['says nothing', Buffer.alloc(0)],
  ['begins a handshake and stops', Buffer.from([22, 3, 1, 2, 0, 1])],
];
for (const [title, bytes] of SILENT) {
  test(`one who connects and ${title} is cut off`, async () => {
    await withApp({ ...CERTIFICATE, requestTimeout: 200 }, async ({ port }) => {
      assert.is(await exchange(port, bytes), '');
    });
  });
}

test('HTTP/1.1 over TLS: late headers are answered 408, malformed ones 400', async () => {
  await withApp({ ...CERTIFICATE, requestTimeout: 200 }, async ({ port }) => {
    assert.match(await tls(port, 'http/1.1', 'GET / HTTP/1.1\r\nHost:'), /^HTTP\/1\.1 408 /);
    assert.match(await tls(port, 'http/1.1', 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 /);
  });
});

test('HTTP/1.1 over TLS: a finished stream ends with its last chunk', async () => {
  await withApp(CERTIFICATE, async ({ app, port }) => {
    app.table('t').apply(rows(1));
    const request = `GET ${STREAM} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const answer = tls(port, 'http/1.1', request);
    await pause(200);
    await app.close();
    assert.match(await answer, /"reason":"shutdown".*\r\n0\r\n\r\n$/s);
  });
});

function curl(...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('curl', ['-sk', ...args], { maxBuffer: 1e8 }, (_, stdout) => resolve(stdout));
  });
}

if (/\bHTTP2\b/.test(await curl('--version'))) {
  test('curl --http2: plain and --compressed read the same events', async () => {
    await withApp(CERTIFICATE, async ({ app, url }) => {
      app.table('t').apply(rows(4_000));
      const read = (...args: string[]) =>
        curl('-N', '--max-time', '1', '--http2', '-w', '%{http_version}', ...args, url + STREAM);
      const [plain, zipped] = await Promise.all([read(), read('--compressed')]);
      const strip = (text: string) =>
        text.replace(/^retry.*\n\n/, '').replace(/"timestamp":"[^"]*"/, '');
      assert.match(plain, /"type":"ready","total":4000\}\n.*\n2$/s);
      assert.is(strip(plain), strip(zipped));
    });
  });
} else {
  test.skip('curl --http2', 'there is no curl with HTTP/2');
}
