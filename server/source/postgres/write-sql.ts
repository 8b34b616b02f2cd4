/**
 * Changes as the statements that write them: upsert replaces, update merges, delete deletes.
 *
 * @see SPEC 10 "Upsert replaces the row; PATCH merges"
 */
import { SseTableError } from '../../base/errors.ts';
import { keyOf } from '../../table/row.ts';
import { type Change, type Json, type Row, setColumn } from '../../wire/change.ts';
import { splitKey } from '../composite-key.ts';
import type { CatalogTable } from './catalog.ts';
import { encodeValue, type PostgresColumn } from './columns.ts';
import { quoteName } from './quote.ts';
import { RowCodec } from './row-codec.ts';

/** A statement; the same text comes again for rows of the same columns, and is prepared. */
export interface WriteStatement {
  text: string;
  values: unknown[];
}

/**
 * The statements, to be run in order in one transaction.
 * @throws {SseTableError} `unknown_column`, `bad_row`, `bad_key`, naming it.
 */
export function writeStatements(table: CatalogTable, changes: readonly Change[]): WriteStatement[] {
  const plan = new WritePlan(table);
  const statements: WriteStatement[] = [];
  let start = 0;
  while (start < changes.length) {
    // Rows that come one after the other with the same columns go in together.
    const kind = plan.kindOf(changes[start]);
    let end = start + 1;
    while (end < changes.length && plan.kindOf(changes[end]) === kind) end++;
    statements.push(...plan.toStatements(changes.slice(start, end)));
    start = end;
  }
  return statements;
}

/**
 * The statement that adds a row without a key, which PostgreSQL makes and gives back as a text.
 * @throws {SseTableError} as `writeStatements`; `bad_key` where the key has several columns.
 */
export function insertStatement(table: CatalogTable, row: Row): WriteStatement {
  return new WritePlan(table).insert(row);
}

class WritePlan {
  readonly #table: CatalogTable;
  readonly #codec: RowCodec;
  readonly #columns: ReadonlyMap<string, PostgresColumn>;
  readonly #relation: string;
  readonly #keyNames: readonly string[];

  constructor(table: CatalogTable) {
    this.#table = table;
    this.#codec = new RowCodec(table);
    this.#columns = new Map(table.columns.map((column) => [column.name, column]));
    this.#relation = `${quoteName(table.schema)}.${quoteName(table.name)}`;
    this.#keyNames = table.key.map(({ name }) => name);
  }

  insert(data: Row): WriteStatement {
    const [key, ...others] = this.#keyNames;
    if (key === undefined || others.length > 0) {
      throw new SseTableError('bad_key', `table "${this.#table.label}" makes no keys by itself`);
    }
    const row = this.#toRow(data);
    const list = Object.keys(row).map(quoteName).join(', ');
    return {
      text:
        `INSERT INTO ${this.#relation} AS t (${list}) ` +
        `SELECT ${list} FROM jsonb_populate_record(NULL::${this.#relation}, $1::jsonb) ` +
        `RETURNING t.${quoteName(key)}::text`,
      values: [JSON.stringify(row)],
    };
  }

  /** Equal for changes that one statement can do. */
  kindOf(change: Change | undefined): string {
    if (change?.type !== 'add') return change?.type ?? '';
    return JSON.stringify(Object.keys(change.data).sort());
  }

