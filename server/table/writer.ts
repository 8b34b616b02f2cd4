/**
 * A Writer: the store behind a table, which takes writes before the table shows them.
 *
 * @see SPEC 10 "HTTP writes reach SQLite and PostgreSQL"
 */
import type { Change, Key, Row } from '../wire/change.ts';

/** Takes changes for tables of one store. */
export interface Writer {
  /**
   * Applies all changes or none: an `add` replaces the row, an `update` merges columns, a `delete`
   * of no row does nothing. Resolves when they are durable and the table in memory shows them.
   * @returns how many rows were written.
   * @throws {SseTableError} `read_only`; `bad_row`, `unknown_column`, `conflict` with what the store
   * says against it; `overloaded` when it stays locked or is away.
   */
  write(table: string, changes: readonly Change[]): Promise<number>;
  /**
   * Adds a row whose key the store makes; else as `write`. Undefined: this store makes no keys.
   * @returns the key.
   */
  readonly insert?: ((table: string, row: Row) => Promise<Key>) | undefined;
  /**
   * Makes a table and writes its first rows, as `write` does. Undefined: this store makes no tables.
   */
  readonly create?:
    | ((table: string, key: string, changes: readonly Change[]) => Promise<number>)
    | undefined;
}
