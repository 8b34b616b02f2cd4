/** Files changed by other programs: node:sqlite here, and the sqlite3 command line. */
import { mkdtempSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../server/base/clock.ts';
import { changeOutboxes } from '../../../server/source/install.ts';
import { openSqlite } from '../../../server/source/sqlite/open-sqlite.ts';
import { findSqlite3, NO_SQLITE3, sqlite3 } from '../../services/sqlite3.ts';
import { suite } from '../../suite.ts';
import { Following } from '../follow-source.ts';

const test = suite('SqliteSource');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-sqlite-'));
test.after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A file with these statements run on it; `wal` as most programs have it, or not. */
function create(sql: string, mode: 'wal' | 'delete' = 'wal'): string {
  const path = join(folder, `f${files++}.db`);
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = ${mode}; ${sql}`);
  db.close();
  return path;
}

/** Runs statements as another program would. */
function run(path: string, sql: string): void {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

function follow(path: string, options: Partial<Parameters<typeof openSqlite>[1]> = {}) {
  return Following.start(
    openSqlite(path, {
      key: undefined,
      tables: [],
      readOnly: false,
      clock: systemClock,
      random: Math.random,
      ...options,
    }),
    { create: true },
  );
}

async function install(path: string, tables: string[] = []): Promise<string[]> {
  const request = { action: 'install', tables, key: undefined, dryRun: false } as const;
  return (await changeOutboxes(path, request)).tables;
}

async function uninstall(path: string, tables: string[] = []): Promise<string[]> {
  const request = { action: 'uninstall', tables, key: undefined, dryRun: false } as const;
  return (await changeOutboxes(path, request)).tables;
}

function schemaOf(path: string): unknown[] {
  const db = new DatabaseSync(path);
  const rows = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all();
  db.close();
  return rows.map((row) => ({ ...row }));
}

const ORDERS = `CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT);
  INSERT INTO orders VALUES (1, 'tea'), (2, 'cup')`;

/** Tables of every kind: the key column, its rows at first, a change, and the rows after. */
const KINDS: [
  what: string,
  create: string,
  change: string,
  key: string,
  before: unknown,
  after: unknown,
][] = [
  [
    'text key',
    "CREATE TABLE t (code TEXT PRIMARY KEY, n INT); INSERT INTO t VALUES ('a', 1), ('B', 2)",
    "UPDATE t SET n = 5 WHERE code = 'B'; INSERT INTO t VALUES ('é''\"', 3); DELETE FROM t WHERE code = 'a'",
    'code',
    [
      { code: 'a', n: 1 },
      { code: 'B', n: 2 },
    ],
    [
      { code: 'B', n: 5 },
      { code: 'é\'"', n: 3 },
    ],
  ],
  [
    'key that changes',
    'CREATE TABLE t (id INTEGER PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1), (2, 2)',
    'UPDATE t SET id = id + 10 WHERE id = 2',
    'id',
    [
      { id: 1, n: 1 },
      { id: 2, n: 2 },
    ],
    [
      { id: 1, n: 1 },
      { id: 12, n: 2 },
    ],
  ],
  [
    'key that changes its case, without case in comparing',
    "CREATE TABLE t (k TEXT PRIMARY KEY COLLATE NOCASE, n INT); INSERT INTO t VALUES ('a', 1)",
    "UPDATE t SET k = 'A'",
    'k',
    [{ k: 'a', n: 1 }],
    [{ k: 'A', n: 1 }],
  ],
  [
    'composite key, WITHOUT ROWID',
    "CREATE TABLE t (a TEXT, b INT, c, PRIMARY KEY (b, a)) WITHOUT ROWID; INSERT INTO t VALUES ('x,y', 1, 0), ('z', 1, 0)",
    "UPDATE t SET c = 1 WHERE a = 'z'; UPDATE t SET b = 2 WHERE a = 'x,y'",
    'key',
    [
      { key: '1,x%2Cy', a: 'x,y', b: 1, c: 0 },
      { key: '1,z', a: 'z', b: 1, c: 0 },
    ],
    [
      { key: '1,z', a: 'z', b: 1, c: 1 },
      { key: '2,x%2Cy', a: 'x,y', b: 2, c: 0 },
    ],
  ],
  [
    'composite key beside a column key',
    'CREATE TABLE t (a, b, key, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, 2, 3)',
    'DELETE FROM t; INSERT INTO t VALUES (1, 3, 3)',
    '_key',
    [{ _key: '1,2', a: 1, b: 2, key: 3 }],
    [{ _key: '1,3', a: 1, b: 3, key: 3 }],
  ],
  [
    'generated columns',
    'CREATE TABLE t (id INTEGER PRIMARY KEY, n, twice AS (n * 2), thrice AS (n * 3) STORED); INSERT INTO t (id, n) VALUES (1, 2)',
    'UPDATE t SET n = 5',
    'id',
    [{ id: 1, n: 2, twice: 4, thrice: 6 }],
    [{ id: 1, n: 5, twice: 10, thrice: 15 }],
  ],
  [
    'blobs, integers beyond 2^53, infinities, null',
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, x'00ff'), (9007199254740993, null)",
    'INSERT INTO t VALUES (2, 9e999); UPDATE t SET v = -9223372036854775808 WHERE id > 2; UPDATE t SET v = zeroblob(3) WHERE id = 1',
    'id',
    [
      { id: 1, v: 'AP8=' },
      { id: '9007199254740993', v: null },
    ],
    [
      { id: 1, v: 'AAAA' },
      { id: '9007199254740993', v: '-9223372036854775808' },
      { id: 2, v: 'Infinity' },
    ],
  ],
  [
    'no key: the rowid',
    'CREATE TABLE t (a); INSERT INTO t VALUES (1), (1)',
    'DELETE FROM t WHERE rowid = 1; INSERT INTO t VALUES (7)',
    'rowid',
    [
      { rowid: 1, a: 1 },
      { rowid: 2, a: 1 },
    ],
    [
      { rowid: 2, a: 1 },
      { rowid: 3, a: 7 },
    ],
  ],
  [
    'no key and a column rowid: another name of it',
    'CREATE TABLE t (rowid); INSERT INTO t VALUES (5)',
    'UPDATE t SET rowid = 6',
    '_rowid_',
    [{ _rowid_: 1, rowid: 5 }],
    [{ _rowid_: 1, rowid: 6 }],
  ],
  [
    'no primary key but a unique id',
    "CREATE TABLE t (a, id TEXT UNIQUE); INSERT INTO t VALUES (1, 'x')",
    "INSERT OR REPLACE INTO t VALUES (2, 'x'), (3, 'y')",
    'id',
    [{ a: 1, id: 'x' }],
    [
      { a: 2, id: 'x' },
      { a: 3, id: 'y' },
    ],
  ],
  [
    'REPLACE that deletes other rows, by two unique indexes and a partial one',
    `CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT UNIQUE, nick TEXT COLLATE NOCASE, live INT);
     CREATE UNIQUE INDEX nicks ON t (nick) WHERE live;
     INSERT INTO t VALUES (1, 'a', 'x', 1), (2, 'b', 'y', 1), (3, 'c', 'z', 1)`,
    "INSERT OR REPLACE INTO t VALUES (4, 'a', 'Y', 1); UPDATE OR REPLACE t SET id = 3 WHERE id = 4",
    'id',
    [
      { id: 1, email: 'a', nick: 'x', live: 1 },
      { id: 2, email: 'b', nick: 'y', live: 1 },
      { id: 3, email: 'c', nick: 'z', live: 1 },
    ],
    [{ id: 3, email: 'a', nick: 'Y', live: 1 }],
  ],
  [
    'rows deleted by a foreign key and by a trigger',
    `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES p ON DELETE CASCADE);
     CREATE TRIGGER extra AFTER DELETE ON p BEGIN INSERT INTO t VALUES (100 + OLD.id, NULL); END;
     INSERT INTO p VALUES (1), (2); INSERT INTO t VALUES (1, 1), (2, 2)`,
    'DELETE FROM p WHERE id = 1',
    'id',
    [
      { id: 1, p: 1 },
      { id: 2, p: 2 },
    ],
    [
      { id: 2, p: 2 },
      { id: 101, p: null },
    ],
  ],
  [
    'names with quotes and spaces',
    'CREATE TABLE t ("the ""key""" TEXT PRIMARY KEY, "a b" INT); INSERT INTO t VALUES (\'k\', 1)',
    'UPDATE t SET "a b" = 2',
    'the "key"',
    [{ 'the "key"': 'k', 'a b': 1 }],
    [{ 'the "key"': 'k', 'a b': 2 }],
  ],
];
for (const [what, sql, change, key, before, after] of KINDS) {
  for (const how of ['compared', 'outbox', 'outbox, delete journal'] as const) {
    test(`${how}: ${what}`, async () => {
      const path = create(sql, how === 'outbox, delete journal' ? 'delete' : 'wal');
      if (how !== 'compared') await install(path);
      await using following = await follow(path);
      await following.shows('t', before as []);
      assert.is(following.app.tables.get('t')?.key, key);
      const epoch = following.app.tables.get('t')?.epoch;
      run(path, change);
      await following.shows('t', after as []);
      assert.is(following.app.tables.get('t')?.epoch, epoch, 'nothing was loaded anew');
    });
  }
}

test('changes arrive within 50 ms of their commit', async () => {
  const path = create(ORDERS);
  await install(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const delays: number[] = [];
  const other = new DatabaseSync(path, { timeout: 5_000 });
  for (let id = 10; id < 30; id++) {
    const arrived = new Promise<number>((resolve) => {
      const stop = following.app.tables.require('orders').listen({
        onChange: () => undefined,
        onApplied: () => {
          stop();
          resolve(performance.now());
        },
      });
    });
    other.exec(`INSERT INTO orders VALUES (${id}, 'x')`);
    const committed = performance.now();
    delays.push((await arrived) - committed);
  }
  other.close();
  delays.sort((a, b) => a - b);
  assert.ok((delays[10] ?? Infinity) < 50, `median ${delays[10]} ms`);
});

test('a rolled back transaction leaves nothing, a big one arrives whole', async () => {
  const path = create(ORDERS);
  await install(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  run(path, "BEGIN; DELETE FROM orders; INSERT INTO orders VALUES (9, 'x'); ROLLBACK");
  run(
    path,
    `WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
     INSERT INTO orders SELECT i, 'bulk' FROM n`,
  );
  await following.until('5,000 rows', () => following.rows('orders')?.length === 5_000);
  assert.equal(following.rows('orders')?.slice(0, 3), [
    { id: 1, item: 'tea' },
    { id: 2, item: 'cup' },
    { id: 3, item: 'bulk' },
  ]);
});

test('schema: columns come and go, tables are made, dropped and renamed', async () => {
  const path = create(ORDERS);
  await install(path);
  await using following = await follow(path);
  await following.shows('orders', [
    { id: 1, item: 'tea' },
    { id: 2, item: 'cup' },
  ]);
  run(path, 'ALTER TABLE orders ADD COLUMN n INT DEFAULT 7');
  await following.shows('orders', [
    { id: 1, item: 'tea', n: 7 },
    { id: 2, item: 'cup', n: 7 },
  ]);
  run(path, 'ALTER TABLE orders DROP COLUMN item');
  await following.shows('orders', [
    { id: 1, n: 7 },
    { id: 2, n: 7 },
  ]);
  run(path, 'CREATE TABLE more (id INTEGER PRIMARY KEY); INSERT INTO more VALUES (1)');
  await following.shows('more', [{ id: 1 }]);
  run(path, 'ALTER TABLE orders RENAME TO bills');
  await following.shows('bills', [
    { id: 1, n: 7 },
    { id: 2, n: 7 },
  ]);
  await following.until('orders is gone', () => following.rows('orders') === undefined);
  run(path, 'UPDATE bills SET n = 8 WHERE id = 1');
  await following.shows('bills', [
    { id: 1, n: 8 },
    { id: 2, n: 7 },
  ]);
  assert.match(following.logged.join('\n'), /"bills" has changed since its outbox was made/);
  run(path, 'DROP TABLE bills');
  await following.until('bills is gone', () => following.rows('bills') === undefined);
});

test('VACUUM gives new rowids: the rows are read anew', async () => {
  const path = create('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)');
  await install(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('t')?.length === 3);
  run(path, 'DELETE FROM t WHERE a = 1; VACUUM');
  await following.shows('t', [
    { rowid: 1, a: 2 },
    { rowid: 2, a: 3 },
  ]);
});

test('the outbox installed and removed while it is served: rows stay, changes go on', async () => {
  const path = create(ORDERS);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const compared = following.app.tables.get('orders')?.epoch;
  await install(path);
  await following.until('the outbox is used', () => {
    return following.app.tables.get('orders')?.epoch !== compared;
  });
  run(path, 'DELETE FROM orders WHERE id = 1');
  await following.shows('orders', [{ id: 2, item: 'cup' }]);
  await uninstall(path);
  run(path, "INSERT INTO orders VALUES (3, 'pot')");
  await following.shows('orders', [
    { id: 2, item: 'cup' },
    { id: 3, item: 'pot' },
  ]);
});

test('an outbox trimmed beyond the reader: the table is loaded anew', async () => {
  const path = create(ORDERS);
  await install(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  run(
    path,
    `BEGIN; DELETE FROM orders WHERE id = 1; INSERT INTO orders VALUES (5, 'x');
     DELETE FROM _sse_table_outbox_orders WHERE seq < 3; COMMIT`,
  );
  await following.shows('orders', [
    { id: 2, item: 'cup' },
    { id: 5, item: 'x' },
  ]);
});

test('restored in place from an older copy: another history, so that nobody resumes past it', async () => {
  const path = create(ORDERS);
  await install(path);
  const copy = join(folder, 'copy.db');
  run(path, `VACUUM INTO '${copy}'`);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const epoch = following.app.tables.require('orders').epoch;
  run(path, "INSERT INTO orders VALUES (3, 'lost'), (4, 'lost')");
  await following.until('what will be lost', () => following.rows('orders')?.length === 4);
  const older = new DatabaseSync(copy);
  await backup(older, path);
  older.close();
  await following.shows('orders', [
    { id: 1, item: 'tea' },
    { id: 2, item: 'cup' },
  ]);
  const { epoch: renewed } = following.app.tables.require('orders');
  assert.is.not(renewed, epoch);
  run(path, "INSERT INTO orders VALUES (3, 'new'), (4, 'new'), (5, 'new')");
  await following.until('what is new', () => following.rows('orders')?.length === 5);
  assert.is(following.app.tables.require('orders').epoch, renewed);
  await using again = await follow(path);
  await again.until('loaded again', () => again.rows('orders')?.length === 5);
  assert.is(again.app.tables.require('orders').epoch, renewed, 'it is kept in the file');
});

test('lag: counts from when the file could not be read, and ends with it', async () => {
  const path = create(ORDERS, 'delete');
  await install(path);
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const lagS = async (): Promise<number> => {
    const metrics = await (await fetch(`${following.url}/api/metrics`)).json();
    return metrics.sources[0].lag.seconds;
  };
  await following.until('even', async () => (await lagS()) === 0);
  const other = new DatabaseSync(path, { timeout: 5_000 });
  other.exec("BEGIN EXCLUSIVE; INSERT INTO orders VALUES (3, 'pot')");
  await following.until('behind', async () => (await lagS()) > 0.1);
  other.exec('COMMIT');
  other.close();
  await following.until('even again', async () => (await lagS()) === 0);
  assert.is(following.rows('orders')?.length, 3);
});

test('an outbox that is read only is not trimmed, and no reason to fail', async () => {
  const path = create('CREATE TABLE t (id INTEGER PRIMARY KEY)');
  await install(path);
  await using following = await follow(path, { readOnly: true });
  await following.until('loaded', () => following.rows('t')?.length === 0);
  run(
    path,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 111000)
     INSERT INTO t SELECT i FROM n`,
  );
  await following.until('all rows', () => following.app.tables.get('t')?.size === 111_000);
  run(path, 'DELETE FROM t WHERE id = 1');
  await following.until('the delete', () => following.app.tables.get('t')?.size === 110_999);
  assert.equal(
    following.logged.filter((line) => line.includes('failed')),
    [],
  );
});

