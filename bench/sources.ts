/**
 * Measures each database as a source, served by the program itself, on files that reach the disk: COMMIT
 * to the client's event, CPU while nothing changes, 100,000 rows at once, and what SQLite costs those who
 * write to it. What PostgreSQL costs them is in bench/postgres.ts.
 *
 *     node bench/sources.ts [sqlite] [postgres] [redis]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import pg from 'pg';
import { systemClock } from '../server/base/clock.ts';
import { changeOutboxes } from '../server/source/install.ts';
import { RedisConnection } from '../server/source/redis/redis-connection.ts';
import { PostgresServer } from '../test/services/postgres.ts';
import { Program } from '../test/services/program.ts';
import { RedisServer } from '../test/services/redis.ts';
import { StreamClient } from '../test/source/stream-client.ts';

const ROWS = 1_000;
const COMMITS = 300;

/** Between two commits, at random: longer than a flush window, and in step with no poll. */
const MIN_PAUSE_MS = 25;
const MAX_PAUSE_MS = 75;

const IDLE_MS = 10_000;

/** Longer than the second for which the server keeps the delay of its event loop. */
const POSTS_MS = 3_000;
const MANY_ROWS = 100_000;

/** Runs with and without triggers by turns, since the disk has its moods; medians are shown. */
const ROUNDS = 7;

/** A store with a table `t` of ROWS rows `id`, `v`, as somebody else writes to it. */
interface Store {
  name: string;
  /** For the command line. */
  arguments: string[];
  /** Commits `v` of one row. */
  update(id: number, v: number): unknown;
  /** Adds MANY_ROWS rows at once. */
  addMany(): unknown;
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const isAsked = (name: string): boolean => asked.length === 0 || asked.includes(name);
  await using nothing = new Program(['--create', '--log-level', 'error']);
  console.log(`no source: idle ${await idle(await nothing.url())} % of a core`);
  await nothing[Symbol.asyncDispose]();
  if (isAsked('sqlite')) await measureSqlite();
  if (isAsked('postgres')) await measurePostgres();
  if (isAsked('redis')) await measureRedis();
}

async function measure(store: Store): Promise<void> {
  await using program = new Program([...store.arguments, '--log-level', 'error']);
  const url = await program.url();
  await using client = new StreamClient(`${url}/api/tables/t/stream`);
  await until(() => client.model.rows.size === ROWS);
  const elapsed: number[] = [];
  for (let n = 1; n <= COMMITS; n++) {
    const id = 1 + (n % ROWS);
    await store.update(id, n);
    const committedAt = performance.now();
    while (client.model.rows.get(String(id))?.v !== n) await turn();
    elapsed.push(performance.now() - committedAt);
    await pause(MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS));
  }
  console.log(`${store.name}: COMMIT to the client's event ${describe(elapsed)}`);
  console.log(`${store.name}: idle ${await idle(url)} % of a core`);
  const startedAt = performance.now();
  await store.addMany();
  const storedMs = performance.now() - startedAt;
  await until(() => client.model.rows.size === ROWS + MANY_ROWS);
  const shownMs = performance.now() - startedAt;
  console.log(
    `${store.name}: ${MANY_ROWS} rows stored in ${Math.round(storedMs)} ms, at the client after ` +
      `${Math.round(shownMs)} ms: ${perSecond(MANY_ROWS, shownMs)} rows/s`,
  );
}