  toStatements(changes: readonly Change[]): WriteStatement[] {
    const [first] = changes;
    if (first?.type === 'add') return [this.#upsert(changes)];
    if (first?.type === 'delete') return [this.#delete(changes)];
    return changes.flatMap((change) => this.#merge(change));
  }

  #upsert(changes: readonly Change[]): WriteStatement {
    // One statement may not touch a row twice; the last one counts.
    const byKey = new Map(
      changes.map(({ data }) => [String(keyOf(data, this.#codec.key)), this.#toRow(data)]),
    );
    const rows = [...byKey.values()];
    const given = new Set(Object.keys(rows[0] ?? {}));
    const names = this.#table.columns.filter(
      ({ name, generated }) => given.has(name) && generated !== 'stored',
    );
    const set = this.#table.columns
      .filter(({ name, generated }) => generated === undefined && !this.#keyNames.includes(name))
      .map(({ name }) => {
        const column = quoteName(name);
        return `${column} = ${given.has(name) ? `EXCLUDED.${column}` : 'DEFAULT'}`;
      });
    const list = names.map(({ name }) => quoteName(name)).join(', ');
    const action = set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`;
    return {
      text:
        `INSERT INTO ${this.#relation} (${list}) OVERRIDING SYSTEM VALUE ` +
        `SELECT ${list} FROM jsonb_populate_recordset(NULL::${this.#relation}, $1::jsonb) ` +
        `ON CONFLICT (${this.#keyNames.map(quoteName).join(', ')}) DO ${action}`,
      values: [JSON.stringify(rows)],
    };
  }

  #merge({ data, ...change }: Change): WriteStatement[] {
    const row = this.#toRow(data);
    for (const name of 'removed' in change ? (change.removed ?? []) : [])
      setColumn(row, name, null);
    const names = Object.keys(row).filter(
      (name) => !this.#keyNames.includes(name) && this.#columns.get(name)?.generated === undefined,
    );
    if (names.length === 0) return [];
    const list = names.map(quoteName).join(', ');
    return [
      {
        text:
          `UPDATE ${this.#relation} t SET (${list}) = ROW(${names.map((name) => `r.${quoteName(name)}`).join(', ')}) ` +
          `FROM jsonb_populate_record(NULL::${this.#relation}, $${this.#keyNames.length + 1}::jsonb) r ` +
          `WHERE ${this.#codec.keyMatch}`,
        values: [...this.#keyLists([data]), JSON.stringify(row)],
      },
    ];
  }

  #delete(changes: readonly Change[]): WriteStatement {
    return {
      text: `DELETE FROM ${this.#relation} t WHERE ${this.#codec.keyMatch}`,
      values: this.#keyLists(changes.map(({ data }) => data)),
    };
  }

  #keyLists(rows: readonly Row[]): string[][] {
    return this.#codec.keyColumns(rows.map((row) => this.#partsOf(row)));
  }

  /** The parts of a row's key as texts that PostgreSQL reads. */
  #partsOf(row: Row): string[] {
    const key = keyOf(row, this.#codec.key);
    const { length } = this.#keyNames;
    const parts = length === 1 ? [String(key)] : splitKey(String(key), length);
    if (parts === undefined) {
      throw new SseTableError(
        'bad_key',
        `the key "${key}" is not one of the columns ${this.#keyNames.join(', ')}, joined by commas`,
      );
    }
    return parts.map((part, index) => {
      const column = this.#columns.get(this.#keyNames[index] ?? '');
      return column === undefined ? part : String(encodeValue(column, part));
    });
  }

  /** A row for PostgreSQL: the columns it has, each as it takes it; the joined key in its columns. */
  #toRow(data: Row): Row {
    const row: Row = {};
    const isJoined = this.#keyNames.length > 1;
    for (const name of Object.keys(data)) {
      const column = this.#columns.get(name);
      if (column !== undefined) setColumn(row, name, encodeValue(column, data[name] ?? null));
      else if (!isJoined || name !== this.#codec.key) throw this.#unknownColumn(name);
    }
    if (!isJoined) return row;
    for (const [index, part] of this.#partsOf(data).entries()) {
      const name = this.#keyNames[index] ?? '';
      const value: Json | undefined = data[name];
      if (value !== undefined && String(value) !== part) {
        throw new SseTableError(
          'bad_key',
          `column "${name}" is ${JSON.stringify(value)}, and the key says "${part}"`,
        );
      }
      if (value === undefined) setColumn(row, name, part);
    }
    return row;
  }

  #unknownColumn(name: string): SseTableError {
    return new SseTableError(
      'unknown_column',
      `table "${this.#table.label}" has no column "${name}"; it has ${[...this.#columns.keys()].join(', ')}`,
    );
  }
}
