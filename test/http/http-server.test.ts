import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { suite } from '../suite.ts';
import { exchange, openStream, parse, readStream, request, withApp } from './server.ts';

const test = suite('HttpServer');

for (const [what, bytes, status, code] of [
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
  ['an unknown method', 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'bad_request'],
  ['no Host', 'GET /healthz2 HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'bad_request'],
  [
    'a bad chunk',
    'POST /api/tables/t HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
    'bad_request',
  ],
  [
    'length and chunks together',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'bad_request',
  ],
  ['a malformed escape', 'GET /%zz HTTP/1.0\r\n\r\n', 400, 'bad_request'],
  ['NUL in the path', 'GET /api/tables/%00 HTTP/1.0\r\n\r\n', 400, 'bad_request'],
  ['a URL of 9 KiB', `GET /${'a'.repeat(9_000)} HTTP/1.0\r\n\r\n`, 414, 'url_too_long'],
  ['a URL of 20 KiB', `GET /${'a'.repeat(20_000)} HTTP/1.0\r\n\r\n`, 414, 'url_too_long'],
  [
    'headers of 17 KiB',
    `GET / HTTP/1.0\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  ['nothing there', 'GET /nope HTTP/1.0\r\n\r\n', 404, 'not_found'],
  ['a wrong method', 'PUT /api/tables HTTP/1.0\r\n\r\n', 405, 'method_not_allowed'],
] as const) {
  test(`${what}: ${status} ${code} as JSON, and the server goes on`, async () => {
    await withApp({}, async ({ app, port, url }) => {
      app.table('t');
      const answer = parse(await exchange(port, bytes));
      assert.is(answer.status, status);
      assert.is(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      const json = JSON.parse(answer.body);
      assert.equal(Object.keys(json), ['status', 'code', 'message']);
      assert.is(json.code, code);
      assert.is((await fetch(`${url}/healthz`)).status, 200);
    });
  });
}

test('405 names the methods in Allow; OPTIONS does too', async () => {
  await withApp({}, async ({ app, port }) => {
    app.table('t');
    const wrong = await request(port, 'PUT /api/tables/t');
    assert.is(wrong.headers.get('allow'), 'GET, HEAD, POST, OPTIONS');
    const options = await request(port, 'OPTIONS /api/tables/t/1');
    assert.is(options.status, 204);
    assert.is(options.headers.get('allow'), 'GET, HEAD, PATCH, DELETE, OPTIONS');
    assert.is((await request(port, 'OPTIONS *')).status, 204);
    assert.is((await request(port, 'OPTIONS /nope')).status, 404);
  });
});

test('an error nobody expected: 500 without detail, logged once', async () => {
  const errors: unknown[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (text: string, fields?: Record<string, unknown>) =>
      void errors.push([text, fields?.error]),
  };
  await withApp(
    {},
    async ({ app, url }) => {
      const failure = new Error('secret /home/me');
      app.tables.list = () => {
        throw failure;
      };
      const response = await fetch(`${url}/api/tables`);
      assert.is(response.status, 500);
      const text = await response.text();
      assert.is(JSON.parse(text).code, 'internal');
      assert.not.match(text, /secret|home/);
      assert.equal(errors, [['a request failed', failure]]);
      Reflect.deleteProperty(app.tables, 'list');
    },
    { log },
  );
});

test('headers that do not come in time: 408', async () => {
  await withApp({ requestTimeout: 100 }, async ({ port }) => {
    const answer = parse(await exchange(port, 'GET / HTTP/1.1\r\nHost: loc'));
    assert.is(answer.status, 408);
    assert.is(JSON.parse(answer.body).code, 'request_timeout');
  });
});

test('a body may take longer than the headers', async () => {
  await withApp({ requestTimeout: 100 }, async ({ app, port }) => {
    const table = app.table('t');
    const body = '{"id":1}\n{"id":2}\n';
    const answered = new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.write(
        'POST /api/tables/t HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n' +
          `Content-Type: application/x-ndjson\r\nContent-Length: ${body.length}\r\n\r\n{"id":1}\n`,
      );
      // The second line only when the first has arrived, and the limit for headers is well past.
      const lateMs = Date.now() + 400;
      const look = setInterval(() => {
        if (table.size !== 1 || Date.now() < lateMs) return;
        clearInterval(look);
        socket.write('{"id":2}\n');
      }, 20);
    });
    assert.is(parse(await answered).status, 200);
    assert.is(table.size, 2);
  });
});

test('Host: loopback with any port, the listen host and --allow-host; no other', async () => {
  await withApp({ allowHost: ['Table.Example'] }, async ({ port }) => {
    for (const [host, status] of [
      ['localhost', 200],
      ['LOCALHOST:99', 200],
      ['localhost.', 200],
      ['127.0.0.1:1', 200],
      ['127.1.2.3', 200],
      ['[::1]:80', 200],
      ['table.example:443', 200],
      ['evil.example', 403],
      ['localhost.evil.example', 403],
      ['127.0.0.1.evil.example', 403],
      ['10.0.0.1', 403],
      ['evil@localhost', 403],
      ['', 403],
    ] as const) {
      const answer = await request(port, 'GET /api/tables', { Host: host });
      assert.is(answer.status, status, host);
      if (status === 403) assert.is(JSON.parse(answer.body).code, 'forbidden_host');
    }
    assert.is((await request(port, 'GET /healthz', { Host: 'evil.example' })).status, 200);
    assert.is((await request(port, 'GET /readyz', { Host: 'evil.example' })).status, 200);
    assert.is(parse(await exchange(port, 'GET /api/tables HTTP/1.0\r\n\r\n')).status, 200);
  });
});

test('Origin: unlisted may read without CORS, and neither write nor stream', async () => {
  await withApp({ demo: true }, async ({ port, url }) => {
    const foreign = { Origin: 'http://evil.example' };
    const read = await request(port, 'GET /api/tables', foreign);
    assert.is(read.status, 200);
    assert.is(read.headers.has('access-control-allow-origin'), false);
    for (const line of [
      'POST /api/start',
      'POST /api/tables/users',
      'PATCH /api/tables/users/1',
      'DELETE /api/tables/users/1',
      'GET /api/tables/users/stream',
      'GET /api/stream/AAAAAAAAAAAAAAAA',
    ]) {
      for (const origin of [
        'http://evil.example',
        'null',
        'http://localhost:1',
        `https://127.0.0.1:1`,
      ]) {
        const answer = await request(port, line, { Origin: origin });
        assert.is(answer.status, 403, line);
        assert.match(answer.body, /"code":"forbidden_origin".*--cors/);
      }
    }
    const image = { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Site': 'cross-site' };
    assert.is((await request(port, 'GET /api/tables/users/stream', image)).status, 403);
    const own = await request(port, 'POST /api/start', { Origin: url, 'Content-Length': '0' });
    assert.is(own.status, 200);
    const proxied = { Origin: 'https://localhost', Host: 'localhost', 'Content-Length': '0' };
    assert.is((await request(port, 'POST /api/start', proxied)).status, 200);
  });
});

