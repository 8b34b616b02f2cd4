/** HTTP writes into a file, and what clients find after the server is gone and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../server/base/clock.ts';
import { changeOutboxes } from '../../../server/source/install.ts';
import { openSqlite } from '../../../server/source/sqlite/open-sqlite.ts';
import type { Json, Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';
import { Following } from '../follow-source.ts';

const test = suite('SqliteWriter');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-writes-'));
test.after(() => rmSync(folder, { recursive: true }));

let files = 0;
const newPath = (): string => join(folder, `w${files++}.db`);

function create(sql: string): string {
  const path = newPath();
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = wal; ${sql}`);
  db.close();
  return path;
}

function query(path: string, sql: string): Row[] {
  const db = new DatabaseSync(path);
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })) as Row[];
  } finally {
    db.close();
  }
}

function follow(path: string, readOnly = false) {
  const options = { key: undefined, tables: [], readOnly, clock: systemClock };
  return Following.start(openSqlite(path, { ...options, random: Math.random }), { create: true });
}

const installAll = (path: string) =>
  changeOutboxes(path, { action: 'install', tables: [], key: undefined, dryRun: false });

const SHOP = `
  CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL DEFAULT '?', n INT CHECK (n > 0),
    email TEXT UNIQUE, photo BLOB, price REAL, twice AS (n * 2));
  CREATE TABLE parts (a TEXT, b INT, note, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE plain (v);
  CREATE TABLE owned (id INTEGER PRIMARY KEY, o REFERENCES orders);
  CREATE TRIGGER guard BEFORE INSERT ON plain WHEN NEW.v = 'no' BEGIN SELECT RAISE(ABORT, 'not that'); END;
  INSERT INTO orders (id, item, n, email) VALUES (1, 'tea', 2, 'a@b'), (2, 'cup', 6, NULL)`;

const FULL = { item: '?', n: null, email: null, photo: null, price: null, twice: null };

/** Requests in order, on the tables of SHOP: the status, and the row or the code of what is refused. */
const WRITES: [
  method: string,
  path: string,
  body: Json | undefined,
  status: number,
  result: Json,
][] = [
  [
    'POST',
    'orders',
    { id: 3, item: 'pot', n: 1 },
    200,
    { id: 3, ...FULL, item: 'pot', n: 1, twice: 2 },
  ],
  ['POST', 'orders', { id: 3, n: 4 }, 200, { id: 3, ...FULL, n: 4, twice: 8 }],
  ['PATCH', 'orders/3', { item: 'jar' }, 200, { id: 3, ...FULL, item: 'jar', n: 4, twice: 8 }],
  [
    'PATCH',
    'orders/3',
    { photo: 'AP8=', price: 'Infinity' },
    200,
    { id: 3, ...FULL, item: 'jar', n: 4, twice: 8, photo: 'AP8=', price: 'Infinity' },
  ],
  [
    'POST',
    'orders',
    { id: '9007199254740993', item: 'big' },
    200,
    { ...FULL, id: '9007199254740993', item: 'big' },
  ],
  ['DELETE', 'orders/9007199254740993', undefined, 200, null],
  ['DELETE', 'orders/77', undefined, 404, 'unknown_row'],
  [
    'POST',
    'orders',
    [
      { id: 8, n: 1 },
      { id: 9, n: -1 },
    ],
    400,
    'bad_row',
  ],
  ['POST', 'orders', { id: 10, email: 'a@b' }, 409, 'conflict'],
  ['POST', 'orders', { id: 10, item: null }, 400, 'bad_row'],
  ['POST', 'orders', { id: 10, nope: 1 }, 400, 'unknown_column'],
  ['POST', 'orders', { id: 10, twice: 1 }, 400, 'bad_row'],
  ['POST', 'orders', { id: 10, photo: '*' }, 400, 'bad_row'],
  ['POST', 'orders', { id: 'x' }, 400, 'bad_row'],
  [
    'POST',
    'parts',
    { key: 'x%2Cy,5', note: [1] },
    200,
    { key: 'x%2Cy,5', a: 'x,y', b: 5, note: '[1]' },
  ],
  [
    'POST',
    'parts',
    { key: 'p,5', a: 'p', b: 5, note: true },
    200,
    { key: 'p,5', a: 'p', b: 5, note: 1 },
  ],
  ['POST', 'parts', { key: 'p,5', a: 'q' }, 400, 'bad_key'],
  ['POST', 'parts', { key: 'p' }, 400, 'bad_key'],
  ['DELETE', 'parts/p,5', undefined, 200, null],
  ['POST', 'plain', { rowid: 5, v: 'yes' }, 200, { rowid: 5, v: 'yes' }],
  ['POST', 'plain', { rowid: 6, v: 'no' }, 409, 'conflict'],
  ['POST', 'owned', { id: 1, o: 99 }, 409, 'conflict'],
];

