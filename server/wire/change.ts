/**
 * A Change: `add`, `update` or `delete` of one Row. Set-semantics, so applying one twice is harmless.
 *
 * @see SPEC 1, 3.2, 10 ("Upsert replaces, PATCH merges")
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** A plain JSON object with a key column. `__proto__` and `constructor` are ordinary columns. */
export type Row = { [column: string]: Json };

/** What identifies a Row. Compared by its string form: `1` and `'1'` are one row. */
export type Key = string | number;

/**
 * The one form under which a key is looked up: keys of one string form share it.
 * It is a number wherever it can be: a Map finds numbers 3 times faster than the strings made of them.
 */
export function keyId(key: Key): Key {
  if (typeof key === 'number' || !MAY_BE_NUMBER.test(key)) return key;
  const number = Number(key);
  return String(number) === key ? number : key;
}

/** What the string form of a number can begin with. */
const MAY_BE_NUMBER = /^[-\d]/;

/** The whole row. Over a row already held it replaces it, and becomes an `update` on the stream. */
export interface Add {
  type: 'add';
  data: Row;
  /** For people: "Added user: Li Si". */
  message?: string;
}

/** The key and the columns that changed; `removed` names columns that went away. */
export interface Update {
  type: 'update';
  data: Row;
  removed?: string[];
  message?: string;
}

/** At least the key column. */
export interface Delete {
  type: 'delete';
  data: Row;
  message?: string;
}

export type Change = Add | Update | Delete;

/**
 * Sets a column so that `__proto__` stays an ordinary one.
 * Plain assignment to `row['__proto__']` would change the prototype and lose the value.
 */
export function setColumn(row: Row, column: string, value: Json): void {
  if (column === '__proto__') {
    Object.defineProperty(row, column, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    row[column] = value;
  }
}
