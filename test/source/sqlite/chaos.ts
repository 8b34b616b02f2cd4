/**
 * Chaos with a SQLite file: other programs that write, some killed amid a transaction, the sqlite3
 * command line among them; writes over HTTP; the server killed with -9; clients that stall, leave and
 * come back. In the end the file, the server's table and every client's must be the same.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, seededRandom } from '../../../server/base/random.ts';
import { changeOutboxes } from '../../../server/source/install.ts';
import type { Row } from '../../../server/wire/change.ts';
import { Program } from '../../services/program.ts';
import { findSqlite3 } from '../../services/sqlite3.ts';
import { textOf } from '../follow-source.ts';
import { keepRestless } from '../restless.ts';
import { StreamClient } from '../stream-client.ts';

const WRITER = join(import.meta.dirname, 'chaos-writer.ts');
const WRITERS = 2;
const CLIENTS = 4;

/** From this id on rows come over HTTP, and nobody else touches them. */
const FIRST_HTTP_ID = 1_000_000;

/** Rows that nobody changes: with them, going on is always cheaper than everything anew. */
const CALM_ROWS = 3_000;

/** For everything to have arrived in the end. */
const SETTLE_LIMIT_MS = 20_000;

export interface ChaosOptions {
  path: string;
  seed: number;
  seconds: number;
  /** Between two disasters, on average. */
  disasterMs: number;
}

export interface ChaosResult {
  rows: number;
  acknowledged: number;
  /** Acknowledged, and not there. */
  missing: number;
  kills: number;
  /** Whose rows are not those of the file. */
  different: string[];
  /** Full loads of each client that had said where it was. */
  reloads: number[];
  /** Times a client went on where it was. */
  resumed: number[];
}

class Chaos {
  readonly options: ChaosOptions;
  readonly random: Random;
  readonly acknowledged = new Set<number>();
  readonly clients: StreamClient[] = [];
  readonly writers: (ChildProcess | undefined)[] = [];
  program: Program;
  url = '';
  kills = 0;
  isOver = false;

  constructor(options: ChaosOptions) {
    this.options = options;
    this.random = seededRandom(options.seed);
    this.program = this.#start();
  }

  async begin(): Promise<void> {
    this.url = await this.program.url();
    for (const client of this.clients) client.url = this.stream;
  }

  get stream(): string {
    return `${this.url}/api/tables/t/stream`;
  }

  startWriter(n: number): void {
    const seed = String(Math.floor(this.random() * 1e9));
    this.writers[n] = fork(WRITER, [this.options.path, seed], { stdio: 'ignore' });
  }

  async killServer(): Promise<void> {
    await this.program[Symbol.asyncDispose](); // with -9
    this.program = this.#start();
    await this.begin();
  }

  async writeByHttp(): Promise<void> {
    for (let id = FIRST_HTTP_ID; !this.isOver; id++) {
      try {
        const response = await fetch(`${this.url}/api/tables/t`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ id, v: 1 }),
        });
        await response.body?.cancel();
        if (response.ok) this.acknowledged.add(id);
      } catch {
        await pause(50); // the server has just been killed
      }
      await pause(5);
    }
  }

  /** Somebody at a terminal. */
  async writeByHand(): Promise<void> {
    const program = findSqlite3();
    while (program !== undefined && !this.isOver) {
      const id = Math.floor(this.random() * 200);
      const sql = `BEGIN; UPDATE t SET v = v + 1 WHERE id < ${id}; DELETE FROM t WHERE id = ${id}; COMMIT`;
      const child = spawn(program, ['-cmd', '.timeout 10000', this.options.path, sql], {
        stdio: 'ignore',
      });
      await new Promise((resolve) => child.on('close', resolve));
      await pause(200);
    }
  }

  async makeDisasters(): Promise<void> {
    const { disasterMs } = this.options;
    while (!this.isOver) {
      await pause(disasterMs * (0.5 + this.random()));
      this.kills++;
      if (this.random() < 0.6) await this.killServer();
      else {
        const n = Math.floor(this.random() * WRITERS);
        this.writers[n]?.kill('SIGKILL');
        this.startWriter(n);
      }
    }
  }

  async judge(): Promise<ChaosResult> {
    const db = new DatabaseSync(this.options.path, { timeout: 10_000 });
    const rows = db
      .prepare('SELECT * FROM t')
      .all()
      .map((row) => ({ ...row })) as Row[];
    db.close();
    const expected = textOf(rows);
    const endMs = performance.now() + SETTLE_LIMIT_MS;
    let different: string[];
    do {
      await pause(50);
      different = [];
      if ((await this.#serverText()) !== expected) different.push('the server');
      for (const [n, { model }] of this.clients.entries()) {
        if (textOf(model.rows.values()) !== expected) different.push(`client ${n}`);
      }
    } while (different.length > 0 && performance.now() < endMs);
    const ids = new Set(rows.map(({ id }) => id));
    return {
      rows: rows.length,
      acknowledged: this.acknowledged.size,
      missing: [...this.acknowledged].filter((id) => !ids.has(id)).length,
      kills: this.kills,
      different,
      reloads: this.clients.map(({ reloads }) => reloads),
      resumed: this.clients.map((client) => client.count('sync') + client.count('resumed')),
    };
  }

  async #serverText(): Promise<string> {
    const response = await fetch(`${this.url}/api/tables/t`);
    const { data = [] } = (await response.json()) as { data?: Row[] };
    return textOf(data);
  }

  #start(): Program {
    return new Program([this.options.path, '--log-level', 'error']);
  }
}

/** Makes the file, and chaos for a while. @throws {Error} what a client found impossible. */
export async function makeChaos(options: ChaosOptions): Promise<ChaosResult> {
  const db = new DatabaseSync(options.path);
  db.exec(
    'PRAGMA journal_mode = wal; CREATE TABLE t (id INTEGER PRIMARY KEY, v INT, u INT UNIQUE)',
  );
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT ${CALM_ROWS})
    INSERT INTO t (id, v) SELECT i, 0 FROM n`);
  db.close();
  const request = { action: 'install', tables: [], key: undefined, dryRun: false } as const;
  await changeOutboxes(options.path, request);
  const chaos = new Chaos(options);
  await chaos.begin();
  for (let n = 0; n < CLIENTS; n++) chaos.clients.push(new StreamClient(chaos.stream));
  for (let n = 0; n < WRITERS; n++) chaos.startWriter(n);
  const work = [
    chaos.writeByHttp(),
    chaos.writeByHand(),
    chaos.makeDisasters(),
    keepRestless(chaos.clients, seededRandom(options.seed - 1), () => chaos.isOver),
  ];
  await pause(options.seconds * 1_000);
  // On a busy machine it takes longer until anything has happened.
  const endMs = performance.now() + SETTLE_LIMIT_MS;
  while (chaos.acknowledged.size === 0 && performance.now() < endMs) await pause(50);
  chaos.isOver = true;
  try {
    await Promise.all(work);
    for (const writer of chaos.writers) writer?.kill('SIGKILL');
    return await chaos.judge();
  } finally {
    for (const writer of chaos.writers) writer?.kill('SIGKILL');
    await chaos.program[Symbol.asyncDispose]();
    for (const client of chaos.clients) await client[Symbol.asyncDispose]();
  }
}