for (const how of ['compared', 'outbox'] as const) {
  test(`${how}: writes go through the file, refusals change nothing`, async () => {
    const path = create(SHOP);
    if (how === 'outbox') await installAll(path);
    await using following = await follow(path);
    await following.until('loaded', () => following.rows('orders')?.length === 2);
    for (const [method, target, body, status, result] of WRITES) {
      const what = `${method} ${target} ${JSON.stringify(body)}`;
      const answer = await following.send(method, target, body);
      assert.is(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
      if (status !== 200) {
        assert.is(answer.body.code, result, what);
        assert.not.match(String(answer.body.message), /errcode|sqlite_|at \//i);
        continue;
      }
      const [table = '', path] = target.split('/');
      const row = following.rows(table)?.find((held) => {
        const key = following.app.tables.get(table)?.key ?? '';
        return String(held[key]) === (path ?? String((body as Row)[key]));
      });
      assert.equal(row ?? null, result, `${what}: shown as soon as it is acknowledged`);
    }
    assert.equal(query(path, 'SELECT id, item, n FROM orders'), [
      { id: 1, item: 'tea', n: 2 },
      { id: 2, item: 'cup', n: 6 },
      { id: 3, item: 'jar', n: 4 },
    ]);
    assert.equal(query(path, 'SELECT a, b FROM parts'), [{ a: 'x,y', b: 5 }]);
  });
}

test('NDJSON of 5,000 rows goes through in chunks; a bad line says what was written', async () => {
  const path = create('CREATE TABLE t (id INTEGER PRIMARY KEY, v)');
  await installAll(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('t') !== undefined);
  const post = (body: string) =>
    fetch(`${following.url}/api/tables/t`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson' },
      body,
    });
  const lines = Array.from({ length: 5_000 }, (_, id) => `{"id":${id},"v":"é"}\n`).join('');
  const good = await post(lines);
  assert.is(good.status, 200);
  assert.is(((await good.json()) as Row).count, 5_000);
  assert.is(following.rows('t')?.length, 5_000);
  const bad = await post('{"id":5000,"v":1}\n{"id":');
  assert.is(bad.status, 400);
  assert.equal(query(path, 'SELECT count(*) AS n FROM t'), [{ n: 5_001 }]);
});

test("the server's own file: tables and columns come with rows, every JSON value is kept", async () => {
  const path = newPath();
  const rows = [
    { id: 1, ok: true, no: false, none: null, n: 5, x: 0.5, text: '00501', list: [1, { a: null }] },
    { id: 'two', ok: null, no: null, none: null, n: null, x: null, text: null, list: null },
  ];
  {
    await using following = await follow(path);
    await following.until('ready', async () => {
      return (await fetch(`${following.url}/readyz`)).status === 200;
    });
    const { status, body } = await following.send('POST', 'notes', rows);
    assert.is(status, 200, JSON.stringify(body));
    await following.shows('notes', rows);
    assert.is((await following.send('PATCH', 'notes/two', { late: {} })).status, 200);
    assert.equal(following.app.tables.get('notes')?.get('two')?.late, {});
  }
  await using again = await follow(path);
  await again.shows('notes', [
    { ...rows[0], late: null },
    { ...rows[1], late: {} },
  ] as Row[]);
  assert.equal(
    query(
      path,
      'SELECT v.* FROM (SELECT typeof(n) AS n, typeof(text) AS t FROM notes WHERE id = 1) v',
    ),
    [{ n: 'integer', t: 'text' }],
  );
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE made (id INTEGER PRIMARY KEY); INSERT INTO made VALUES (1)');
  await again.shows('made', [{ id: 1 }]);
  db.exec('DELETE FROM made');
  await again.shows('made', []);
  assert.equal(query(path, 'PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
  assert.match(
    JSON.stringify(query(path, 'SELECT name FROM sqlite_schema')),
    /_sse_table_outbox_made/,
  );
  db.close();
});

test('an existing file gets no new tables by POST: they are in memory', async () => {
  const path = create(SHOP);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  assert.is((await following.send('POST', 'fresh', { id: 1 })).status, 200);
  assert.equal(query(path, "SELECT name FROM sqlite_schema WHERE name = 'fresh'"), []);
});

test('read-only: served, writes are 403', async () => {
  const path = create(SHOP);
  await using following = await follow(path, true);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const { status, body } = await following.send('PATCH', 'orders/1', { n: 9 });
  assert.equal([status, body.code], [403, 'read_only']);
});

test('If-Match: the version of a row read is good for one write', async () => {
  const path = create(SHOP);
  await installAll(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const url = `${following.url}/api/tables/orders/1`;
  const etag = (await fetch(url)).headers.get('etag') ?? '';
  const patch = () =>
    fetch(url, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', 'If-Match': etag },
      body: '{"n": 3}',
    });
  assert.is((await patch()).status, 200);
  assert.is((await patch()).status, 412);
});
