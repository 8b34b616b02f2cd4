/**
 * Writes rows of one table of a SQLite file: the statements for upsert, merge and delete.
 *
 * @see SPEC 10 "Upsert replaces the row; PATCH merges"
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { SseTableError } from '../../base/errors.ts';
import type { Change, Row } from '../../wire/change.ts';
import { splitKey } from '../composite-key.ts';
import { type CellKind, type SqliteValue, writeCell } from './cell.ts';
import { prepare, quoteName } from './database.ts';
import type { TableShape } from './shape.ts';

/** Statements kept: rows of one request mostly have the same columns. */
const MAX_STATEMENTS = 64;

/** Writes to one table on one connection; made anew when the table's shape changes. */
export class RowWriter {
  readonly shape: TableShape;
  readonly #db: DatabaseSync;
  readonly #kinds = new Map<string, CellKind>();
  readonly #generated = new Set<string>();
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, shape: TableShape) {
    this.#db = db;
    this.shape = shape;
    for (const { name, kind, isGenerated } of shape.columns) {
      if (isGenerated) this.#generated.add(name);
      else this.#kinds.set(name, kind);
    }
  }

  /**
   * Writes one change, inside the caller's transaction.
   * @returns the values of its key columns.
   * @throws {SseTableError} `bad_row`, `bad_key`, `unknown_column`, `unknown_row`; what SQLite throws.
   */
  write({ type, data, ...rest }: Change): SqliteValue[] {
    const key = this.#keyOf(data);
    if (type === 'delete') {
      this.#run(`DELETE FROM ${this.#table} WHERE ${this.#isKey}`, key);
      return key;
    }
    const removed = 'removed' in rest ? (rest.removed ?? []) : [];
    const cells = this.#cells(data, removed);
    if (type === 'add') this.#upsert(key, cells);
    else this.#merge(key, cells);
    return key;
  }

  /** Columns of a row that the table does not have. */
  unknownColumns(data: Row): string[] {
    return Object.keys(data).filter((name) => !this.#isKnown(name));
  }

  get #table(): string {
    return quoteName(this.shape.name);
  }

  get #isKey(): string {
    return this.shape.keyColumns.map((column) => `${quoteName(column)} = ?`).join(' AND ');
  }

  #upsert(key: readonly SqliteValue[], cells: ReadonlyMap<string, SqliteValue>): void {
    const { keyColumns } = this.shape;
    const given = new Map([
      ...keyColumns.map((name, i) => [name, key[i] ?? null] as const),
      ...cells,
    ]);
    const names = [...given.keys()].map(quoteName);
    // Columns that the row does not have get what an insert gives them: it replaces.
    const others = [...this.#kinds.keys()].filter((name) => !keyColumns.includes(name));
    const set = others.map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`);
    this.#run(
      `INSERT INTO ${this.#table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ` +
        `ON CONFLICT (${keyColumns.map(quoteName).join(', ')}) DO ` +
        (set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`),
      [...given.values()],
    );
  }

  #merge(key: readonly SqliteValue[], cells: ReadonlyMap<string, SqliteValue>): void {
    const set = [...cells.keys()].map((name) => `${quoteName(name)} = ?`);
    const [firstKey = ''] = this.shape.keyColumns;
    if (set.length === 0) set.push(`${quoteName(firstKey)} = ${quoteName(firstKey)}`);
    const changes = this.#run(`UPDATE ${this.#table} SET ${set.join(', ')} WHERE ${this.#isKey}`, [
      ...cells.values(),
      ...key,
    ]);
    if (changes > 0) return;
    throw new SseTableError('unknown_row', `table "${this.shape.name}" has no such row any more`);
  }

  /** What is to be set: neither key columns nor computed ones that are given as they are. */
  #cells(data: Row, removed: readonly string[]): Map<string, SqliteValue> {
    const { keyColumns, key, name: table } = this.shape;
    const cells = new Map<string, SqliteValue>();
    for (const [name, value] of Object.entries(data)) {
      if (name === key || keyColumns.includes(name)) continue;
      if (this.#generated.has(name)) {
        throw new SseTableError('bad_row', `column "${name}" is computed; leave it out`);
      }
      const kind = this.#kinds.get(name);
      if (kind === undefined) {
        const known = [...this.#kinds.keys()].join(', ');
        throw new SseTableError(
          'unknown_column',
          `table "${table}" has no column "${name}"; it has ${known}`,
        );
      }
      cells.set(name, writeCell(value, kind, name));
    }
    for (const name of removed) if (this.#kinds.has(name)) cells.set(name, null);
    return cells;
  }

  /** @throws {SseTableError} `bad_key`: parts and text of a composite key do not agree. */
  #keyOf(data: Row): SqliteValue[] {
    const { key, keyColumns, name } = this.shape;
    const kinds = keyColumns.map((column) => this.#kinds.get(column) ?? 'plain');
    const value = data[key] ?? null;
    if (keyColumns.length === 1) return [writeCell(value, kinds[0] ?? 'plain', key)];
    const parts = splitKey(String(value), keyColumns.length);
    const isSame = parts?.every((part, i) => {
      const given = data[keyColumns[i] ?? ''];
      return given === undefined || String(given) === part;
    });
    if (parts === undefined || isSame !== true) {
      throw new SseTableError(
        'bad_key',
        `${JSON.stringify(value)} is no key of table "${name}"; ` +
          `"${key}" is ${keyColumns.join()} with a comma between`,
      );
    }
    return parts.map((part, i) => writeCell(part, kinds[i] ?? 'plain', keyColumns[i] ?? key));
  }

  #isKnown(name: string): boolean {
    return name === this.shape.key || this.#kinds.has(name) || this.#generated.has(name);
  }

  #run(sql: string, values: readonly SqliteValue[]): number {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = prepare(this.#db, sql);
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      this.#statements.set(sql, statement);
    }
    return Number(statement.run(...values).changes);
  }
}
