/**
 * The shape of a table in a SQLite file: its columns, its key, what makes rows unique.
 *
 * @see SPEC 2 "the primary key, else id"; 6
 */
import type { DatabaseSync } from 'node:sqlite';
import { compositeKeyColumn } from '../composite-key.ts';
import { type CellKind, cellKind } from './cell.ts';
import { first, prepare, rowsOf } from './database.ts';

/** Starts the names of all that the server adds to a file. */
export const OWN_PREFIX = '_sse_table_';

/** Names of the rowid, of which a column may take one away. */
const ROWID_NAMES = ['rowid', '_rowid_', 'oid'];

/** The key column where there is no primary key and `--key` names none. */
const DEFAULT_KEY = 'id';

export interface ColumnShape {
  name: string;
  kind: CellKind;
  /** Computed: shown, never written. */
  isGenerated: boolean;
}

/** Columns of a unique index, with the collation that compares each. */
export interface Unique {
  columns: { name: string; collation: string }[];
  /** No two rows have the same values in these: neither partial, nor over an expression besides. */
  isStrict: boolean;
}

export interface TableShape {
  name: string;
  columns: ColumnShape[];
  /** The columns of the key; the rowid's name where there is no other. */
  keyColumns: string[];
  /** The key column of the rows shown: the one of `keyColumns`, or the composite's own. */
  key: string;
  /** A name of the rowid; undefined in a table WITHOUT ROWID, or where columns have all its names. */
  rowid: string | undefined;
  /** Whether the key is the rowid: by that name, or as INTEGER PRIMARY KEY. */
  isRowidKey: boolean;
  /** Other than the key. */
  uniques: Unique[];
}

/** The tables of a file, without SQLite's own and ours. Views and virtual tables are not served. */
export function readTableNames(db: DatabaseSync): string[] {
  const names: string[] = [];
  const sql = `SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' ORDER BY name`;
  for (const [name] of rowsOf(prepare(db, sql))) {
    const text = String(name);
    if (!text.startsWith('sqlite_') && !text.startsWith(OWN_PREFIX)) names.push(text);
  }
  return names;
}

/**
 * The shape of one table.
 * @param wantedKey `--key`: taken where it is a column of unique values.
 * @returns undefined where no key can be had: no primary key, and columns hide the rowid.
 */
export function readShape(
  db: DatabaseSync,
  name: string,
  isOwn: boolean,
  wantedKey: string | undefined,
): TableShape | undefined {
  const columns: ColumnShape[] = [];
  const primary: { name: string; place: bigint }[] = [];
  const xinfo = 'SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)';
  for (const [column, type, place, hidden] of rowsOf(prepare(db, xinfo), name)) {
    if (hidden === 1n) continue;
    const columnName = String(column);
    const kind = cellKind(String(type), isOwn);
    columns.push({ name: columnName, kind, isGenerated: hidden === 2n || hidden === 3n });
    if (typeof place === 'bigint' && place > 0n) primary.push({ name: columnName, place });
  }
  const names = columns.map((column) => column.name);
  const lowered = new Set(names.map((column) => column.toLowerCase()));
  const rowid = isWithoutRowid(db, name)
    ? undefined
    : ROWID_NAMES.find((alias) => !lowered.has(alias));
  const uniques = readUniques(db, name);
  const isUnique = (column: string): boolean =>
    uniques.some(
      ({ columns: [only, ...others], isStrict }) =>
        isStrict && others.length === 0 && only?.name === column,
    );
  const primaryKey = primary.sort((a, b) => Number(a.place - b.place)).map((column) => column.name);
  // A single primary key without an index of its own is the rowid under another name.
  const alias =
    rowid !== undefined && primaryKey.length === 1 && !isUnique(primaryKey[0] ?? '')
      ? primaryKey[0]
      : undefined;
  const keyColumns =
    wantedKey !== undefined && isUnique(wantedKey)
      ? [wantedKey]
      : primaryKey.length > 0
        ? primaryKey
        : isUnique(DEFAULT_KEY)
          ? [DEFAULT_KEY]
          : rowid === undefined
            ? []
            : [rowid];
  const [onlyKey] = keyColumns;
  if (onlyKey === undefined) return undefined;
  return {
    name,
    columns,
    keyColumns,
    key: keyColumns.length === 1 ? onlyKey : compositeKeyColumn(names),
    rowid,
    isRowidKey: keyColumns.length === 1 && (onlyKey === rowid || onlyKey === alias),
    uniques: uniques.filter((unique) => !isSameSet(unique, keyColumns)),
  };
}

/** Whether the key is the rowid itself, which VACUUM may give anew. */
export function isKeyedByRowid({ keyColumns, columns }: TableShape): boolean {
  return keyColumns.length === 1 && !columns.some(({ name }) => name === keyColumns[0]);
}

function isWithoutRowid(db: DatabaseSync, name: string): boolean {
  const sql = "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?";
  return first(prepare(db, sql), name) === 1n;
}

function readUniques(db: DatabaseSync, name: string): Unique[] {
  const uniques: Unique[] = [];
  const lists = prepare(db, 'SELECT name, partial FROM pragma_index_list(?) WHERE "unique"');
  const columnsOf = prepare(db, 'SELECT name, coll FROM pragma_index_xinfo(?) WHERE key');
  for (const [index = null, partial] of rowsOf(lists, name)) {
    const unique: Unique = { columns: [], isStrict: partial === 0n };
    for (const [column, collation] of rowsOf(columnsOf, index)) {
      if (typeof column === 'string') {
        unique.columns.push({ name: column, collation: String(collation) });
      } else unique.isStrict = false; // an expression
    }
    if (unique.columns.length > 0) uniques.push(unique);
  }
  return uniques;
}

function isSameSet({ columns }: Unique, names: readonly string[]): boolean {
  return columns.length === names.length && columns.every(({ name }) => names.includes(name));
}