test('CORS: a listed origin may do all, with credentials; any by * without', async () => {
  for (const [cors, allow, credentials] of [
    [['http://good.example'], 'http://good.example', 'true'],
    [['*'], '*', undefined],
  ] as const) {
    await withApp({ cors }, async ({ app, port, url }) => {
      app.table('t');
      const origin = { Origin: 'http://good.example' };
      const answer = await request(port, 'GET /api/tables/t', origin);
      assert.is(answer.headers.get('access-control-allow-origin'), allow);
      assert.is(answer.headers.get('access-control-allow-credentials'), credentials);
      assert.match(answer.headers.get('access-control-expose-headers') ?? '', /ETag/);
      assert.match(answer.headers.get('vary') ?? '', /Origin/);
      const missing = await request(port, 'GET /api/tables/none', origin);
      assert.is(missing.headers.get('access-control-allow-origin'), allow);
      const stream = await readStream(`${url}/api/tables/t/stream`, (text) => text !== '', origin);
      assert.is(stream.headers.get('access-control-allow-origin'), allow);
      const preflight = await request(port, 'OPTIONS /api/tables/t/1', {
        ...origin,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Private-Network': 'true',
      });
      assert.is(preflight.status, 204);
      assert.is(preflight.headers.get('access-control-allow-origin'), allow);
      assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /PATCH/);
      assert.match(
        preflight.headers.get('access-control-allow-headers') ?? '',
        /Authorization, .*Content-Type, If-Match, .*Last-Event-ID/,
      );
      assert.is(preflight.headers.get('access-control-max-age'), '86400');
      assert.is(preflight.headers.get('access-control-allow-private-network'), 'true');
    });
  }
});

