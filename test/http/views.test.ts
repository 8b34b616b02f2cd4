import * as assert from 'uvu/assert';
import { suite } from '../suite.ts';
import { type Running, readStream, withApp } from './server.ts';

const test = suite('views over HTTP');

async function withUsers(
  body: (users: string, running: Running) => Promise<void>,
  options = {},
): Promise<void> {
  await withApp(options, async (running) => {
    running.app.table('users').apply(
      [
        { id: 1, name: 'Ann', city: 'Paris', score: 90 },
        { id: 2, name: 'Bob', city: 'Rome', score: 70 },
        { id: 3, name: 'Åsa, "A"', city: 'Paris', score: 85.5 },
        { id: 4, name: 'Al', city: null, score: 100 },
      ].map((data) => ({ type: 'add', data })),
    );
    await body(`${running.url}/api/tables/users`, running);
  });
}

const QUERIES: [query: string, ids: number[]][] = [
  ['city=eq.Paris', [1, 3]],
  ['city=eq.Paris&score=gt.86', [1]],
  ['name=like.A*', [1, 4]],
  ['city=in.(Paris,Rome)', [1, 2, 3]],
  ['name=eq.%C3%85sa%2C+%22A%22', [3]],
  ['name=in.(%22%C3%85sa%2C+%5C%22A%5C%22%22)', [3]],
  ['city=is.null', [4]],
  ['city=not.eq.Paris', [2]],
  ['score=gte.70&score=lt.90&order=score', [2, 3]],
  ['order=score.desc&limit=2', [4, 1]],
  ['order=city,name.desc', [3, 1, 2, 4]],
  ['limit=1', [1]],
  ['city=eq.Oslo', []],
];

for (const [query, ids] of QUERIES) {
  test(`?${query}: the same rows from rows and from the stream`, async () => {
    await withUsers(async (users) => {
      const rows = JSON.parse(await (await fetch(`${users}?${query}`)).text());
      const { text } = await readStream(`${users}/stream?${query}`, (seen) => /\nid: /.test(seen));
      const init = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
      const idsOf = (data: { id: number }[]) => data.map(({ id }) => id);
      assert.equal(idsOf(rows.data), ids);
      assert.is(init.type, 'init');
      assert.equal(idsOf(init.data), ids);
      assert.is(init.total, ids.length);
      assert.is(/^id: (.*)$/m.exec(text)?.[1], rows.version, 'the stream goes on from the rows');
    });
  });
}

test('select: columns in the order asked for, in JSON, CSV, NDJSON and init', async () => {
  await withUsers(async (users) => {
    const query = 'select=score,name&city=eq.Paris&order=score';
    const read = async (format: string) =>
      (await fetch(`${users}?${query}&format=${format}`)).text();
    assert.match(
      await read('json'),
      '"data":[{"id":3,"score":85.5,"name":"Åsa, \\"A\\""},{"id":1,',
    );
    assert.is(await read('csv'), 'id,score,name\r\n3,85.5,"Åsa, ""A"""\r\n1,90,Ann\r\n');
    assert.is(
      await read('ndjson'),
      '{"id":3,"score":85.5,"name":"Åsa, \\"A\\""}\n{"id":1,"score":90,"name":"Ann"}\n',
    );
    const { text } = await readStream(`${users}/stream?${query}`, (seen) => /\nid: /.test(seen));
    const { columns } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '');
    assert.equal(columns, [
      { name: 'id', type: 'number' },
      { name: 'score', type: 'number' },
      { name: 'name', type: 'string' },
    ]);
  });
});

const REFUSED: [query: string, code: string, message: RegExp][] = [
  [
    'cty=eq.Paris',
    'unknown_column',
    /no column "cty" in table "users"; it has id, name, city, score/,
  ],
  ['city=is.Paris', 'bad_request', /"is" takes null, true, false/],
  ['city=equals.Paris', 'unknown_operator', /city=equals\.Paris has no known operator/],
  ['select=nme', 'unknown_column', /no column "nme"/],
  ['order=nme', 'unknown_column', /no column "nme"/],
  ['limit=0', 'bad_request', /limit=0 is not a whole number from 1/],
  ['token=x', 'bad_request', /"token" is not known here/],
];

