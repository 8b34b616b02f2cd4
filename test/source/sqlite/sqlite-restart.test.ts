/** What is left after the server is gone and back: everything acknowledged, and each client's place. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as assert from 'uvu/assert';
import { systemClock } from '../../../server/base/clock.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { changeOutboxes } from '../../../server/source/install.ts';
import { openSqlite } from '../../../server/source/sqlite/open-sqlite.ts';
import type { Row } from '../../../server/wire/change.ts';
import { Program } from '../../services/program.ts';
import { suite } from '../../suite.ts';
import { Following, textOf, until } from '../follow-source.ts';
import { StreamClient } from '../stream-client.ts';

const test = suite('SqliteSource across restarts');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-restart-'));
test.after(() => rmSync(folder, { recursive: true }));

function rowsOf(path: string, table: string): Row[] {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    const rows = db.prepare(`SELECT * FROM ${table}`).all();
    return rows.map((row) => ({ ...row })) as Row[];
  } finally {
    db.close();
  }
}

function follow(path: string) {
  const options = { key: undefined, tables: [], readOnly: false, clock: systemClock };
  return Following.start(openSqlite(path, { ...options, random: Math.random }));
}

test('a client resumes: what changed meanwhile, and no init', async () => {
  const path = join(folder, 'resume.db');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = wal; CREATE TABLE t (id INTEGER PRIMARY KEY, v)');
  for (let id = 1; id <= 50; id++) db.exec(`INSERT INTO t VALUES (${id}, 0)`);
  await changeOutboxes(path, { action: 'install', tables: [], key: undefined, dryRun: false });
  await using client = new StreamClient('http://127.0.0.1:1/');
  const held = (): string => textOf(client.model.rows.values());
  {
    await using following = await follow(path);
    await following.until('loaded', () => following.rows('t')?.length === 50);
    client.url = `${following.url}/api/tables/t/stream`;
    assert.is((await following.send('PATCH', 't/1', { v: 10 })).status, 200);
    await until('the client has it', () => client.model.rows.get('1')?.v === 10);
  }
  db.exec(
    'DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (51, 4); UPDATE t SET v = 3 WHERE id = 3',
  );
  db.exec(
    'DELETE FROM t WHERE id = 4; INSERT INTO t VALUES (4, 44); UPDATE t SET id = 60 WHERE id = 5',
  );
  db.close();
  await using again = await follow(path);
  await again.until('loaded', () => again.rows('t')?.length === 50);
  client.url = `${again.url}/api/tables/t/stream`;
  const wanted = textOf(rowsOf(path, 't'));
  await until('the client has caught up', () => held() === wanted);
  assert.is(client.model.events.at(-1)?.type, 'sync');
  assert.is(client.count('init'), 1);
});

test('while the file cannot be read, a stream is asked to come back', async () => {
  const path = join(folder, 'away.db');
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); BEGIN EXCLUSIVE');
  await using following = await follow(path);
  const stream = (headers = {}) =>
    fetch(`${following.url}/api/tables/t/stream`, {
      headers: { Accept: 'text/event-stream', 'Sec-Fetch-Mode': 'cors', ...headers },
    });
  const answer = await stream();
  assert.is(answer.status, 200);
  assert.match(await answer.text(), /^retry: \d+\n\ndata: {"type":"error","code":"not_ready"/);
  const status = await stream({ Accept: 'text/event-stream, application/json' });
  assert.is(status.status, 503);
  assert.match(status.headers.get('retry-after') ?? '', /^\d+$/);
  assert.is((await fetch(`${following.url}/readyz`)).status, 503);
  other.exec('COMMIT');
  other.close();
  await following.shows('t', []);
  await following.until('ready', async () => (await fetch(`${following.url}/readyz`)).ok);
});

interface Written {
  id: string;
  v: number;
}

/** Posts rows until the server is gone; tells what was acknowledged, and what was under way. */
async function writeUntilGone(
  url: string,
  next: () => Written,
  acknowledged: Map<string, number>,
): Promise<Written> {
  for (;;) {
    const row = next();
    try {
      const response = await fetch(`${url}/api/tables/t`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(row),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(text);
    } catch (error) {
      if (error instanceof TypeError) return row; // fetch failed: killed
      throw error;
    }
    acknowledged.set(row.id, row.v);
  }
}

const WRITERS = 3;
const ROUNDS = 3;
const SEED = 4;

test('kill -9 amid writes: what was acknowledged is there, no client starts anew', {
  timeoutMs: 90_000,
}, async () => {
  const path = join(folder, 'killed.db');
  const random = seededRandom(SEED);
  const acknowledged = new Map<string, number>();
  await using client = new StreamClient('http://127.0.0.1:1/');
  let v = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    await using program = new Program([path, '--create']);
    const url = await program.url();
    await until('ready', async () => (await fetch(`${url}/readyz`)).ok);
    if (round === 0) {
      const body = '{"id": "first", "v": 0}';
      const headers = { 'Content-Type': 'application/json' };
      const { ok } = await fetch(`${url}/api/tables/t`, { method: 'POST', headers, body });
      assert.ok(ok);
    }
    client.url = `${url}/api/tables/t/stream`;
    if (round === ROUNDS) {
      const wanted = textOf(rowsOf(path, 't'));
      await until('the client equals the file', () => {
        return textOf(client.model.rows.values()) === wanted;
      });
      const { data } = (await (await fetch(`${url}/api/tables/t`)).json()) as { data: Row[] };
      assert.is(textOf(data), wanted);
      break;
    }
    // Each writer has rows of its own, so that what it was told last is what must be there.
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilGone(
        url,
        () => ({ id: `${writer}-${Math.floor(random() * 40)}`, v: ++v }),
        acknowledged,
      ),
    );
    const goal = v + 100 + Math.floor(random() * 200);
    await until('writes', () => v >= goal);
    program.kill('SIGKILL');
    await program.exited;
    const pending = new Map((await Promise.all(writers)).map((row) => [row.id, row.v]));
    const held = new Map(rowsOf(path, 't').map((row) => [row.id, row.v]));
    for (const [id, wanted] of acknowledged) {
      const value = held.get(id);
      // What was under way may have been committed without its answer having come.
      const isThere = value === wanted || (value !== undefined && value === pending.get(id));
      assert.ok(isThere, `seed ${SEED}: row ${id} is ${value}, not ${wanted}`);
      acknowledged.set(id, Number(value));
    }
  }
  assert.ok(acknowledged.size > 50, `${acknowledged.size} rows`);
  assert.is(client.count('init'), 1);
});