test('CORS: the preflight of an unlisted origin is 403', async () => {
  await withApp({ cors: ['http://good.example'] }, async ({ port }) => {
    const answer = await request(port, 'OPTIONS /api/tables', {
      Origin: 'http://evil.example',
      'Access-Control-Request-Method': 'POST',
    });
    assert.is(answer.status, 403);
    assert.is(answer.headers.has('access-control-allow-origin'), false);
  });
});

test('streams over the limits: 503 for all, 429 for one address, with different Retry-After', async () => {
  for (const [options, status, code] of [
    [{ maxConnections: 1 }, 503, 'overloaded'],
    [{ maxPerAddress: 1 }, 429, 'too_many'],
  ] as const) {
    await withApp(options, async ({ app, port, url }) => {
      app.table('t');
      const stream = `${url}/api/tables/t/stream`;
      const socket = await openStream(port, '/api/tables/t/stream');
      const waits = new Set<string>();
      for (let i = 0; i < 12; i++) {
        const refused = await readStream(stream, () => false);
        assert.is(refused.status, status);
        assert.is(JSON.parse(refused.text).code, code);
        waits.add(refused.headers.get('retry-after') ?? '');
      }
      assert.ok(waits.size > 1);
      for (const wait of waits) assert.ok(Number(wait) >= 5 && Number(wait) <= 15, wait);
      const { refused } = JSON.parse(await (await fetch(`${url}/api/metrics`)).text());
      assert.is(refused.connections + refused.address, 12);
      socket.destroy();
    });
  }
});

test('a refused EventSource gets 200, one retry and the end, so that it comes back', async () => {
  await withApp({ maxConnections: 1 }, async ({ app, port }) => {
    app.table('t');
    const socket = await openStream(port, '/api/tables/t/stream');
    const browser = { Accept: 'text/event-stream', 'Sec-Fetch-Mode': 'cors' };
    const answer = await request(port, 'GET /api/tables/t/stream', browser);
    assert.is(answer.status, 200);
    assert.is(answer.headers.get('content-type'), 'text/event-stream');
    assert.match(answer.body, /retry: ([5-9]\d{3}|1[0-5]\d{3})\n\n/);
    assert.match(answer.body, /data: \{"type":"error","code":"overloaded"/);
    assert.match(answer.body, /0\r\n\r\n$/);
    socket.destroy();
  });
});

test('HTTP/1.0: a stream that is not chunked', async () => {
  await withApp({}, async ({ app, port }) => {
    app.table('t');
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let all = '';
      socket.on('data', (chunk) => {
        all += chunk;
        if (all.includes('\nid: ')) socket.destroy();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(all));
      socket.write('GET /api/tables/t/stream HTTP/1.0\r\n\r\n');
    });
    assert.not.match(text, /transfer-encoding/i);
    assert.match(text, /\r\n\r\nretry: \d+\n\ndata: \{"type":"init"/);
  });
});

test('sockets: counted out when streams and plain requests have closed', async () => {
  await withApp({}, async ({ app, port }) => {
    app.table('t');
    for (let i = 0; i < 5; i++) (await openStream(port, '/api/tables/t/stream')).destroy();
    let metrics = { http: { sockets: 9 }, total_connections: 9, streams: { subscribers: 9 } };
    while (metrics.http.sockets > 1) {
      metrics = JSON.parse((await request(port, 'GET /api/metrics')).body);
    }
    assert.is(metrics.total_connections, 0);
    assert.is(metrics.streams.subscribers, 0);
  });
});

test('keep-alive: one connection serves many requests, errors among them', async () => {
  await withApp({}, async ({ port }) => {
    const get = (path: string, more = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    const text = await exchange(
      port,
      get('/healthz') + get('/nope') + get('/healthz', 'Connection: close\r\n'),
    );
    assert.equal(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
  });
});

test('--access-log: a line for each request, a stream’s when it closes', async () => {
  const lines: unknown[] = [];
  const quiet = (): void => undefined;
  const info = (_: string, fields?: Record<string, unknown>): void => {
    const { method, url, status } = fields ?? {};
    if (url !== '/api/metrics') lines.push([method, url, status]);
  };
  await withApp(
    { accessLog: true },
    async ({ app, port, url }) => {
      app.table('t');
      await (await fetch(`${url}/healthz?a=1`)).text();
      (await openStream(port, '/api/tables/t/stream')).destroy();
      while (lines.length < 2) await request(port, 'GET /api/metrics');
    },
    { log: { debug: quiet, info, warn: quiet, error: quiet } },
  );
  assert.equal(lines, [
    ['GET', '/healthz?a=1', 200],
    ['GET', '/api/tables/t/stream', 200],
  ]);
});
