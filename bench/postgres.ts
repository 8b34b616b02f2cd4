/**
 * Measures PostgreSQL as a source, on a cluster of its own whose commits reach the disk: a COPY, the
 * first load, and the cost of the triggers to writers. COMMIT to event and idling are in bench/sources.ts.
 *
 *     node bench/postgres.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../server/app.ts';
import { systemClock } from '../server/base/clock.ts';
import { installPostgres } from '../server/source/postgres/install.ts';
import { PostgresSource } from '../server/source/postgres/postgres-source.ts';
import { PostgresServer } from '../test/services/postgres.ts';

const COPIED_ROWS = 100_000;
const PGBENCH_SECONDS = 5;

/** Runs with and without triggers by turns, since the disk has its moods; medians are shown. */
const ROUNDS = 3;

/** Writers side by side in pgbench: one, and enough that they would queue for one lock. */
const WRITERS = [1, 8];

async function main(): Promise<void> {
  await using server = await PostgresServer.create({ isDurable: true });
  server.psql(`CREATE TABLE orders (id int PRIMARY KEY, item text NOT NULL, count int NOT NULL);
    INSERT INTO orders SELECT g, 'item ' || g, g % 100 FROM generate_series(1, ${COPIED_ROWS}) g;
    VACUUM ANALYZE orders`);
  const url = server.url();
  await installPostgres({ url, tables: [], key: undefined, action: 'install', dryRun: false });
  for (const writers of WRITERS) {
    const [bare, watched] = compareWriters(server, writers);
    console.log(`triggers, ${writers} writers: ${bare} commits/s without, ${watched} with`);
  }
  server.psql('TRUNCATE sse_table.outbox_1');

  const app = createApp({ grace: 100 });
  const deps = { clock: systemClock, random: Math.random };
  const startedAt = performance.now();
  app.attach(new PostgresSource({ url, tables: [] }, deps));
  await until(() => app.tables.get('orders') !== undefined);
  const loadMs = performance.now() - startedAt;
  console.log(`first load: ${perSecond(COPIED_ROWS, loadMs)} rows/s`);

  const table = app.tables.require('orders');
  const lines = Array.from(
    { length: COPIED_ROWS },
    (_, n) => `${n + COPIED_ROWS + 1}\tcopied\t0\n`,
  );
  const copyAt = performance.now();
  server.psql(`COPY orders FROM stdin;\n${lines.join('')}\\.\n`);
  const copyMs = performance.now() - copyAt;
  await until(() => table.size === 2 * COPIED_ROWS);
  const shownMs = performance.now() - copyAt;
  console.log(
    `COPY of ${COPIED_ROWS} rows: ${Math.round(copyMs)} ms; all in the table after ${Math.round(shownMs)} ms: ` +
      `${perSecond(COPIED_ROWS, shownMs - copyMs)} rows/s`,
  );

  await app.close();
}

/** Commits a second of single-row updates, without and with the triggers. */
function compareWriters(server: PostgresServer, writers: number): [bare: number, watched: number] {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, state] of ['DISABLE', 'ENABLE'].entries()) {
      server.psql(`ALTER TABLE orders ${state} TRIGGER USER; TRUNCATE sse_table.outbox_1`);
      rates[index]?.push(pgbench(server, writers));
    }
  }
  const median = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return [median(rates[0]), median(rates[1])];
}

function pgbench(server: PostgresServer, writers: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'sse-table-pgbench-'));
  const script = join(folder, 'update.sql');
  writeFileSync(
    script,
    `\\set id random(1, ${COPIED_ROWS})\nUPDATE orders SET count = count + 1 WHERE id = :id;\n`,
  );
  try {
    const args = ['-n', '-f', script, '-c', `${writers}`, '-T', `${PGBENCH_SECONDS}`];
    const run = spawnSync(join(server.bin, 'pgbench'), [...args, '-M', 'prepared', server.url()], {
      encoding: 'utf8',
    });
    return Math.round(Number(/tps = ([\d.]+)/.exec(run.stdout)?.[1] ?? Number.NaN));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function perSecond(count: number, ms: number): number {
  return Math.round((count / ms) * 1_000);
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

await main();
