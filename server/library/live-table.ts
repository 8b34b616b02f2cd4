/**
 * A LiveTable: a table in a program's hands. Rows are copied and checked, and what changes is on
 * every stream at once.
 *
 * @see SPEC 4 "orders.upsert(row | rows); orders.delete(key)", 10 "Upsert replaces, PATCH merges"
 */
import { SseTableError } from '../base/errors.ts';
import { checkKey, checkRow } from '../table/row.ts';
import type { Table } from '../table/table.ts';
import type { Change, Key, Row } from '../wire/change.ts';
import { copyJson } from './copy-json.ts';

/** `Held` is the type of its rows. */
export class LiveTable<Held extends object = Row> {
  readonly #table: () => Table;
  readonly name: string;
  /** The key column. */
  readonly key: string;

  /** @param table the table of this name; another may take its place. */
  constructor(name: string, key: string, table: () => Table) {
    this.name = name;
    this.key = key;
    this.#table = table;
  }

  /** Rows held. */
  get size(): number {
    return this.#table().size;
  }

  /** The event id of the newest change. */
  get version(): string {
    return this.#table().version;
  }

  /** The row of `key`, not to be changed. */
  get(key: Key): Readonly<Held> | undefined {
    return this.#table().get(key) as Held | undefined; // what upsert was given
  }

  /** All rows, not to be changed, in order of first appearance. */
  rows(): Readonly<Held>[] {
    return this.#table().rows() as Held[];
  }

  /**
   * Adds rows, or replaces those of the same keys: all or none.
   * @returns how many were new or different.
   * @throws {SseTableError} `bad_row`, `bad_key`, `table_full`.
   */
  upsert(rows: Held | readonly Held[]): number {
    return this.apply(listOf(rows).map((row) => ({ type: 'add', data: this.#rowOf(row) })));
  }

  /**
   * Merges columns into rows: each has the key and what changes. A row that is not there is added.
   * @returns how many were changed.
   * @throws {SseTableError} as `upsert`.
   */
  patch(rows: Partial<Held> | readonly Partial<Held>[]): number {
    return this.apply(listOf(rows).map((row) => ({ type: 'update', data: this.#rowOf(row) })));
  }

  /**
   * Deletes rows by their keys.
   * @returns how many were there.
   * @throws {SseTableError} `bad_key`.
   */
  delete(keys: Key | readonly Key[]): number {
    const { key } = this;
    return this.apply(
      listOf(keys).map((value) => ({ type: 'delete', data: { [key]: checkKey(value, key) } })),
    );
  }

  /** Applies changes in order. @returns how many took effect. @throws {SseTableError} `table_full`. */
  apply(changes: readonly Change[]): number {
    return this.#table().apply(changes);
  }

  #rowOf(row: object): Row {
    try {
      return checkRow(copyJson(row, 'row'), this.key);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new SseTableError('bad_row', error.message, { cause: error });
    }
  }
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
