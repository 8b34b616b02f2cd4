/**
 * Connections to a SQLite file, and what its errors mean.
 *
 * @see SPEC 6 "SQLite"
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SseTableError } from '../../base/errors.ts';
import type { SqliteValue } from './cell.ts';

/** In the header of files that the server made: "SSET". Their tables have outboxes from the start. */
export const APPLICATION_ID = 0x53534554;

/** A reader in the way of a writer's commit waits this long; it blocks everyone, so it is short. */
const BUSY_TIMEOUT_MS = 5;

/** Result codes, the low byte of an extended one. */
const CODE = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  full: 13,
  cannotOpen: 14,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
} as const;

/** Extended codes of rows that are wrong in themselves: CHECK, NOT NULL, the type of a STRICT table. */
const BAD_ROW_CODES: ReadonlySet<number> = new Set([275, 1299, 3091]);

export interface OpenedDatabase {
  db: DatabaseSync;
  /** The server made this file. */
  isOwn: boolean;
}

/**
 * Opens an existing file.
 * node:sqlite is loaded here, when it is needed: on older Nodes it prints a warning.
 */
export async function openDatabase(path: string, readOnly: boolean): Promise<OpenedDatabase> {
  const { DatabaseSync } = await import('node:sqlite');
  const open = (parameters: Record<string, string>): OpenedDatabase => {
    const url = pathToFileURL(path);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const db = new DatabaseSync(url, { readOnly, timeout: BUSY_TIMEOUT_MS });
    try {
      const isOwn = pragma(db, 'application_id') === BigInt(APPLICATION_ID);
      // A commit is on the disk when it is acknowledged, also in WAL mode.
      if (!readOnly) db.exec('PRAGMA synchronous = FULL');
      return { db, isOwn };
    } catch (error) {
      db.close();
      throw error;
    }
  };
  if (!readOnly) return open({ mode: 'rw' }); // never makes a file
  try {
    return open({ mode: 'ro' });
  } catch (error) {
    // In WAL mode readers share memory in a file; where none can be made, nobody writes either.
    if (isReadOnly(error)) return open({ immutable: '1' });
    throw error;
  }
}

/** Makes a file, in WAL mode and marked as the server's own. */
export async function createDatabase(path: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(path);
  try {
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID}`);
  } finally {
    db.close();
  }
}

/** The value of a pragma that gives one. */
export function pragma(db: DatabaseSync, name: string): SqliteValue | undefined {
  return first(prepare(db, `PRAGMA ${name}`));
}

/** A statement that gives rows as arrays, integers as bigint. */
export function prepare(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  return statement;
}

/**
 * The rows of a statement of `prepare`. Not `iterate`: in Node 26 one that met a lock leaves the next
 * run of its statement open, and with it a lock that keeps every writer out.
 */
export function rowsOf(statement: StatementSync, ...values: SqliteValue[]): SqliteValue[][] {
  // Its type knows rows as objects only.
  return statement.all(...values) as unknown as SqliteValue[][];
}

/** The first value of the first row. */
export function first(statement: StatementSync, ...values: SqliteValue[]): SqliteValue | undefined {
  return rowsOf(statement, ...values)[0]?.[0];
}

/** Whether there is a table of that name. */
export function hasTable(db: DatabaseSync, name: string): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
  return first(prepare(db, sql), name) !== undefined;
}

/** Runs `step` in a transaction that has the lock for writing from the start. */
export function transaction<T>(db: DatabaseSync, step: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = step();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** `"name"`, whatever is in it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Another program is at it; trying again helps. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.busy || code === CODE.locked;
}

/** The file or its folder may not be written, or not even opened for it. */
export function isReadOnly(error: unknown): boolean {
  const code = codeOf(error);
  return code === CODE.readOnly || code === CODE.cannotOpen;
}

/** What to tell the client whose write SQLite refused; undefined: nothing that it could mend. */
export function describeRefusal(error: unknown): SseTableError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  switch (codeOf(error)) {
    case CODE.constraint: {
      const isBadRow = BAD_ROW_CODES.has(extendedCodeOf(error) ?? 0);
      return new SseTableError(isBadRow ? 'bad_row' : 'conflict', message, { cause: error });
    }
    case CODE.mismatch:
    case CODE.tooBig:
      return new SseTableError('bad_row', message, { cause: error });
    case CODE.readOnly:
      return new SseTableError('read_only', 'the database file is read-only', { cause: error });
    case CODE.full:
      return new SseTableError('table_full', 'the disk of the database is full', { cause: error });
    default:
      return undefined;
  }
}

function codeOf(error: unknown): number | undefined {
  const code = extendedCodeOf(error);
  return code === undefined ? undefined : code & 0xff;
}

function extendedCodeOf(error: unknown): number | undefined {
  const isOurs = error instanceof Error && 'errcode' in error;
  return isOurs && typeof error.errcode === 'number' ? error.errcode : undefined;
}
