/**
 * The tables of messages in a SQLite file.
 *
 * @see SPEC 3.4
 */

import { badOption } from '../kind.ts';
import { installSqlite } from './install-sqlite.ts';

/** Ids come by themselves, and so does the time: whatever writes to the file says just what is said. */
const SQL = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS session_messages (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    robot_id TEXT,
    content TEXT NOT NULL,
    is_from_bot INTEGER NOT NULL DEFAULT 0,
    is_human INTEGER NOT NULL DEFAULT 1,
    intent TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  );
  CREATE TABLE IF NOT EXISTS user_messages (
    id INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    content TEXT NOT NULL,
    data TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
  );`;

/**
 * Makes the file and the tables where they are missing, and gives them outboxes.
 * @throws {SseTableError} `bad_option`: the file cannot be made or written, or is none of SQLite's.
 */
export async function makeSqliteMessages(path: string, tables: readonly string[]): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS });
    try {
      db.exec(SQL);
    } finally {
      db.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badOption(`--messages "${path}": ${reason}`, error);
  }
  await installSqlite(path, { action: 'install', tables, key: undefined, dryRun: false });
}

/** Another program may hold the file for as long; nobody is served before. */
const LOCK_WAIT_MS = 5_000;