async function measureSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sse-table-bench-'));
  try {
    for (const how of ['rows compared', 'outbox'] as const) {
      const path = join(folder, `${how}.db`);
      const db = createSqlite(path, ROWS);
      if (how === 'outbox') await install(path);
      const update = db.prepare('UPDATE t SET v = ? WHERE id = ?');
      await measure({
        name: `SQLite, ${how}`,
        arguments: [path],
        update: (id, v) => update.run(v, id),
        addMany: () => db.exec(insertSql(ROWS + 1, MANY_ROWS)),
      });
      db.close();
    }
    await compareWriters(folder);
    await measurePosts(join(folder, 'new.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Commits of one row each, and many rows in one, without and with the triggers. */
async function compareWriters(folder: string): Promise<void> {
  const rates: Record<'bare' | 'watched', { commits: number[]; rows: number[] }> = {
    bare: { commits: [], rows: [] },
    watched: { commits: [], rows: [] },
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const how of ['bare', 'watched'] as const) {
      const path = join(folder, `${how}${round}.db`);
      const db = createSqlite(path, ROWS);
      if (how === 'watched') await install(path);
      const update = db.prepare('UPDATE t SET v = v + 1 WHERE id = ?');
      const commitsMs = timed(() => {
        for (let n = 0; n < ROWS; n++) update.run(1 + n);
      });
      rates[how].commits.push(perSecond(ROWS, commitsMs));
      const rowsMs = timed(() => db.exec(insertSql(ROWS + 1, MANY_ROWS)));
      rates[how].rows.push(perSecond(MANY_ROWS, rowsMs));
      db.close();
    }
  }
  const { bare, watched } = rates;
  console.log(
    `SQLite writers: ${median(bare.commits)} commits/s without triggers, ${median(watched.commits)} with; ` +
      `${MANY_ROWS} rows in one transaction: ${median(bare.rows)} rows/s and ${median(watched.rows)}`,
  );
}

/** Writes over HTTP commit on the event loop: how long each takes, and what others wait for it. */
async function measurePosts(path: string): Promise<void> {
  await using program = new Program([path, '--create', '--log-level', 'error']);
  const url = await program.url();
  const elapsed: number[] = [];
  const endAt = performance.now() + POSTS_MS;
  for (let id = 0; performance.now() < endAt; id++) {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/tables/t`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id, v: 0 }),
    });
    await response.body?.cancel();
    elapsed.push(performance.now() - startedAt);
  }
  const { event_loop_delay_ms: delay } = await metricsOf(url);
  console.log(
    `SQLite, POST of one row, one after the other: ${describe(elapsed)}; ` +
      `event-loop delay meanwhile p50 ${delay.p50.toFixed(1)} ms, p99 ${delay.p99.toFixed(1)} ms`,
  );
}

async function measurePostgres(): Promise<void> {
  await using server = await PostgresServer.create({ isDurable: true });
  server.psql(`CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL);
    INSERT INTO t SELECT g, 0 FROM generate_series(1, ${ROWS}) g`);
  await install(server.url());
  const db = new pg.Client({ connectionString: server.url() });
  await db.connect();
  const lines = Array.from({ length: MANY_ROWS }, (_, n) => `${ROWS + 1 + n}\t0\n`).join('');
  await measure({
    name: 'PostgreSQL',
    arguments: [server.url()],
    update: (id, v) => db.query('UPDATE t SET v = $2 WHERE id = $1', [id, v]),
    addMany: () => server.psql(`COPY t FROM stdin;\n${lines}\\.\n`),
  });
  await db.end();
}

async function measureRedis(): Promise<void> {
  await using server = await RedisServer.create();
  const script = (from: number, count: number): string[] => [
    'EVAL',
    `for i = ARGV[1], ARGV[1] + ARGV[2] - 1 do redis.call('XADD', KEYS[1], '*', 'id', string.format('%d', i), 'v', 0) end`,
    '1',
    't',
    String(from),
    String(count),
  ];
  using db = await RedisConnection.open(server.url, systemClock);
  await db.command(script(1, ROWS));
  await measure({
    name: 'Redis',
    arguments: [`${server.url}?stream=t`, '--key', 'id'],
    update: (id, v) => db.command(['XADD', 't', '*', 'id', String(id), 'v', String(v)]),
    addMany: () => db.command(script(ROWS + 1, MANY_ROWS)),
  });
}

/** CPU of the server with one client and no changes. */
async function idle(url: string): Promise<string> {
  const before = (await metricsOf(url)).cpu.seconds;
  await pause(IDLE_MS);
  const after = (await metricsOf(url)).cpu.seconds;
  return (((after - before) * 1_000 * 100) / IDLE_MS).toFixed(2);
}

interface ServerMetrics {
  cpu: { seconds: number };
  event_loop_delay_ms: { p50: number; p99: number };
}

async function metricsOf(url: string): Promise<ServerMetrics> {
  return (await fetch(`${url}/api/metrics`)).json() as Promise<ServerMetrics>;
}

function createSqlite(path: string, rows: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = full;
    CREATE TABLE t (id INTEGER PRIMARY KEY, v INT); ${insertSql(1, rows)}`);
  return db;
}

function insertSql(from: number, count: number): string {
  return `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n LIMIT ${count})
    INSERT INTO t SELECT i, 0 FROM n`;
}

function install(target: string): Promise<unknown> {
  const request = { action: 'install', tables: [], key: undefined, dryRun: false } as const;
  return changeOutboxes(target, request);
}

function describe(elapsed: number[]): string {
  const sorted = elapsed.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 1_000);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(1);
}

await main();
