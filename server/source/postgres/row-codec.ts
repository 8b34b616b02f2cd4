/**
 * Rows and keys of one PostgreSQL table: what to select, and how texts become rows.
 *
 * @see SPEC 1 "Row", 6
 */
import { type Json, type Key, type Row, setColumn } from '../../wire/change.ts';
import { compositeKeyColumn, joinKey } from '../composite-key.ts';
import type { CatalogTable } from './catalog.ts';
import { decodeValue, type PostgresColumn, selectSql } from './columns.ts';
import { quoteName } from './quote.ts';

/** The table's name within these statements. */
const ALIAS = 't';

/** Rows and keys of one table. */
export class RowCodec {
  /** The key column of the rows: the primary key, or one that joins its columns. */
  readonly key: string;
  /** `"public"."orders" t` */
  readonly from: string;
  /** The list of columns; `decode` reads its values. */
  readonly select: string;
  /** The condition that a row has the key in `e.key`, as the triggers write it. */
  readonly keyJoin: string;
  /** Not null where there is a row. */
  readonly presence: string;
  /** The condition that a row is one of those in `keyColumns(keys)`. */
  readonly keyMatch: string;
  readonly #columns: readonly PostgresColumn[];
  readonly #keyParts: readonly PostgresColumn[];

  constructor({ schema, name, columns, key }: CatalogTable) {
    this.#columns = columns;
    this.#keyParts = key.flatMap(
      (part) => columns.find((column) => column.name === part.name) ?? [],
    );
    const [first] = key;
    this.key =
      key.length === 1 && first !== undefined
        ? first.name
        : compositeKeyColumn(columns.map((column) => column.name));
    this.from = `${quoteName(schema)}.${quoteName(name)} ${ALIAS}`;
    this.select = columns.map((column) => selectSql(column, ALIAS)).join(', ');
    const names = key.map((part) => `${ALIAS}.${quoteName(part.name)}`).join(', ');
    this.keyJoin = key
      .map(({ name, type }, n) => `${ALIAS}.${quoteName(name)} = e.key[${n + 1}]::${type}`)
      .join(' AND ');
    this.presence = `${ALIAS}.${quoteName(first?.name ?? '')}`;
    const lists = key.map(({ type }, index) => `$${index + 1}::text[]::${type}[]`).join(', ');
    this.keyMatch =
      key.length === 1
        ? `${names} = ANY(${lists})`
        : `(${names}) IN (SELECT * FROM unnest(${lists}))`;
  }

  /** Keys by column, as the statement's values. */
  keyColumns(keys: readonly (readonly string[])[]): string[][] {
    return this.#keyParts.map((_, index) => keys.map((parts) => parts[index] ?? ''));
  }

  /** A row from the values of `select`. */
  decode(values: readonly (string | null)[]): Row {
    const row: Row = {};
    for (const [index, { name, kind }] of this.#columns.entries()) {
      setColumn(row, name, decodeValue(kind, values[index] ?? null));
    }
    if (this.#keyParts.length !== 1) setColumn(row, this.key, this.#joined(row));
    return row;
  }

  /** The key of a row, or, of one that is gone, of its texts. */
  keyOf(row: Row | undefined, parts: readonly string[]): Key {
    if (row !== undefined) return toKey(row[this.key]);
    const values: Row = {};
    for (const [index, { name, kind }] of this.#keyParts.entries()) {
      setColumn(values, name, decodeValue(kind, parts[index] ?? null));
    }
    return this.#keyParts.length === 1 ? toKey(values[this.key]) : this.#joined(values);
  }

  #joined(row: Row): string {
    return joinKey(this.#keyParts.map(({ name }) => toKey(row[name])));
  }
}

/** Booleans and the like may be keys in PostgreSQL; here a key is a text or a number. */
function toKey(value: Json | undefined): Key {
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
