/**
 * Chaos with PostgreSQL for a minute: seeded writers with commits out of order and rollbacks, psql
 * among them, and writes over HTTP; the server killed with -9, the database crashed, the network cut;
 * clients that stall, leave and come back. At the end SELECT *, the server's table and every client's
 * are the same, no acknowledged write is missing, and nobody was given everything twice.
 *
 *     node bench/chaos-postgres.ts [seconds] [seed]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { type Random, seededRandom } from '../server/base/random.ts';
import { installPostgres } from '../server/source/postgres/install.ts';
import { PostgresServer } from '../test/services/postgres.ts';
import { Program } from '../test/services/program.ts';
import { TcpProxy } from '../test/services/tcp-proxy.ts';
import { keepRestless } from '../test/source/restless.ts';
import { StreamClient } from '../test/source/stream-client.ts';

const DEFAULT_SECONDS = 60;
const WRITERS = 4;
const CLIENTS = 5;

/** Rows that writers fight over. */
const IDS = 200;

/** Rows that nobody changes: with them, going on is always cheaper than everything anew. */
const CALM_ROWS = 3_000;

/** From this id on rows come over HTTP, and nobody else touches them. */
const FIRST_HTTP_ID = 1_000_000;

/** Between two disasters: time to recover, and sometimes not enough. */
const DISASTER_MS = 3_000;

/** For everything to have arrived at the end. */
const SETTLE_LIMIT_MS = 30_000;

/** The cluster, the proxy before it, and the server that may be another one a moment later. */
class Stage {
  readonly database: PostgresServer;
  readonly proxy: TcpProxy;
  readonly clients: StreamClient[] = [];
  program: Program;
  http = '';
  isOver = false;
  readonly disasters = { killed: 0, databaseStopped: 0, cut: 0 };

  constructor(database: PostgresServer, proxy: TcpProxy) {
    this.database = database;
    this.proxy = proxy;
    this.program = this.#spawn();
  }

  async begin(): Promise<void> {
    this.http = await this.program.url();
    for (const client of this.clients) client.url = this.stream;
  }

  get stream(): string {
    return `${this.http}/api/tables/t/stream`;
  }

  async killServer(): Promise<void> {
    await this.program[Symbol.asyncDispose](); // with -9
    this.program = this.#spawn();
    await this.begin();
  }

  #spawn(): Program {
    const url = this.database.url('test', 'postgres', this.proxy.port);
    return new Program([url, '--log-level', 'error', '--grace', '100ms']);
  }
}

async function main(): Promise<void> {
  const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
  const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`${seconds} s, seed ${seed}`);
  await using database = await PostgresServer.create();
  database.psql(`CREATE TABLE t (id int PRIMARY KEY, v int, w text);
    INSERT INTO t SELECT g, 0, 'calm' FROM generate_series(1000, ${999 + CALM_ROWS}) g`);
  const url = database.url();
  await installPostgres({ url, tables: [], key: undefined, action: 'install', dryRun: false });
  const epoch = readEpoch(database);
  await using proxy = await TcpProxy.create(database.port);
  const stage = new Stage(database, proxy);
  await stage.begin();
  for (let n = 0; n < CLIENTS; n++) stage.clients.push(new StreamClient(stage.stream));

  const acknowledged = new Set<number>();
  const work = [
    ...Array.from({ length: WRITERS }, (_, n) => writeRows(stage, seededRandom(seed + n))),
    writeByHttp(stage, acknowledged),
    writeByHand(stage, seededRandom(seed - 3)),
    makeDisasters(stage, seededRandom(seed - 1)),
    keepRestless(stage.clients, seededRandom(seed - 2), () => stage.isOver),
  ];
  setTimeout(() => {
    stage.isOver = true;
  }, seconds * 1_000);
  await Promise.all(work);
  await judge(stage, acknowledged);
  const isSameHistory = readEpoch(database) === epoch;
  console.log(isSameHistory ? 'one history throughout' : 'the history has begun anew');
  await stage.program[Symbol.asyncDispose]();
  for (const client of stage.clients) await client[Symbol.asyncDispose]();
}

function readEpoch(database: PostgresServer): string {
  return database.psql('SELECT epoch FROM sse_table.watched');
}

/** Transactions of random statements; some are held open, so that later ones commit before them. */
async function writeRows(stage: Stage, random: Random): Promise<void> {
  const id = (): number => Math.floor(random() * IDS);
  let db: pg.Client | undefined;
  for (let n = 0; !stage.isOver; n++) {
    try {
      db ??= await connect(stage);
      await db.query('BEGIN');
      for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
        const [kind, value] = [random(), Math.floor(random() * 1e6)];
        if (kind < 0.5) {
          const sql = 'INSERT INTO t VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET v = $2';
          await db.query(sql, [id(), value, `w${n}`]);
        } else if (kind < 0.7) await db.query('DELETE FROM t WHERE id = $1', [id()]);
        else if (kind < 0.9) await db.query('UPDATE t SET v = $1 WHERE id = $2', [value, id()]);
        else await db.query('UPDATE t SET id = $1 WHERE id = $2', [id(), id()]);
        if (random() < 0.1) await pause(random() * 300);
      }
      await db.query(random() < 0.2 ? 'ROLLBACK' : 'COMMIT');
      await pause(random() * 10);
    } catch {
      // A deadlock, a key that is taken, a database that is away: chaos.
      if (await isUsable(db)) continue;
      db = undefined;
      await pause(100);
    }
  }
  await db?.end().catch(() => undefined);
}