for (const [query, code, message] of REFUSED) {
  test(`?${query}: 400 from rows and stream, naming it`, async () => {
    await withUsers(async (users) => {
      for (const url of [`${users}?${query}`, `${users}/stream?${query}`]) {
        const response = await fetch(url, { headers: { Accept: '*/*', 'Sec-Fetch-Mode': 'cors' } });
        const json = JSON.parse(await response.text());
        assert.is(response.status, 400, url);
        assert.is(json.code, code);
        assert.match(json.message, message);
      }
    });
  });
}

test('ETag of a view: 304 until the table changes; good for If-Match on its rows', async () => {
  await withUsers(async (users) => {
    const first = await fetch(`${users}?city=eq.Rome`);
    const etag = first.headers.get('etag') ?? '';
    await first.text();
    const read = () => fetch(`${users}?city=eq.Rome`, { headers: { 'If-None-Match': etag } });
    assert.is((await read()).status, 304);
    const patch = () =>
      fetch(`${users}/2`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', 'If-Match': etag },
        body: '{"score":71}',
      });
    assert.is((await patch()).status, 200);
    assert.is((await patch()).status, 412);
    assert.is((await read()).status, 200);
  });
});

test('stream: a row that comes in is added, one that leaves is deleted, and its id resumes', async () => {
  await withUsers(async (users, { app }) => {
    const table = app.tables.require('users');
    // Each after the event of the one before, so that none is merged into it.
    const steps = [
      [{ id: 2, city: 'Paris' }],
      [
        { id: 4, city: 'Rome' },
        { id: 1, city: 'Rome' },
      ],
    ];
    let applied = 0;
    const { text } = await readStream(`${users}/stream?city=eq.Paris&select=name`, (seen) => {
      const events = seen.match(/^id: .*$/gm)?.length ?? 0;
      for (; applied < events; applied++) {
        const rows = steps[applied] ?? [];
        table.apply(rows.map((data) => ({ type: 'update', data })));
      }
      return seen.includes('"delete"') && seen.endsWith('\n\n');
    });
    const events = text.match(/(?<=^data: ).*$/gm)?.map((json) => JSON.parse(json)) ?? [];
    assert.equal(
      events.slice(1).map(({ type, data }) => ({ type, data })),
      [
        { type: 'add', data: { id: 2, name: 'Bob' } },
        { type: 'delete', data: { id: 1 } },
      ],
    );
    const lastId = text.match(/(?<=^id: ).*$/gm)?.at(-1) ?? '';
    const again = await readStream(
      `${users}/stream?select=name&city=eq.Paris&lastEventId=${lastId}`,
      (seen) => seen.includes('data: '),
    );
    assert.match(again.text, '"type":"resumed","missed":0');
    const elsewhere = await readStream(
      `${users}/stream?city=eq.Rome&lastEventId=${lastId}`,
      (seen) => seen.includes('data: '),
    );
    assert.match(elsewhere.text, '"type":"init"');
  });
});

test('more views watched than --max-views: 429, and an EventSource is asked to come back', async () => {
  await withUsers(
    async (users, { url }) => {
      const leave = new AbortController();
      const { signal } = leave;
      // With no other type to accept, fetch is a browser's EventSource to the server.
      const headers = { Accept: 'text/event-stream' };
      const watched = await fetch(`${users}/stream?city=eq.Paris`, { headers, signal });
      const same = await fetch(`${users}/stream?city=eq.Paris`, { headers, signal });
      assert.equal([watched.status, same.status], [200, 200]);
      const refused = await fetch(`${users}/stream?city=eq.Rome`, {
        headers: { Accept: 'text/event-stream, application/json' },
      });
      assert.is(refused.status, 429);
      assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
      const { code, message } = JSON.parse(await refused.text());
      assert.is(code, 'too_many');
      assert.match(message, /^1 distinct views are being watched; .* --max-views$/);
      const browser = await fetch(`${users}/stream?city=eq.Rome`, { headers });
      assert.is(browser.status, 200);
      assert.match(await browser.text(), /^retry: \d+\n\ndata: \{"type":"error","code":"too_many"/);
      const rows = await fetch(`${users}?city=eq.Rome`);
      assert.is(rows.status, 200, 'rows need no channel');
      await rows.text();
      const metrics = await (await fetch(`${url}/metrics`)).text();
      assert.match(metrics, /^sse_table_views 1$/m);
      assert.match(metrics, /^sse_table_views_refused_total 2$/m);
      assert.match(metrics, /^sse_table_connections 2$/m, 'who is refused takes no place');
      leave.abort();
    },
    { maxViews: 1 },
  );
});