test('the file is replaced by another, and taken away for a while', async () => {
  const path = create(ORDERS, 'delete');
  const other = create(
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT); INSERT INTO orders VALUES (9, 'new')",
    'delete',
  );
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  renameSync(other, path);
  await following.shows('orders', [{ id: 9, item: 'new' }]);
  unlinkSync(path);
  await following.until('not ready', async () => {
    return (await fetch(`${following.url}/readyz`)).status === 503;
  });
  renameSync(create(ORDERS, 'delete'), path);
  await following.shows('orders', [
    { id: 1, item: 'tea' },
    { id: 2, item: 'cup' },
  ]);
});

test('locked by another program: reads wait, a write is refused in the end or goes through', async () => {
  const path = create(ORDERS, 'delete');
  await using following = await follow(path);
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  const other = new DatabaseSync(path);
  other.exec("BEGIN EXCLUSIVE; INSERT INTO orders VALUES (3, 'locked')");
  const writing = following.send('POST', 'orders', { id: 4, item: 'waits' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.is(following.rows('orders')?.length, 2);
  other.exec('COMMIT');
  other.close();
  assert.is((await writing).status, 200);
  await following.shows('orders', [
    { id: 1, item: 'tea' },
    { id: 2, item: 'cup' },
    { id: 3, item: 'locked' },
    { id: 4, item: 'waits' },
  ]);
});

test('install: twice is once; uninstall leaves the file as it was', async () => {
  const path = create(
    `${ORDERS}; CREATE TABLE ab (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID; CREATE TABLE u (id INTEGER PRIMARY KEY, v UNIQUE);
     CREATE TRIGGER mine AFTER INSERT ON orders BEGIN SELECT 1; END; CREATE VIEW v AS SELECT 1`,
  );
  const before = schemaOf(path);
  assert.equal(await install(path, ['ab', 'u']), ['ab', 'u']);
  assert.equal(await install(path), ['orders']);
  const installed = schemaOf(path);
  assert.equal(await install(path), []);
  assert.equal(schemaOf(path), installed);
  assert.equal(await uninstall(path, ['u']), ['u']);
  assert.equal(await uninstall(path), ['ab', 'orders']);
  assert.equal(schemaOf(path), before);
  assert.equal(await uninstall(path), []);
});

test('install --dry-run: the SQL it gives does the same, and nothing is written', async () => {
  const path = create(`${ORDERS}; CREATE TABLE u (id INTEGER PRIMARY KEY, v UNIQUE)`);
  const before = schemaOf(path);
  const request = { action: 'install', tables: [], key: undefined, dryRun: true } as const;
  const { sql } = await changeOutboxes(path, request);
  assert.equal(schemaOf(path), before);
  run(path, sql.join(';\n'));
  assert.equal(await install(path), []);
});

test('install: what there is not is named', async () => {
  const path = create(ORDERS);
  for (const [argument, tables, message] of [
    [path, ['nope'], '--table: there is no table "nope"; there are orders'],
    [join(folder, 'none.db'), [], `"${join(folder, 'none.db')}" does not exist; check the name`],
    ['data.csv', [], '"data.csv" has no outboxes; install is for shop.db or postgres://…'],
  ] as const) {
    await install(argument, [...tables]).then(
      () => assert.unreachable(message),
      (error: Error) => assert.is(error.message, message),
    );
  }
});

test('an existing file is served unaltered', async () => {
  const path = create(ORDERS, 'delete');
  const { mtimeMs, size } = statSync(path);
  {
    await using following = await follow(path);
    await following.until('loaded', () => following.rows('orders')?.length === 2);
  }
  assert.equal([statSync(path).mtimeMs, statSync(path).size], [mtimeMs, size]);
});

test('--table chooses; one that there is not is said', async () => {
  const path = create(`${ORDERS}; CREATE TABLE other (id INTEGER PRIMARY KEY)`);
  await using following = await follow(path, { tables: ['orders'] });
  await following.until('loaded', () => following.rows('orders')?.length === 2);
  assert.is(following.rows('other'), undefined);
  await using wrong = await follow(path, { tables: ['odrers'] });
  await wrong.until('said', () => wrong.logged.some((line) => line.includes('no table "odrers"')));
});

test('--key: a unique column is the key', async () => {
  const path = create(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, sku TEXT UNIQUE); INSERT INTO t VALUES (1, 'x')",
  );
  await using following = await follow(path, { key: 'sku' });
  await following.shows('t', [{ id: 1, sku: 'x' }]);
  assert.is(following.app.tables.get('t')?.key, 'sku');
});

test('rows without a fit key are said, the others shown', async () => {
  const path = create(
    "CREATE TABLE t (k TEXT PRIMARY KEY); INSERT INTO t VALUES (null), (''), ('a')",
  );
  await using following = await follow(path);
  await following.shows('t', [{ k: 'a' }]);
  assert.match(following.logged.join('\n'), 'table "t": 2 rows without a fit key are not shown');
});

if (findSqlite3() === undefined) test.skip('the sqlite3 command line', NO_SQLITE3);
else {
  test('the sqlite3 command line: its changes arrive, and it sees those of HTTP', async () => {
    const path = create(ORDERS);
    await install(path);
    await using following = await follow(path);
    await following.until('loaded', () => following.rows('orders')?.length === 2);
    sqlite3(path, "UPDATE orders SET item = 'mug' WHERE id = 2;");
    await following.shows('orders', [
      { id: 1, item: 'tea' },
      { id: 2, item: 'mug' },
    ]);
    assert.is((await following.send('POST', 'orders', { id: 3, item: 'pot' })).status, 200);
    assert.is(sqlite3(path, 'SELECT * FROM orders;'), '1|tea\n2|mug\n3|pot\n');
  });
}