async function isUsable(db: pg.Client | undefined): Promise<boolean> {
  try {
    await db?.query('ROLLBACK');
    return db !== undefined;
  } catch {
    return false; // its connection is gone
  }
}

/** Somebody at a terminal. */
async function writeByHand(stage: Stage, random: Random): Promise<void> {
  const { bin } = stage.database;
  while (!stage.isOver) {
    const id = Math.floor(random() * IDS);
    const sql = `BEGIN; UPDATE t SET v = v + 1, w = 'psql' WHERE id < ${id}; DELETE FROM t WHERE id = ${id}; COMMIT`;
    const child = spawn(join(bin, 'psql'), ['-X', '-q', '-d', stage.database.url(), '-c', sql], {
      stdio: 'ignore',
    });
    await new Promise((resolve) => child.on('close', resolve));
    await pause(200);
  }
}

async function writeByHttp(stage: Stage, acknowledged: Set<number>): Promise<void> {
  for (let id = FIRST_HTTP_ID; !stage.isOver; id++) {
    try {
      const response = await fetch(`${stage.http}/api/tables/t`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ id, v: 1, w: 'http' }),
      });
      await response.body?.cancel();
      if (response.ok) acknowledged.add(id);
    } catch {
      await pause(50); // the server has just been killed
    }
    await pause(5);
  }
}

async function makeDisasters(stage: Stage, random: Random): Promise<void> {
  while (!stage.isOver) {
    await pause(DISASTER_MS * (0.5 + random()));
    const kind = random();
    if (kind < 0.4) {
      stage.disasters.killed++;
      await stage.killServer();
    } else if (kind < 0.6) {
      stage.disasters.databaseStopped++;
      await stage.database.stop(random() < 0.5 ? 'immediate' : 'fast');
      await pause(random() * 1_000);
      await stage.database.start();
    } else {
      stage.disasters.cut++;
      stage.proxy.cut(kind < 0.8 ? 'silent' : 'reset');
      await pause(random() * 2_000);
      stage.proxy.restore();
    }
  }
}

async function judge(stage: Stage, acknowledged: ReadonlySet<number>): Promise<void> {
  const truth = stage.database.psql(`SELECT coalesce(json_agg(t ORDER BY id), '[]') FROM t`);
  const expected = canonical(JSON.parse(truth));
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  const differing = async (): Promise<string[]> => {
    const views: [name: string, rows: string][] = [
      ['the server', await readServer(stage)],
      ...stage.clients.map((client, n): [string, string] => [
        `client ${n}`,
        canonical([...client.model.rows.values()]),
      ]),
    ];
    const wrong = views.filter(([, rows]) => rows !== expected);
    return wrong.map(([name, rows]) => (rows.startsWith('away') ? `${name} (${rows})` : name));
  };
  let different = await differing();
  while (different.length > 0 && performance.now() < deadline) {
    await pause(100);
    different = await differing();
  }
  const ids = new Set(stage.database.psql('SELECT id FROM t').split('\n').map(Number));
  const missing = [...acknowledged].filter((id) => !ids.has(id));
  const reloads = stage.clients.map((client) => client.reloads);
  const resumes = stage.clients.map((client) => client.count('resumed') + client.count('sync'));
  const rows = ids.size;
  console.log(
    `${rows} rows; ${acknowledged.size} writes acknowledged, ${missing.length} of them missing`,
  );
  console.log(`disasters: ${JSON.stringify(stage.disasters)}`);
  console.log(`full reloads per client: ${reloads.join(' ')}; resumed: ${resumes.join(' ')}`);
  console.log(different.length === 0 ? 'all are the same' : `DIFFERENT: ${different.join(', ')}`);
  const isReloaded = reloads.some((count) => count > 0);
  if (different.length > 0 || missing.length > 0 || isReloaded) process.exitCode = 1;
}

async function readServer(stage: Stage): Promise<string> {
  try {
    const response = await fetch(`${stage.http}/api/tables/t`);
    const { data = [] } = (await response.json()) as { data?: Cells[] };
    return canonical(data);
  } catch (error) {
    return `away: ${String(error)}\n${stage.program.stderr}`;
  }
}

type Cells = Record<string, unknown>;

function canonical(rows: Cells[]): string {
  const ordered = rows.sort((a, b) => Number(a.id) - Number(b.id));
  return ordered.map(({ id, v, w }) => JSON.stringify([id, v, w])).join('\n');
}

async function connect(stage: Stage): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: stage.database.url() });
  db.on('error', () => undefined); // the next query tells
  await db.connect();
  return db;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await main();
