/**
 * PostgreSQL as a source, against a real one.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import pg from 'pg';
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { App } from '../../server/app-contract.ts';
import { systemClock } from '../../server/base/clock.ts';
import { seededRandom } from '../../server/base/random.ts';
import { installPostgres } from '../../server/source/postgres/install.ts';
import { PostgresSource } from '../../server/source/postgres/postgres-source.ts';
import { findPostgres, NO_POSTGRES, PostgresServer } from '../services/postgres.ts';
import { TcpProxy } from '../services/tcp-proxy.ts';
import { suite } from '../suite.ts';
import { StreamClient } from './stream-client.ts';

const test = suite('PostgresSource');

const LIMIT = { timeoutMs: 60_000 };

/** How long something may take to arrive on a busy machine. */
const ARRIVAL_LIMIT_MS = 25_000;

let server: PostgresServer;
let databases = 0;

/** A database of the test's own, and an app that serves it. */
class Bench implements AsyncDisposable {
  readonly database: string;
  readonly url: string;
  readonly #apps = new Set<App>();

  constructor(sql: string) {
    this.database = `test_${++databases}`;
    server.psql(`CREATE DATABASE ${this.database}`);
    this.url = server.url(this.database);
    this.psql(sql);
  }

  psql(sql: string, user?: string): string {
    return server.psql(sql, this.database, user);
  }

  async install(...tables: string[]): Promise<void> {
    const { url } = this;
    await installPostgres({ url, tables, key: undefined, action: 'install', dryRun: false });
  }

  async serve(
    tables: readonly string[] = [],
    url = this.url,
  ): Promise<{ app: App; source: PostgresSource; http: string }> {
    const app = createApp({ grace: 100 });
    const deps = { clock: systemClock, random: Math.random };
    const source = new PostgresSource({ url, tables, catalogMs: 200, watchTimeoutMs: 1_000 }, deps);
    app.attach(source);
    this.#apps.add(app);
    const { url: http } = await app.listen(0);
    return { app, source, http };
  }

  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.url });
    client.on('error', () => undefined); // the server is stopped on purpose
    await client.connect();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const app of this.#apps) await app.close();
  }
}

