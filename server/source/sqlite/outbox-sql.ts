/**
 * The SQL of an outbox in SQLite: one table of (seq, op, key) for each table, written by triggers.
 *
 * REPLACE deletes rows without telling their triggers, so before an insert or update the rows that
 * are in its way on a unique index are noted too. An entry too many is harmless.
 *
 * @see SPEC 6 "`sse-table install shop.db` adds outbox triggers"
 */
import { quoteName } from './database.ts';
import { OWN_PREFIX, type TableShape, type Unique } from './shape.ts';

/** The tables that have an outbox, with the epoch of each. */
export const REGISTER = `${OWN_PREFIX}outboxes`;

/**
 * Entries kept where no server trims them: some 40 MB. A server that was away for longer compares
 * all rows once.
 */
const MAX_ENTRIES = 1_000_000;

/** The name of a table's outbox. */
export function outboxName(table: string): string {
  return `${OWN_PREFIX}outbox_${table}`;
}

/** The names of the outbox's key columns, in the order of `keyColumns`. */
export function outboxColumns({ keyColumns }: TableShape): string[] {
  return keyColumns.map((_, index) => `k${index}`);
}

/** Makes the register; harmless when it is there. */
export function registerSql(): string {
  return (
    `CREATE TABLE IF NOT EXISTS "${REGISTER}" ` +
    '("name" TEXT PRIMARY KEY, "epoch" TEXT NOT NULL) WITHOUT ROWID'
  );
}

/** What makes a table's outbox, but for its triggers; a new epoch comes with it. */
export function outboxSql(shape: TableShape): string[] {
  const outbox = quoteName(outboxName(shape.name));
  const columns = outboxColumns(shape).join(', ');
  return [
    `CREATE TABLE ${outbox} ("seq" INTEGER PRIMARY KEY, "op" TEXT NOT NULL, ${columns})`,
    // The newest entry is never trimmed, so that a seq is never given twice: there is always one.
    `INSERT INTO ${outbox} ("op") VALUES ('install')`,
    `INSERT INTO "${REGISTER}" VALUES (${quoteText(shape.name)}, lower(hex(randomblob(8))))`,
  ];
}

/** The triggers of a table by name. They are as they should be when their SQL is exactly this. */
export function triggersSql(shape: TableShape): Map<string, string> {
  const { name, keyColumns } = shape;
  const table = quoteName(name);
  const outbox = quoteName(outboxName(name));
  const columns = outboxColumns(shape).join(', ');
  const insert = `INSERT INTO ${outbox} ("op", ${columns})`;
  const keyOf = (row: 'NEW' | 'OLD'): string =>
    keyColumns.map((column) => `${row}.${quoteName(column)}`).join(', ');
  const keyChanged = keyColumns
    .map((column) => `OLD.${quoteName(column)} IS NOT NEW.${quoteName(column)} COLLATE BINARY`)
    .join(' OR ');
  const inTheWay = conflicts(shape);

  const triggers = new Map<string, string>();
  function add(event: string, when: string, on: string, body: readonly string[]): void {
    const trigger = `${OWN_PREFIX}${event}_${name}`;
    const sql = `CREATE TRIGGER ${quoteName(trigger)} ${when} ON ${on} BEGIN ${body.join('; ')}; END`;
    triggers.set(trigger, sql);
  }

  if (inTheWay.length > 0) {
    const keys = keyColumns.map(quoteName).join(', ');
    const note = inTheWay.map(
      (condition) => `${insert} SELECT 'delete', ${keys} FROM ${table} WHERE ${condition}`,
    );
    const others = keyColumns
      .map((column) => `${quoteName(column)} IS NOT OLD.${quoteName(column)}`)
      .join(' OR ');
    add('before_insert', 'BEFORE INSERT', table, note);
    add(
      'before_update',
      'BEFORE UPDATE',
      table,
      note.map((statement) => `${statement} AND (${others})`),
    );
  }
  add('insert', 'AFTER INSERT', table, [`${insert} VALUES ('add', ${keyOf('NEW')})`]);
  add('update', 'AFTER UPDATE', table, [
    `${insert} SELECT 'delete', ${keyOf('OLD')} WHERE ${keyChanged}`,
    `${insert} VALUES ('update', ${keyOf('NEW')})`,
  ]);
  add('delete', 'AFTER DELETE', table, [`${insert} VALUES ('delete', ${keyOf('OLD')})`]);
  add('trim', 'AFTER INSERT', outbox, [
    `DELETE FROM ${outbox} WHERE "seq" <= NEW."seq" - ${MAX_ENTRIES}`,
  ]);
  return triggers;
}

/** For each unique index besides the key: what finds the rows that an insert would collide with. */
function conflicts({ uniques, rowid, isRowidKey }: TableShape): string[] {
  const conditions = uniques.map(({ columns }: Unique) =>
    columns
      .map(({ name, collation }) => {
        const column = quoteName(name);
        return `${column} = NEW.${column} COLLATE ${quoteName(collation)}`;
      })
      .join(' AND '),
  );
  // A rowid given with the row may be another row's, even where the key is something else.
  if (rowid !== undefined && !isRowidKey) {
    conditions.push(`${quoteName(rowid)} = NEW.${quoteName(rowid)}`);
  }
  return conditions;
}

/** `'text'`, whatever is in it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
