import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { type Running, readStream, request, withApp } from './server.ts';

const test = suite('table routes');

function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
  headers: Record<string, string> = {},
): Promise<{ status: number; json: Record<string, unknown> }> {
  return send('POST', url, body, { 'Content-Type': type, ...headers });
}

async function send(
  method: string,
  url: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

async function withOrders(
  body: (orders: string, running: Running) => Promise<void>,
  options = {},
): Promise<void> {
  await withApp(options, async (running) => {
    running.app.table('orders').apply([
      { type: 'add', data: { id: 1, item: 'tea' } },
      { type: 'add', data: { id: 2, item: '', price: null } },
    ]);
    await body(`${running.url}/api/tables/orders`, running);
  });
}

test('GET /api/tables: name, key, columns, rows, version', async () => {
  await withOrders(async (_, { url, app }) => {
    const { status, json } = await send('GET', `${url}/api/tables`);
    const columns = [
      { name: 'id', type: 'number' },
      { name: 'item', type: 'string' },
      { name: 'price', type: 'null' },
    ];
    const { version } = app.tables.require('orders');
    assert.is(status, 200);
    assert.equal(json, {
      status: 'success',
      data: [{ name: 'orders', key: 'id', columns, rows: 2, version }],
    });
  });
});

test('GET rows: JSON, CSV and NDJSON by Accept or format, each with its ETag', async () => {
  await withOrders(async (orders, { app }) => {
    const { version } = app.tables.require('orders');
    const json = `{"status":"success","data":[{"id":1,"item":"tea"},{"id":2,"item":"","price":null}],"version":"${version}"}`;
    const csv = 'id,item,price\r\n1,tea,\r\n2,"",\r\n';
    const ndjson = '{"id":1,"item":"tea"}\n{"id":2,"item":"","price":null}\n';
    for (const [accept, query, type, body, etag] of [
      ['*/*', '', 'application/json; charset=utf-8', json, `"${version}"`],
      ['text/csv', '', 'text/csv; charset=utf-8; header=present', csv, `"${version}-csv"`],
      ['*/*', '?format=csv', 'text/csv; charset=utf-8; header=present', csv, `"${version}-csv"`],
      [
        'application/x-ndjson',
        '',
        'application/x-ndjson; charset=utf-8',
        ndjson,
        `"${version}-ndjson"`,
      ],
      ['text/csv', '?format=json', 'application/json; charset=utf-8', json, `"${version}"`],
    ] as const) {
      const response = await fetch(orders + query, { headers: { Accept: accept } });
      assert.is(await response.text(), body);
      assert.is(response.headers.get('content-type'), type);
      assert.is(response.headers.get('etag'), etag);
      assert.match(response.headers.get('vary') ?? '', /Accept/);
      const again = await fetch(orders + query, {
        headers: { Accept: accept, 'If-None-Match': `W/"x", ${etag}` },
      });
      assert.is(again.status, 304);
      assert.is(await again.text(), '');
    }
  });
});

test('GET rows: what is not offered or not known is refused by name', async () => {
  await withOrders(async (orders, { url }) => {
    for (const [target, accept, status, message] of [
      [orders, 'text/html', 406, /rows come as application\/json, text\/csv/],
      [
        `${orders}?format=xml`,
        '*/*',
        400,
        /format "xml" is not known; use json, csv, ndjson or html/,
      ],
      [
        `${orders}?city=eq.Paris`,
        '*/*',
        400,
        /no column "city" in table "orders"; it has id, item/,
      ],
      [`${orders}?full=1`, '*/*', 400, /query parameter "full" is not known here/],
      [`${orders}/1?x=1`, '*/*', 400, /query parameter "x" is not known/],
      [`${orders}/stream?x=1`, '*/*', 400, /no column "x" in table "orders"/],
      [`${orders}/stream?token=x`, '*/*', 400, /query parameter "token" is not known/],
      [`${orders}/stream?full=yes`, '*/*', 400, /full="yes" is not known/],
      [`${orders}/stream`, 'application/json', 406, /send Accept: text\/event-stream/],
      [`${url}/api/tables/none`, '*/*', 404, /there is no table "none"/],
      [`${url}/api/tables/none/stream`, '*/*', 404, /there is no table "none"/],
      [`${orders}/9`, '*/*', 404, /table "orders" has no row with key "9"/],
    ] as const) {
      const response = await fetch(target, { headers: { Accept: accept } });
      const json = JSON.parse(await response.text());
      assert.is(response.status, status, target);
      assert.is(json.status, 'error');
      assert.match(json.message, message);
    }
  });
});

test('GET rows: a hundred thousand come whole, and HEAD gives the head alone', async () => {
  await withApp({}, async ({ app, url }) => {
    const table = app.table('big');
    const changes = Array.from({ length: 100_000 }, (_, id) => ({
      type: 'add' as const,
      data: { id, text: `row ${id}` },
    }));
    table.apply(changes);
    const { data } = JSON.parse(await (await fetch(`${url}/api/tables/big`)).text());
    assert.is(data.length, 100_000);
    assert.equal(data.at(-1), { id: 99_999, text: 'row 99999' });
    const head = await fetch(`${url}/api/tables/big`, { method: 'HEAD' });
    assert.is(head.status, 200);
    assert.is(head.headers.get('etag'), `"${table.version}"`);
    assert.is(await head.text(), '');
  });
});

test('GET rows: who reads nothing for --stall-timeout is dropped, and holds up nobody', async () => {
  await withApp({ stallTimeout: 200 }, async ({ app, port }) => {
    const text = 'x'.repeat(1_000);
    const changes = Array.from({ length: 20_000 }, (_, id) => ({
      type: 'add' as const,
      data: { id, text },
    }));
    app.table('big').apply(changes);
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write('GET /api/tables/big HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let sockets = 2;
    let requests = 0;
    while (sockets > 1 || requests < 2) {
      const { body } = await request(port, 'GET /api/metrics');
      ({ sockets, requests } = JSON.parse(body).http);
    }
    socket.destroy();
  });
});

test('POST: a body that stalls for 30 s is 408, what came before it stays', async () => {
  const clock = new FakeClock();
  await withApp(
    {},
    async ({ app, port }) => {
      const table = app.table('t');
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.write(
        'POST /api/tables/t HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n' +
          'Content-Type: application/x-ndjson\r\n\r\n{"id":1}\n',
      );
      while (table.size === 0) await request(port, 'GET /healthz');
      clock.advance(29_999);
      await request(port, 'GET /healthz');
      assert.is(text, '');
      clock.advance(1);
      while (text === '') await request(port, 'GET /healthz');
      assert.match(text, /^HTTP\/1\.1 408 /);
      assert.match(text, /30 seconds; the row before it was taken/);
      clock.advance(5_000);
      await closed;
    },
    { clock },
  );
});

test('GET one row: its data and an ETag that other rows do not change', async () => {
  await withOrders(async (orders, { app }) => {
    const first = await fetch(`${orders}/1`);
    const etag = first.headers.get('etag') ?? '';
    const { data, version } = JSON.parse(await first.text());
    assert.equal(data, { id: 1, item: 'tea' });
    assert.is(etag, `"${version}"`);
    app.tables.require('orders').apply([{ type: 'delete', data: { id: 2 } }]);
    const again = await fetch(`${orders}/1`, { headers: { 'If-None-Match': etag } });
    assert.is(again.status, 304);
  });
});

test('POST JSON: an object or an array is upserted, and replaces', async () => {
  await withOrders(async (orders, { app }) => {
    const table = app.tables.require('orders');
    const one = await post(orders, '{"id":"1","price":3}');
    assert.equal(one, {
      status: 200,
      json: { status: 'success', count: 1, version: table.version },
    });
    assert.equal(table.get(1), { id: '1', price: 3 });
    const two = await post(orders, '[{"id":3},{"id":4}]', 'application/json; charset=UTF-8');
    assert.is(two.json.count, 2);
    assert.is(table.size, 4);
    assert.is((await post(orders, '[]')).json.count, 0);
  });
});

for (const [what, body, type, status, code, message] of [
  ['no JSON', '{"id":', 'application/json', 400, 'bad_json', /not JSON/],
  ['an empty body', '', 'application/json', 400, 'bad_json', /the body is empty/],
  ['a string', '"x"', 'application/json', 400, 'bad_row', /must be a JSON object, not a string/],
  ['null', 'null', 'application/json', 400, 'bad_row', /not null/],
  ['no key', '{"a":1}', 'application/json', 400, 'bad_key', /key column "id" is missing/],
  ['a nested array', '[{"id":5},[]]', 'application/json', 400, 'bad_row', /row 2 of 2: .*an array/],
  ['a bad last row', '[{"id":5},{}]', 'application/json', 400, 'bad_key', /no row was taken/],
  ['a huge number', '{"id":1,"n":1e400}', 'application/json', 400, 'bad_row', /column "n": 1e400/],
  [
    'a form',
    'id=1',
    'application/x-www-form-urlencoded',
    415,
    'unsupported_media_type',
    /send appl/,
  ],
  [
    'another charset',
    '{}',
    'application/json; charset=latin1',
    415,
    'unsupported_media_type',
    /UTF-8/,
  ],
  [
    '65 levels',
    `{"id":1,"a":${'['.repeat(64)}${']'.repeat(64)}}`,
    'application/json',
    400,
    'bad_row',
    /64 levels/,
  ],
] as const) {
  test(`POST: ${what} is ${status} ${code} and changes nothing`, async () => {
    await withOrders(async (orders, { app }) => {
      const { version } = app.tables.require('orders');
      const answer = await post(orders, body, type);
      assert.is(answer.status, status);
      assert.is(answer.json.code, code);
      assert.match(String(answer.json.message), message);
      assert.is(app.tables.require('orders').version, version);
    });
  });
}

test('POST: bytes that are not UTF-8, and a coding, are refused', async () => {
  await withOrders(async (orders) => {
    const bytes = Uint8Array.from([0x7b, 0xff, 0x7d]);
    assert.match(String((await post(orders, bytes)).json.message), /not UTF-8/);
    const coded = await post(orders, '{}', 'application/json', { 'Content-Encoding': 'gzip' });
    assert.is(coded.status, 415);
  });
});

test('POST: hostile keys and values come back exactly, and frames stay whole', async () => {
  await withOrders(async (orders) => {
    const rows = [
      { id: 'a\r\ndata: x\0\u2028', v: '\r\n\r\nevent: y\n\n' },
      JSON.parse('{"id":"__proto__","__proto__":{"polluted":true},"constructor":"c"}'),
      { id: '\ud800', v: '\udfff' },
    ];
    assert.is((await post(orders, JSON.stringify(rows))).status, 200);
    const read = JSON.parse(await (await fetch(orders)).text());
    assert.is(JSON.stringify(read.data.slice(2)), JSON.stringify(rows));
    const one = await fetch(`${orders}/${encodeURIComponent('a\r\ndata: x')}%E2%80%A8`);
    assert.is(one.status, 404);
    const proto = JSON.parse(await (await fetch(`${orders}/__proto__`)).text());
    assert.is(JSON.stringify(proto.data), JSON.stringify(rows[1]));
    assert.is(Reflect.get({}, 'polluted'), undefined);
    const { text } = await readStream(`${orders}/stream`, (all) => all.includes('\nid: '));
    assert.is(text.match(/^data: /gm)?.length, 1);
    assert.not.match(text, /^event/m);
  });
});

test('POST NDJSON and CSV: rows of any number are taken', async () => {
  await withOrders(async (orders, { app }) => {
    const lines = Array.from({ length: 5_000 }, (_, i) => `{"id":${i},"t":"${'x'.repeat(300)}"}\n`);
    const ndjson = await post(orders, lines.join(''), 'application/x-ndjson');
    assert.is(ndjson.status, 200);
    assert.is(ndjson.json.count, 5_000);
    assert.is(app.tables.require('orders').size, 5_000);
    const csv = await post(orders, 'id,n,t\n7,5,"5"\n8,,""\n', 'text/csv; charset=utf-8');
    assert.is(csv.json.count, 2);
    assert.equal(app.tables.require('orders').get(7), { id: 7, n: 5, t: '5' });
    assert.equal(app.tables.require('orders').get(8), { id: 8, n: null, t: '' });
  });
});

test('POST lines: a bad one is named, the rows before it stay', async () => {
  await withOrders(async (orders, { app }) => {
    for (const [type, body, status, message] of [
      [
        'application/x-ndjson',
        '{"id":10}\n{"id":11}\n{"i\n{"id":12}\n',
        400,
        /^line 3, .*not JSON.*; the 2 rows before it were taken$/,
      ],
      ['application/x-ndjson', '[1]\n', 400, /^line 1.*an array; no row was taken$/],
      [
        'text/csv',
        'id,a\n20,x\n21\n22,y\n',
        400,
        /^line 3.*1 cells; the header has 2; the row before it was taken$/,
      ],
      ['text/csv', 'a,b\n1,2\n', 400, /no key column "id"/],
      [
        'application/x-ndjson',
        `{"id":30}\n{"id":31,"t":"${'x'.repeat(1_048_576)}"}\n`,
        413,
        /^line 2: longer than 1048576 bytes.*the row before/,
      ],
    ] as const) {
      const answer = await post(orders, body, type);
      assert.is(answer.status, status, body.slice(0, 40));
      assert.match(String(answer.json.message), message);
    }
    const keys = app.tables
      .require('orders')
      .rows()
      .map(({ id }) => id);
    assert.equal(keys, [1, 2, 10, 11, 20, 30]);
  });
});

test('POST: a body too large is 413 before it is read, and readable while it is sent', async () => {
  await withOrders(async (orders, { port }) => {
    const answer = await post(orders, 'x'.repeat(3_000_000));
    assert.is(answer.status, 413);
    const path = 'POST /api/tables/orders';
    const chunked = await request(
      port,
      path,
      { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' },
      `124F80\r\n${'x'.repeat(1_200_000)}\r\n0\r\n\r\n`,
    );
    assert.is(chunked.status, 413);
    assert.match(chunked.body, /at most 1048576 bytes; send NDJSON or CSV/);
  });
});

test('POST with Expect: 100-continue and a body too large: 413 at once, nothing is waited for', async () => {
  await withApp(
    {},
    async ({ app, port }) => {
      app.table('orders');
      const waiting = await request(port, 'POST /api/tables/orders', {
        'Content-Type': 'application/json',
        'Content-Length': '2000000',
        Expect: '100-continue',
      });
      assert.is(waiting.status, 413);
    },
    { clock: new FakeClock() },
  );
});

test('POST with Expect: 100-continue is told to go on, then answered', async () => {
  await withOrders(async (_, { port }) => {
    const answer = await request(
      port,
      'POST /api/tables/orders',
      { 'Content-Type': 'application/json', 'Content-Length': '8', Expect: '100-continue' },
      '{"id":9}',
    );
    assert.is(answer.status, 100);
    assert.match(answer.body, /^HTTP\/1\.1 200 OK\r\n/);
  });
});

test('POST to an unknown table: 404, or made with --create', async () => {
  await withOrders(async (_, { url }) => {
    assert.is((await post(`${url}/api/tables/new`, '{"id":1}')).status, 404);
  });
  await withApp({ create: true, key: 'sku', maxTables: 2 }, async ({ app, url }) => {
    assert.is((await post(`${url}/api/tables/new`, '{"id":1}')).status, 400);
    assert.is(app.tables.size, 0);
    assert.is((await post(`${url}/api/tables/new`, '{"sku":1}')).status, 200);
    assert.is((await post(`${url}/api/tables/csv`, 'sku\n1\n', 'text/csv')).json.count, 1);
    const third = await post(`${url}/api/tables/third`, '{"sku":1}');
    assert.is(third.status, 429);
    assert.is(third.json.code, 'too_many');
    assert.is((await post(`${url}/api/tables/a%0Ab`, '{"sku":1}')).status, 400);
  });
});

test('POST past --max-rows: 507 and nothing taken', async () => {
  await withOrders(
    async (orders, { app }) => {
      const answer = await post(orders, '[{"id":3},{"id":4}]');
      assert.is(answer.status, 507);
      assert.is(answer.json.code, 'table_full');
      assert.is(app.tables.require('orders').size, 2);
    },
    { maxRows: 3 },
  );
});

test('PATCH: merges columns, keeps the key, null is a value', async () => {
  await withOrders(async (orders, { app }) => {
    const type = { 'Content-Type': 'application/json' };
    const answer = await send('PATCH', `${orders}/1`, '{"price":2,"item":null}', type);
    assert.is(answer.status, 200);
    assert.equal(answer.json.data, { id: 1, item: null, price: 2 });
    for (const [path, body, status, code] of [
      ['/1', '{"id":2}', 400, 'bad_key'],
      ['/1', '[]', 400, 'bad_row'],
      ['/1', '', 400, 'bad_json'],
      ['/9', '{"a":1}', 404, 'unknown_row'],
    ] as const) {
      const refused = await send('PATCH', orders + path, body, type);
      assert.is(refused.status, status, body);
      assert.is(refused.json.code, code);
    }
    assert.equal(app.tables.require('orders').get(1), { id: 1, item: null, price: 2 });
    const proto = await send('PATCH', `${orders}/1`, '{"__proto__":{"x":1},"id":"1"}', type);
    assert.is(JSON.stringify(proto.json.data).includes('"__proto__":{"x":1}'), true);
  });
});

test('DELETE: the row goes, a second time is 404', async () => {
  await withOrders(async (orders, { app }) => {
    const answer = await send('DELETE', `${orders}/1`);
    const { version } = app.tables.require('orders');
    assert.equal(answer, { status: 200, json: { status: 'success', count: 1, version } });
    assert.is((await send('DELETE', `${orders}/1`)).status, 404);
  });
});

test('If-Match: holds until the row itself changes', async () => {
  await withOrders(async (orders, { app }) => {
    const table = app.tables.require('orders');
    const type = { 'Content-Type': 'application/json' };
    const seen = `"${table.version}"`;
    table.apply([{ type: 'update', data: { id: 2, item: 'x' } }]);
    const match = (tag: string): Record<string, string> => ({ ...type, 'If-Match': tag });
    assert.is((await send('PATCH', `${orders}/1`, '{"a":1}', match(seen))).status, 200);
    for (const tag of [seen, '"other.1"', '"garbage"', `"${table.epoch}.999"`, `W/${seen}`, '']) {
      assert.is((await send('PATCH', `${orders}/1`, '{"a":2}', match(tag))).status, 412, tag);
    }
    assert.is((await send('DELETE', `${orders}/2`, undefined, match(seen))).status, 412);
    assert.is((await send('DELETE', `${orders}/9`, undefined, match(seen))).status, 404);
    const now = `"x.1", "${table.version}-csv"`;
    assert.is((await post(orders, '{"id":2}', 'application/json', match(seen))).status, 412);
    assert.is((await post(orders, '{"id":2}', 'application/json', match(now))).status, 200);
    assert.is((await send('DELETE', `${orders}/2`, undefined, match('*'))).status, 200);
    assert.is(
      (await post(orders, '{"id":2}', 'application/x-ndjson', { 'If-Match': '*' })).status,
      400,
    );
  });
});

test('--read-only: every write is 403, reading goes on', async () => {
  await withOrders(
    async (orders) => {
      const type = { 'Content-Type': 'application/json' };
      for (const [method, path, body] of [
        ['POST', '', '{"id":1}'],
        ['PATCH', '/1', '{"a":1}'],
        ['DELETE', '/1', undefined],
      ] as const) {
        const answer = await send(method, orders + path, body, type);
        assert.is(answer.status, 403);
        assert.is(answer.json.code, 'read_only');
      }
      assert.is((await fetch(orders)).status, 200);
    },
    { readOnly: true },
  );
});

test('GET stream: head, retry, init; Last-Event-ID by header or query resumes', async () => {
  await withOrders(async (orders, { app }) => {
    const first = await readStream(`${orders}/stream`, (text) => text.includes('\nid: '));
    assert.is(first.status, 200);
    assert.is(first.headers.get('content-type'), 'text/event-stream');
    assert.is(first.headers.get('cache-control'), 'no-cache, no-transform');
    assert.is(first.headers.get('x-accel-buffering'), 'no');
    assert.match(first.text, /^retry: \d+\n\ndata: \{"type":"init","table":"orders"/);
    const { version } = app.tables.require('orders');
    for (const [query, headers] of [
      ['', { 'Last-Event-ID': version }],
      [`?lastEventId=${version}`, {}],
    ] as const) {
      const resumed = await readStream(
        `${orders}/stream${query}`,
        (text) => text.includes('resumed'),
        headers,
      );
      assert.match(resumed.text, /\{"type":"resumed","missed":0\}/);
    }
    const head = await fetch(`${orders}/stream`, { method: 'HEAD' });
    assert.is(head.headers.get('content-type'), 'text/event-stream');
  });
});

test('GET stream with full=1: the whole table with each change, for small tables only', async () => {
  await withOrders(async (orders, { app }) => {
    const table = app.tables.require('orders');
    let sent = false;
    const { text } = await readStream(`${orders}/stream?full=1`, (all) => {
      if (!sent && all.includes('\nid: ')) {
        sent = true;
        table.apply([{ type: 'add', data: { id: 3 } }]);
      }
      return all.includes('table_data');
    });
    assert.match(text, /"table_data":\[\{"id":1,/);
    table.apply(Array.from({ length: 1_001 }, (_, id) => ({ type: 'add', data: { id } })));
    const refused = await readStream(`${orders}/stream?full=1`, () => false);
    assert.is(refused.status, 400);
    assert.match(refused.text, /at most 1000 rows; table \\"orders\\" has 1001/);
  });
});
