/**
 * How a change meets the row that is held: pure functions that never mutate a row.
 *
 * @see SPEC 3.2 (`update` carries the key and the changed columns), 10 ("Upsert replaces; PATCH merges")
 */
import { type Json, type Row, setColumn } from '../wire/change.ts';

/** What an `update` on the stream says: the key, the columns that changed, those that went away. */
export interface Difference {
  data: Row;
  removed: string[] | undefined;
}

/** `held` with the columns of `data` set and those of `removed` taken away. */
export function mergeRow(held: Row, data: Row, removed: readonly string[] | undefined): Row {
  const merged = { ...held, ...data };
  for (const column of removed ?? []) {
    if (!Object.hasOwn(data, column)) delete merged[column];
  }
  return merged;
}

/**
 * What changed from `before` to `after`.
 * @returns undefined when nothing did: such a change is not one.
 */
export function difference(before: Row, after: Row, key: string): Difference | undefined {
  let data: Row | undefined;
  for (const column in after) {
    const value = after[column];
    const old = Object.hasOwn(before, column) ? before[column] : undefined;
    if (value === undefined || isSame(value, old)) continue;
    data ??= keyOnly(after, key);
    setColumn(data, column, value);
  }
  let removed: string[] | undefined;
  for (const column in before) {
    if (Object.hasOwn(after, column)) continue;
    removed ??= [];
    removed.push(column);
  }
  if (data === undefined && removed === undefined) return undefined;
  return { data: data ?? keyOnly(after, key), removed };
}

/** A row of nothing but the key column: the start of an update, the whole of a delete. */
export function keyOnly(row: Row, key: string): Row {
  const data: Row = {};
  const value = row[key];
  if (value !== undefined) setColumn(data, key, value);
  return data;
}

/** Equal as JSON; the order of members does not matter. */
function isSame(a: Json, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isSame(item, b[index]));
  }
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const item = a[name];
      return item !== undefined && Object.hasOwn(b, name) && isSame(item, b[name]);
    })
  );
}
