/**
 * `sse-table install shop.db`: gives tables their outboxes, or takes them away.
 *
 * @see SPEC 6
 */
import type { DatabaseSync } from 'node:sqlite';
import { badOption } from '../kind.ts';
import type { OutboxChange, OutboxRequest } from '../outbox-change.ts';
import { describeRefusal, isBusy, openDatabase, pragma, transaction } from './database.ts';
import { installSql, readRegister, uninstallSql } from './installation.ts';
import { checkSqliteFile } from './open-sqlite.ts';
import { readShape, readTableNames } from './shape.ts';

/** Another program may hold the file for as long; nobody else waits here. */
const LOCK_WAIT_MS = 10_000;

/**
 * Installs or uninstalls in one transaction; with `dryRun` nothing is written.
 * @throws {SseTableError} `bad_option`: no such file or table, a locked file.
 */
export async function installSqlite(path: string, request: OutboxRequest): Promise<OutboxChange> {
  if (!checkSqliteFile(path)) throw badOption(`"${path}" does not exist; check the name`);
  const { db } = await openDatabase(path, request.dryRun);
  try {
    pragma(db, `busy_timeout = ${LOCK_WAIT_MS}`);
    if (request.dryRun) return plan(db, request);
    return transaction(db, () => {
      const change = plan(db, request);
      for (const sql of change.sql) db.exec(sql);
      return change;
    });
  } catch (error) {
    if (isBusy(error)) throw badOption(`"${path}" is locked by another program; try again`, error);
    const refusal = describeRefusal(error);
    throw refusal === undefined ? error : badOption(`"${path}": ${refusal.message}`, error);
  } finally {
    db.close();
  }
}

function plan(db: DatabaseSync, { action, tables, key }: OutboxRequest): OutboxChange {
  const there = readTableNames(db);
  if (action === 'uninstall') {
    const held = readRegister(db);
    check(tables, [...there, ...held]);
    const chosen = tables.length === 0 ? held : held.filter((name) => tables.includes(name));
    return { tables: chosen, sql: uninstallSql(db, chosen), skipped: [] };
  }
  check(tables, there);
  const change: OutboxChange = { tables: [], sql: [], skipped: [] };
  for (const name of tables.length === 0 ? there : tables) {
    const shape = readShape(db, name, false, key);
    if (shape === undefined) {
      change.skipped.push(`${name}: it has no key, and columns hide its rowid`);
      continue;
    }
    const sql = installSql(db, shape);
    if (sql.length === 0) continue;
    change.tables.push(name);
    change.sql.push(...sql);
  }
  return change;
}

function check(wanted: readonly string[], there: readonly string[]): void {
  const missing = wanted.find((name) => !there.includes(name));
  if (missing === undefined) return;
  const known = there.join(', ') || 'none';
  throw badOption(`--table: there is no table "${missing}"; there are ${known}`);
}