/** Waits until `isSo`; what is awaited comes over real sockets, so no fake clock can bring it. */
async function until(what: string, isSo: () => unknown): Promise<void> {
  const deadline = performance.now() + ARRIVAL_LIMIT_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function rowsOf(app: App, table: string): string {
  const rows = app.tables.get(table)?.rows() ?? [];
  return JSON.stringify(rows.sort((a, b) => Number(a.id) - Number(b.id)));
}

function selectAll(bench: Bench, table: string): string {
  const text = bench.psql(`SELECT coalesce(json_agg(t ORDER BY id), '[]') FROM ${table} t`);
  return JSON.stringify(JSON.parse(text));
}

async function send(
  http: string,
  path: string,
  method: string,
  body?: unknown,
): Promise<{ status: number; code: string; message: string }> {
  const response = await fetch(`${http}/api/tables/${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { code = '', message = '' } = (await response.json()) as Record<string, string>;
  return { status: response.status, code, message };
}

const VALUES: [type: string, sql: string, json: unknown][] = [
  ['smallint', '-32768', -32768],
  ['bigint', '9007199254740991', 9007199254740991],
  ['bigint', '9007199254740993', '9007199254740993'],
  ['numeric', '12.50', 12.5],
  ['numeric', '0.10', 0.1],
  ['numeric', '1234567890123456.78', '1234567890123456.78'],
  ['numeric', '-0.00000000000000000001', -1e-20],
  ['numeric', "'NaN'", 'NaN'],
  [
    'numeric(40,20)',
    '12345678901234567890.12345678901234567890',
    '12345678901234567890.12345678901234567890',
  ],
  ['real', '0.1', 0.1],
  ['double precision', '0.30000000000000004', 0.30000000000000004],
  ['double precision', "'-Infinity'", '-Infinity'],
  ['boolean', 'true', true],
  ['text', "e'a\\tb ü 🙂'", 'a\tb ü 🙂'],
  ['char(4)', "'ab'", 'ab  '],
  ['varchar(9)', "''", ''],
  ['uuid', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['mood', "'happy'", 'happy'],
  ['percent', '42', 42],
  ['date', "'2024-02-29'", '2024-02-29'],
  ['date', "'infinity'", 'infinity'],
  ['time', "'23:59:59.999999'", '23:59:59.999999'],
  ['timestamp', "'2024-02-29 12:34:56.789'", '2024-02-29T12:34:56.789'],
  ['timestamptz', "'2024-02-29 12:34:56.123456+02'", '2024-02-29T10:34:56.123456Z'],
  ['timestamptz', "'infinity'", 'infinity'],
  ['timestamptz', "'0044-03-15 12:00:00+00 BC'", '0044-03-15 12:00:00+00 BC'],
  ['interval', "'1 day 2 hours'", '1 day 02:00:00'],
  ['bytea', "'\\x00ff10'", 'AP8Q'],
  ['json', '\'{"a": [1, 2.50, null], "b": "x"}\'', { a: [1, 2.5, null], b: 'x' }],
  [
    'jsonb',
    "'[9007199254740993, 0.12345678901234567890]'",
    ['9007199254740993', '0.12345678901234567890'],
  ],
  ['jsonb', "'null'", null],
  [
    'integer[]',
    "'{{1,2},{3,NULL}}'",
    [
      [1, 2],
      [3, null],
    ],
  ],
  ['bigint[]', "'{9007199254740993}'", ['9007199254740993']],
  ['text[]', "array['a,b', '\"', null]", ['a,b', '"', null]],
  ['point2', "'(1,b)'", { x: 1, y: 'b' }],
  ['inet', "'10.0.0.1/8'", '10.0.0.1/8'],
  ['int4range', "'[1,5)'", '[1,5)'],
  ['text', 'NULL', null],
  ['text', "repeat('toast ', 300000)", 'toast '.repeat(300_000)],
];

const bin = findPostgres();
if (bin === undefined) {
  test.skip('everything', NO_POSTGRES);
} else {
  test.before(async () => {
    server = await PostgresServer.create();
  });
  test.after(() => server[Symbol.asyncDispose]());

  test('values: every type arrives without loss, at first and when it changes', LIMIT, async () => {
    const columns = VALUES.map(([type], index) => `c${index} ${type}`).join(', ');
    const values = VALUES.map(([, sql]) => sql).join(', ');
    await using bench = new Bench(`
      CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN percent AS int CHECK (VALUE <= 100);
      CREATE TYPE point2 AS (x int, y text);
      ALTER DATABASE test_${databases + 1} SET DateStyle = 'SQL, DMY';
      ALTER DATABASE test_${databases + 1} SET TimeZone = 'Asia/Kolkata';
      CREATE TABLE things (id int PRIMARY KEY, ${columns});
      INSERT INTO things VALUES (1, ${values});`);
    await bench.install();
    const { app } = await bench.serve();
    await until('the first row', () => app.tables.get('things')?.get(1));
    bench.psql(`INSERT INTO things VALUES (2, ${values})`);
    await until('the second row', () => app.tables.get('things')?.get(2));
    for (const id of [1, 2]) {
      const row = app.tables.require('things').get(id);
      for (const [index, [type, sql, json]] of VALUES.entries()) {
        assert.equal(row?.[`c${index}`], json, `${type} ${sql.slice(0, 50)}`);
      }
    }
  });

  test('values: what is read can be written back, and is the same', LIMIT, async () => {
    const columns = VALUES.map(([type], index) => `c${index} ${type}`).join(', ');
    const values = VALUES.map(([, sql]) => sql.replace('300000', '3000')).join(', ');
    await using bench = new Bench(`
      CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE DOMAIN percent AS int CHECK (VALUE <= 100);
      CREATE TYPE point2 AS (x int, y text);
      CREATE TABLE things (id int PRIMARY KEY, ${columns}, twice int GENERATED ALWAYS AS (id * 2) STORED);
      INSERT INTO things VALUES (1, ${values});`);
    await bench.install();
    const { app, http } = await bench.serve();
    await until('the row', () => app.tables.get('things')?.get(1));
    const row = app.tables.require('things').get(1);
    assert.equal(await send(http, 'things', 'POST', { ...row, id: 2 }), {
      status: 200,
      code: '',
      message: '',
    });
    assert.equal(app.tables.require('things').get(2), { ...row, id: 2, twice: 4 });
    const differing = VALUES.flatMap(([type], index) => {
      // Numbers beyond a double in JSON came as texts, and go back as such; its null is SQL's.
      if (type.startsWith('json')) return [];
      // Its scale is no part of a numeric's value: 12.50 comes back as 12.5.
      const cast = type === 'numeric' ? '' : '::text';
      const text = (id: number) => `(SELECT c${index}${cast} FROM things WHERE id = ${id})`;
      return bench.psql(`SELECT ${text(1)} IS NOT DISTINCT FROM ${text(2)}`) === 't' ? [] : [type];
    });
    assert.equal(differing, []);
  });

  test('order: a transaction that began first and commits last is not lost', LIMIT, async () => {
    await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v int)');
    await bench.install();
    const { app, http } = await bench.serve();
    await until('the table', () => app.tables.get('t'));
    await using client = new StreamClient(`${http}/api/tables/t/stream`);
    const early = await bench.connect();
    await early.query('BEGIN');
    await early.query('INSERT INTO t VALUES (1, 1)');
    const middle = await bench.connect();
    await middle.query('BEGIN');
    await middle.query('INSERT INTO t VALUES (2, 2)');
    bench.psql('INSERT INTO t VALUES (3, 3)');
    await middle.query('COMMIT');
    bench.psql('INSERT INTO t VALUES (4, 4)');
    await until('those that have committed, at once', () => client.model.rows.size === 3);
    await early.query('COMMIT');
    await until('all four', () => client.model.rows.size === 4);
    assert.is(rowsOf(app, 't'), selectAll(bench, 't'));
    assert.is(app.tables.require('t').seq, 4);
    await early.end();
    await middle.end();
  });

  test('triggers: a COPY of 20,000 rows is one call, a rollback none', LIMIT, async () => {
    await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      ALTER DATABASE test_${databases + 1} SET track_functions = 'pl'`);
    await bench.install();
    const { app } = await bench.serve();
    await until('the table', () => app.tables.get('t'));
    const lines = Array.from({ length: 20_000 }, (_, id) => `${id}\trow ${id}\n`).join('');
    bench.psql(`COPY t FROM stdin;\n${lines}\\.\nSELECT pg_stat_clear_snapshot();`);
    await until('all rows', () => app.tables.get('t')?.size === 20_000);
    await until(
      'one call',
      () =>
        bench.psql("SELECT sum(calls) FROM pg_stat_user_functions WHERE funcname = 'capture_1'") ===
        '1',
    );
    bench.psql('BEGIN; DELETE FROM t; ROLLBACK; INSERT INTO t VALUES (-1)');
    await until('the row after it', () => app.tables.get('t')?.get(-1));
    assert.is(app.tables.require('t').size, 20_001);
  });

  test('changes: keys that change, upserts, merges, TRUNCATE, cascades', LIMIT, async () => {
    await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      CREATE TABLE child (id int PRIMARY KEY, of_t int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
      INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 10) g;
      INSERT INTO child SELECT g, g FROM generate_series(1, 10) g;`);
    await bench.install();
    const { app, http } = await bench.serve();
    await until('the tables', () => app.tables.get('t')?.size === 10 && app.tables.get('child'));
    await using client = new StreamClient(`${http}/api/tables/t/stream`);
    bench.psql(`UPDATE t SET id = id + 100 WHERE id < 4;
      INSERT INTO t VALUES (5, 'again'), (11, 'new') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v;
      BEGIN; INSERT INTO t VALUES (12, 'x'); SAVEPOINT s; INSERT INTO t VALUES (13, 'x'); ROLLBACK TO s;
      INSERT INTO t VALUES (14, 'x'); COMMIT;
      DELETE FROM t WHERE id = 6; INSERT INTO t VALUES (99, 'last')`);
    await until('the last row', () => client.model.rows.has('99'));
    assert.is(rowsOf(app, 't'), selectAll(bench, 't'));
    await until('the cascades', () => rowsOf(app, 'child') === selectAll(bench, 'child'));
    bench.psql("TRUNCATE t CASCADE; INSERT INTO t VALUES (1, 'after')");
    await until('the row after TRUNCATE', () => client.model.rows.size === 1);
    assert.is(rowsOf(app, 't'), selectAll(bench, 't'));
  });

  test('resume: another server goes on where the killed one was, without init', LIMIT, async () => {
    await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 100) g`);
    await bench.install();
    const first = await bench.serve();
    await until('the table', () => first.app.tables.get('t')?.size === 100);
    await using client = new StreamClient(`${first.http}/api/tables/t/stream`);
    bench.psql("UPDATE t SET v = 'a' WHERE id = 1; DELETE FROM t WHERE id = 2");
    await until('the delete', () => client.model.rows.size === 99);
    await first.app.close();
    bench.psql(
      "UPDATE t SET v = 'b' WHERE id < 9; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (0)",
    );
    const second = await bench.serve();
    client.url = `${second.http}/api/tables/t/stream`;
    await until('what was missed', () => client.model.rows.has('0'));
    assert.equal(
      [...client.model.rows.values()].sort((a, b) => Number(a.id) - Number(b.id)),
      JSON.parse(selectAll(bench, 't')),
    );
    assert.is(client.count('init'), 1);
    assert.is(client.count('sync'), 1);
  });

  test(
    'resume: what an open transaction was overtaken by is not lost with a restart',
    LIMIT,
    async () => {
      await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 9) g`);
      await bench.install();
      const first = await bench.serve();
      await until('the table', () => first.app.tables.get('t')?.size === 9);
      await using client = new StreamClient(`${first.http}/api/tables/t/stream`);
      await until('the snapshot', () => client.model.rows.size === 9);
      const early = await bench.connect();
      await early.query('BEGIN');
      await early.query("UPDATE t SET v = 'early' WHERE id = 1");
      await first.app.close();
      bench.psql('DELETE FROM t WHERE id = 5');
      const second = await bench.serve();
      client.url = `${second.http}/api/tables/t/stream`;
      await until('the delete', () => !client.model.rows.has('5'));
      await early.query('COMMIT');
      await until('the early one', () => client.model.rows.get('1')?.v === 'early');
      assert.is(client.count('init'), 1);
      await early.end();
    },
  );

  test('restore: a dump put back in the same cluster is another history', LIMIT, async () => {
    await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      INSERT INTO t VALUES (1, 'kept')`);
    await bench.install();
    const first = await bench.serve();
    await until('the table', () => first.app.tables.get('t')?.size === 1);
    const dump = server.dump(bench.database);
    const epoch = first.app.tables.require('t').epoch;
    bench.psql("INSERT INTO t VALUES (2, 'lost'), (3, 'lost')");
    await until('what will be lost', () => first.app.tables.get('t')?.size === 3);
    bench.psql(`DROP SCHEMA sse_table CASCADE; DROP TABLE t;\n${dump}`);
    await until('what is left', () => first.app.tables.get('t')?.size === 1);
    bench.psql("INSERT INTO t VALUES (4, 'new'), (5, 'new'), (6, 'new')");
    await until('what is new', () => first.app.tables.get('t')?.size === 4);
    assert.is(rowsOf(first.app, 't'), selectAll(bench, 't'));
    assert.is.not(first.app.tables.require('t').epoch, epoch);
    const second = await bench.serve();
    await until('the table again', () => second.app.tables.get('t')?.size === 4);
    assert.is(second.app.tables.require('t').version, first.app.tables.require('t').version);
  });

  test('outage: the database crashes and comes back; nobody gets an init', LIMIT, async () => {
    await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v text)');
    await bench.install();
    const { app, source, http } = await bench.serve();
    await until('the table', () => app.tables.get('t'));
    await using client = new StreamClient(`${http}/api/tables/t/stream`);
    bench.psql("INSERT INTO t VALUES (1, 'before'); CHECKPOINT");
    await until('the row before', () => client.model.rows.has('1'));
    await server.stop('immediate');
    await until('down', () => source.down !== undefined);
    assert.is((await fetch(`${http}/readyz`)).status, 503);
    assert.ok((source.lag?.seconds ?? 0) > 0, 'it is behind, as far as anybody knows');
    const refused = await send(http, 't', 'POST', { id: 3 });
    assert.equal([refused.status, refused.code], [503, 'overloaded']);
    await server.start();
    bench.psql("INSERT INTO t VALUES (2, 'after')");
    await until('the row after', () => client.model.rows.has('2'));
    await until('up', () => source.down === undefined);
    await until('even', () => source.lag?.seconds === 0);
    assert.is(rowsOf(app, 't'), selectAll(bench, 't'));
    assert.is(client.count('init'), 1);
  });

  test(
    'fail-over: a standby is waited for until it is promoted; lost commits leave',
    LIMIT,
    async () => {
      await using bench = new Bench(`CREATE TABLE t (id int PRIMARY KEY, v text);
      INSERT INTO t SELECT g, 'v' || g FROM generate_series(1, 100) g`);
      await bench.install();
      await using primary = await PostgresServer.standbyOf(server); // so that `server` outlives this
      primary.psql('SELECT pg_promote()', 'postgres');
      await using standby = await PostgresServer.standbyOf(primary);
      await using proxy = await TcpProxy.create(primary.port);
      const url = server.url(bench.database, 'postgres', proxy.port);
      const { app, source, http } = await bench.serve([], url);
      await until('the table', () => app.tables.get('t')?.size === 100);
      await using client = new StreamClient(`${http}/api/tables/t/stream`);
      const write = (to: PostgresServer, sql: string) => to.psql(sql, bench.database);
      write(primary, "UPDATE t SET v = 'replicated' WHERE id = 1");
      await until('what is replicated', () => client.model.rows.get('1')?.v === 'replicated');
      const lsn = primary.psql('SELECT pg_current_wal_lsn()');
      await until('on the standby', () => {
        return standby.psql(`SELECT pg_last_wal_replay_lsn() >= '${lsn}'`) === 't';
      });
      await standby.stop('fast');
      write(primary, "INSERT INTO t VALUES (101, 'lost')");
      await until('what will be lost', () => client.model.rows.has('101'));
      await primary.stop('immediate');
      await standby.start();
      proxy.retarget(standby.port);
      await until('the standby', () => source.down?.includes('is a standby'));
      standby.psql('SELECT pg_promote()', 'postgres');
      write(standby, "UPDATE t SET v = 'new' WHERE id = 2");
      await until('the new primary', () => client.model.rows.get('2')?.v === 'new');
      await until('up', () => source.down === undefined);
      assert.is(client.model.rows.has('101'), false);
      const truth = write(standby, 'SELECT json_agg(t ORDER BY id) FROM t');
      assert.is(rowsOf(app, 't'), JSON.stringify(JSON.parse(truth)));
      assert.is(client.count('init'), 2, 'another history: what was lost may have been seen');
    },
  );

  for (const how of ['reset', 'silent'] as const) {
    test(`outage: a ${how} cut of the network is noticed and survived`, LIMIT, async () => {
      await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v text)');
      await bench.install();
      await using proxy = await TcpProxy.create(server.port);
      const url = server.url(bench.database, 'postgres', proxy.port);
      const { app, source, http } = await bench.serve([], url);
      await until('the table', () => app.tables.get('t'));
      await using client = new StreamClient(`${http}/api/tables/t/stream`);
      proxy.cut(how);
      bench.psql("INSERT INTO t VALUES (1, 'unseen')");
      await until('down', () => source.down !== undefined);
      proxy.restore();
      await until('the row', () => client.model.rows.has('1'));
      assert.is(client.count('init'), 1);
    });
  }

  test('rights: the least of them are enough, and what is missing is named', LIMIT, async () => {
    await using bench = new Bench(`
      CREATE ROLE owner_${databases + 1} LOGIN; CREATE ROLE live_${databases + 1} LOGIN;
      CREATE SCHEMA shop AUTHORIZATION owner_${databases + 1};
      SET ROLE owner_${databases + 1}; CREATE TABLE shop.t (id int PRIMARY KEY, v text); RESET ROLE;`);
    const live = `live_${databases}`;
    await bench.install('shop.t');
    const { app, source } = await bench.serve(['shop.t'], server.url(bench.database, live));
    await until('why not', () => source.down?.includes('permission denied'));
    bench.psql(`GRANT USAGE ON SCHEMA shop, sse_table TO ${live};
      GRANT SELECT ON shop.t TO ${live}; GRANT SELECT ON ALL TABLES IN SCHEMA sse_table TO ${live};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sse_table TO ${live}`);
    await until('the table', () => app.tables.get('shop.t'));
    bench.psql("INSERT INTO shop.t VALUES (1, 'x')", `owner_${databases}`);
    await until('the row', () => app.tables.get('shop.t')?.get(1));
    bench.psql(`REVOKE SELECT ON shop.t FROM ${live}; UPDATE shop.t SET v = 'y'`);
    await until('revoked', () => source.down?.includes('shop.t'));
    bench.psql(`GRANT SELECT ON shop.t TO ${live}`);
    await until('granted again', () => app.tables.get('shop.t')?.get(1)?.v === 'y');
    await until('up', () => source.down === undefined);
  });

  test('tables: without triggers, altered, dropped: each is said or followed', LIMIT, async () => {
    await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v text)');
    const { app, source, http } = await bench.serve();
    await until('the fix', () => source.down?.includes('sse-table install'));
    await bench.install();
    await until('the table', () => app.tables.get('t'));
    await using client = new StreamClient(`${http}/api/tables/t/stream`);
    bench.psql("ALTER TABLE t ADD COLUMN extra int DEFAULT 7; INSERT INTO t VALUES (1, 'x')");
    await until('the new column', () => client.model.rows.get('1')?.extra === 7);
    bench.psql("ALTER TABLE t DISABLE TRIGGER USER; UPDATE t SET v = 'unseen'");
    await until('no triggers', () => source.down?.includes('no triggers'));
    bench.psql('ALTER TABLE t ENABLE TRIGGER USER');
    await until('what was unseen', () => client.model.rows.get('1')?.v === 'unseen');
    bench.psql('ALTER TABLE t RENAME COLUMN id TO number; INSERT INTO t VALUES (2)');
    await until('a key renamed', () => source.down !== undefined);
    bench.psql('DROP TABLE t');
    await until('dropped', () => app.tables.get('t') === undefined);
  });

  test('writes: constraints refuse with the reason, and nothing of it stays', LIMIT, async () => {
    await using bench = new Bench(`CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL DEFAULT 'none', n int CHECK (n > 0),
        code text UNIQUE, parent int REFERENCES parent)`);
    await bench.install();
    const { app, http } = await bench.serve();
    await until('the table', () => app.tables.get('t') && app.tables.get('parent'));
    const rows = [{ id: 1, name: 'a', n: 1, code: 'x' }, { id: '9007199254740993' }];
    assert.is((await send(http, 't', 'POST', rows)).status, 200);
    assert.equal(app.tables.require('t').get('9007199254740993')?.name, 'none');
    const refusals: [body: unknown, status: number, part: string][] = [
      [
        [
          { id: 2, n: 5 },
          { id: 3, n: -1 },
        ],
        400,
        'check constraint "t_n_check"',
      ],
      [{ id: 2, code: 'x' }, 409, 'Key (code)=(x) already exists'],
      [{ id: 2, parent: 9 }, 409, 'Key (parent)=(9) is not present'],
      [{ id: 2, name: null }, 400, 'null value in column "name"'],
      [{ id: 2, n: 'many' }, 400, 'invalid input syntax for type integer: "many"'],
      [{ id: 2, n: 99999999999 }, 400, 'out of range'],
      [{ id: 2, none: 1 }, 400, 'has no column "none"; it has id, name, n, code, parent'],
    ];
    for (const [body, status, part] of refusals) {
      const answer = await send(http, 't', 'POST', body);
      assert.is(answer.status, status, JSON.stringify(answer));
      assert.ok(answer.message.includes(part), answer.message);
    }
    assert.is(bench.psql('SELECT count(*) FROM t'), '2');
    // An upsert replaces: what it does not name has its default again. A patch merges.
    assert.is((await send(http, 't', 'POST', { id: 1, n: 2 })).status, 200);
    assert.equal(app.tables.require('t').get(1), {
      id: 1,
      name: 'none',
      n: 2,
      code: null,
      parent: null,
    });
    assert.is((await send(http, 't/1', 'PATCH', { name: "o'b\\" })).status, 200);
    assert.equal(bench.psql('SELECT name, n FROM t WHERE id = 1'), "o'b\\|2");
    assert.is((await send(http, 't/1', 'DELETE')).status, 200);
    assert.is(bench.psql('SELECT count(*) FROM t WHERE id = 1'), '0');
    assert.is(app.tables.require('t').get(1), undefined);
  });

  test(
    'writes: rows of a composite key, by their joined key or by its columns',
    LIMIT,
    async () => {
      await using bench = new Bench('CREATE TABLE t (a text, b int, v int, PRIMARY KEY (a, b))');
      await bench.install();
      const { app, http } = await bench.serve();
      await until('the table', () => app.tables.get('t'));
      assert.is((await send(http, 't', 'POST', { key: 'x%2Cy,1', v: 1 })).status, 200);
      assert.equal(app.tables.require('t').rows(), [{ a: 'x,y', b: 1, v: 1, key: 'x%2Cy,1' }]);
      const path = `t/${encodeURIComponent('x%2Cy,1')}`;
      assert.is((await send(http, path, 'PATCH', { v: 2 })).status, 200);
      assert.is(bench.psql('SELECT * FROM t'), 'x,y|1|2');
      assert.is((await send(http, 't', 'POST', { key: 'x,1', a: 'other' })).status, 400);
      assert.is((await send(http, path, 'DELETE')).status, 200);
      assert.is(bench.psql('SELECT count(*) FROM t'), '0');
    },
  );

  test(
    'install: harmless twice, invisible to other programs, and gone after uninstall',
    LIMIT,
    async () => {
      await using bench = new Bench(`CREATE TABLE t (id serial PRIMARY KEY, v text);
      CREATE TABLE parts (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
      CREATE TABLE keyless (v text, u int NOT NULL UNIQUE)`);
      const { url } = bench;
      const options = { url, tables: [], key: undefined, action: 'install', dryRun: true } as const;
      const dry = await installPostgres(options);
      assert.equal(dry.tables, ['parts', 't']);
      assert.equal(dry.skipped.length, 1);
      assert.is(bench.psql("SELECT to_regnamespace('sse_table') IS NULL"), 't');
      bench.psql(`${dry.sql.join(';\n')};`); // what it prints is what it does
      const again = await installPostgres({ ...options, dryRun: false });
      assert.equal(
        again.sql.filter((statement) => statement.startsWith('CREATE TRIGGER')),
        [],
      );
      await installPostgres({ ...options, tables: ['keyless'], key: 'u', dryRun: false });
      const { app } = await bench.serve();
      await until('the tables', () => app.tables.size === 3);
      assert.is(app.tables.require('keyless').key, 'u');
      assert.is(bench.psql("INSERT INTO t (v) VALUES ('x'); SELECT lastval()"), '1');
      bench.psql('INSERT INTO parts VALUES (1, 1); INSERT INTO parts_1 VALUES (2, 2)');
      await until('rows of partitions', () => app.tables.get('parts')?.size === 2);
      await app.close();
      const { sql } = await installPostgres({ ...options, action: 'uninstall', dryRun: false });
      assert.is(sql.at(-1), 'DROP SCHEMA sse_table');
      assert.is(bench.psql("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'sse_table%'"), '0');
      const none = await installPostgres({ ...options, action: 'uninstall', dryRun: false });
      assert.equal(none.sql, []);
    },
  );

  test(
    'trim: entries left behind are bounded, and a reader that was overtaken reads anew',
    LIMIT,
    async () => {
      await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v int)');
      await bench.install();
      const first = await bench.serve();
      await until('the table', () => first.app.tables.get('t'));
      bench.psql('INSERT INTO t SELECT g, 0 FROM generate_series(1, 115000) g');
      await until('all rows', () => first.app.tables.get('t')?.size === 115_000);
      await until('trimmed', () => bench.psql('SELECT trimmed > 0 FROM sse_table.watched') === 't');
      assert.is(first.app.tables.require('t').seq, 115_000);
      await using proxy = await TcpProxy.create(server.port);
      const url = server.url(bench.database, 'postgres', proxy.port);
      const second = await bench.serve([], url);
      await until(
        'the same',
        () => second.app.tables.get('t')?.version === first.app.tables.get('t')?.version,
      );
      proxy.cut('reset');
      bench.psql(`UPDATE t SET v = 1 WHERE id < 10; DELETE FROM t WHERE id = 10;
      SELECT sse_table.assign(1, 0); SELECT sse_table.trim(1, max(number + entries)) FROM sse_table.order_1`);
      proxy.restore();
      await until('caught up', () => second.app.tables.get('t')?.size === 114_999);
      await until('both', () => rowsOf(first.app, 't') === rowsOf(second.app, 't'));
    },
  );

  test('chaos: seeded writers; then SELECT * is the server is the client', LIMIT, async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed ${seed}`);
    await using bench = new Bench('CREATE TABLE t (id int PRIMARY KEY, v int, w text)');
    await bench.install();
    const { app, http } = await bench.serve();
    await until('the table', () => app.tables.get('t'));
    await using client = new StreamClient(`${http}/api/tables/t/stream`);
    await Promise.all([1, 2, 3, 4].map((writer) => write(bench, seededRandom(seed + writer))));
    bench.psql('INSERT INTO t VALUES (-1, 0, NULL) ON CONFLICT DO NOTHING');
    await until('the last row', () => client.model.rows.has('-1'));
    assert.is(rowsOf(app, 't'), selectAll(bench, 't'), `seed ${seed}`);
    await until('the client', () => {
      const rows = [...client.model.rows.values()].sort((a, b) => Number(a.id) - Number(b.id));
      return JSON.stringify(rows.map(({ id, v, w }) => ({ id, v, w }))) === selectAll(bench, 't');
    });
  });
}

/** Transactions of random statements, some rolled back, some long. */
async function write(bench: Bench, random: () => number): Promise<void> {
  const db = await bench.connect();
  const id = (): number => Math.floor(random() * 60);
  for (let i = 0; i < 60; i++) {
    try {
      await db.query('BEGIN');
      for (let n = 1 + Math.floor(random() * 4); n > 0; n--) {
        const kind = random();
        if (kind < 0.5) {
          const sql = 'INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET v = $2';
          await db.query(sql, [id(), i, `w${i}`]);
        } else if (kind < 0.7) await db.query('DELETE FROM t WHERE id = $1', [id()]);
        else if (kind < 0.9) await db.query('UPDATE t SET v = v + 1 WHERE id % 7 = $1', [i % 7]);
        else if (kind < 0.98) await db.query('UPDATE t SET id = id + 60 WHERE id = $1', [id()]);
        else await db.query('TRUNCATE t');
      }
      await db.query(random() < 0.2 ? 'ROLLBACK' : 'COMMIT');
    } catch {
      await db.query('ROLLBACK'); // a deadlock, a key that is taken: chaos
    }
  }
  await db.end();
}
