/**
 * A program of somebody else's that changes table `t` of a SQLite file until it is killed: seeded
 * transactions, some of them rolled back.
 *
 *     node chaos-writer.ts shop.db 42
 */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '../../../server/base/random.ts';

/** Rows that writers fight over. */
const IDS = 200;

const [path = '', seed = '1'] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const upTo = (n: number): number => Math.floor(random() * n);
const db = new DatabaseSync(path, { timeout: 10_000 });

/** One statement; `u` is unique, so that REPLACE deletes rows of other keys. */
function statement(): string {
  const [id, other, v] = [upTo(IDS), upTo(IDS), upTo(1e6)];
  const kind = random();
  if (kind < 0.35) return `INSERT OR REPLACE INTO t VALUES (${id}, ${v}, ${upTo(IDS)})`;
  if (kind < 0.5) return `INSERT INTO t (id, v) VALUES (${id}, ${v}) ON CONFLICT DO NOTHING`;
  if (kind < 0.7) return `DELETE FROM t WHERE id = ${id}`;
  if (kind < 0.85) return `UPDATE t SET v = ${v} WHERE id BETWEEN ${id} AND ${id + 3}`;
  return `UPDATE OR REPLACE t SET id = ${other}, u = NULL WHERE id = ${id}`;
}

for (;;) {
  db.exec('BEGIN IMMEDIATE');
  for (let left = 1 + upTo(4); left > 0; left--) db.exec(statement());
  if (random() < 0.1) await pause(upTo(50));
  db.exec(random() < 0.2 ? 'ROLLBACK' : 'COMMIT');
  await pause(upTo(15));
}
