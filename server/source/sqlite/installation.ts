/**
 * Which tables of a file have an outbox, and adding and removing them.
 *
 * @see SPEC 6 "`sse-table install shop.db` … (`uninstall`, `--dry-run`)"
 */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { first, hasTable, isReadOnly, pragma, prepare, quoteName, rowsOf } from './database.ts';
import {
  outboxName,
  outboxSql,
  quoteText,
  REGISTER,
  registerSql,
  triggersSql,
} from './outbox-sql.ts';
import { isKeyedByRowid, OWN_PREFIX, type TableShape } from './shape.ts';

/** What there is of an outbox for a table. */
export type Installed =
  /** Whole; `epoch` names its history. */
  | { state: 'whole'; epoch: string }
  /** Made for a table of another shape, or damaged: what the triggers say cannot be relied on. */
  | { state: 'stale' }
  | { state: 'none' };

/** Looks for a table's outbox. */
export function findOutbox(db: DatabaseSync, shape: TableShape): Installed {
  const held = readTriggers(db, shape.name);
  const wanted = triggersSql(shape);
  const epoch = readEpoch(db, shape.name);
  if (epoch === undefined) return { state: held.size === 0 ? 'none' : 'stale' };
  const isWhole =
    hasTable(db, outboxName(shape.name)) &&
    held.size === wanted.size &&
    [...wanted].every(([name, sql]) => held.get(name) === sql);
  if (!isWhole) return { state: 'stale' };
  return { state: 'whole', epoch: `${epoch}-${shapeTag(db, shape)}` };
}

/**
 * Begins another history of a table: clients that saw what is no more in this one load all rows.
 * @returns the new epoch; where the file may not be written, one that this server keeps to itself.
 */
export function renewEpoch(db: DatabaseSync, shape: TableShape, epoch: string): string {
  const renewed = randomBytes(8).toString('hex');
  try {
    prepare(db, `UPDATE "${REGISTER}" SET epoch = ? WHERE name = ?`).run(renewed, shape.name);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return `${renewed}${epoch.slice(epoch.lastIndexOf('-'))}`;
  }
  const outbox = findOutbox(db, shape);
  return outbox.state === 'whole' ? outbox.epoch : epoch;
}

/** The statements that give a table its outbox; none where it has it. */
export function installSql(db: DatabaseSync, shape: TableShape): string[] {
  const installed = findOutbox(db, shape);
  if (installed.state === 'whole') return [];
  const remove = installed.state === 'stale' ? removalSql(db, shape.name) : [];
  return [...remove, registerSql(), ...outboxSql(shape), ...triggersSql(shape).values()];
}

/** The statements that take outboxes away; with the last one the register goes. */
export function uninstallSql(db: DatabaseSync, tables: readonly string[]): string[] {
  const statements = tables.flatMap((name) => removalSql(db, name));
  const left = readRegister(db).filter((name) => !tables.includes(name));
  if (hasTable(db, REGISTER) && left.length === 0) {
    statements.push(`DROP TABLE "${REGISTER}"`);
  }
  return statements;
}

/** Tables that have an outbox, or had one when they were dropped or renamed. */
export function readRegister(db: DatabaseSync): string[] {
  if (!hasTable(db, REGISTER)) return [];
  const statement = prepare(db, `SELECT name FROM "${REGISTER}" ORDER BY name`);
  return Array.from(rowsOf(statement), ([name]) => String(name));
}

function removalSql(db: DatabaseSync, table: string): string[] {
  const statements: string[] = [];
  for (const name of readTriggers(db, table).keys()) {
    statements.push(`DROP TRIGGER ${quoteName(name)}`);
  }
  const outbox = outboxName(table);
  if (hasTable(db, outbox)) statements.push(`DROP TABLE ${quoteName(outbox)}`);
  if (readEpoch(db, table) !== undefined) {
    statements.push(`DELETE FROM "${REGISTER}" WHERE "name" = ${quoteText(table)}`);
  }
  return statements;
}

/** Our triggers on a table and on its outbox, with their SQL. */
function readTriggers(db: DatabaseSync, table: string): Map<string, string> {
  const sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN (?, ?)";
  const triggers = new Map<string, string>();
  for (const [name, text] of rowsOf(prepare(db, sql), table, outboxName(table))) {
    if (String(name).startsWith(OWN_PREFIX)) triggers.set(String(name), String(text));
  }
  return triggers;
}

function readEpoch(db: DatabaseSync, table: string): string | undefined {
  if (!hasTable(db, REGISTER)) return undefined;
  const statement = prepare(db, `SELECT epoch FROM "${REGISTER}" WHERE name = ?`);
  const epoch = first(statement, table);
  return epoch === undefined ? undefined : String(epoch);
}

/**
 * Part of the epoch: what was said of rows of another shape says nothing of these, and no trigger
 * tells of columns that come or go, nor of rowids that VACUUM gave anew.
 */
function shapeTag(db: DatabaseSync, shape: TableShape): string {
  const parts: unknown[] = [shape.key, shape.columns.map(({ name, kind }) => [name, kind])];
  if (isKeyedByRowid(shape)) parts.push(String(pragma(db, 'schema_version')));
  return hash(JSON.stringify(parts)).toString(36);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return value;
}
