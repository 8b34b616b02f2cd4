/**
 * The columns a table has shown so far, with the JSON type of each.
 *
 * @see SPEC 3.1 "columns (name, type)"
 */
import type { Json, Row } from '../wire/change.ts';
import type { Column, ColumnType } from '../wire/event.ts';

/** Distinct columns remembered: rows with ever new columns must not grow this for ever. */
const MAX_COLUMNS = 1_000;

/** Collects column names and types from rows, in order of first appearance. */
export class Columns {
  #types = new Map<string, ColumnType>();

  /** Takes over what was seen elsewhere. */
  restore(columns: readonly Column[]): void {
    for (const { name, type } of columns) this.#types.set(name, type);
  }

  /** Takes note of the columns in `row`. */
  see(row: Row): void {
    for (const name in row) {
      const type = typeOf(row[name]);
      const known = this.#types.get(name);
      if (known === type || known === 'mixed') continue;
      if (known === undefined) {
        if (this.#types.size < MAX_COLUMNS) this.#types.set(name, type);
      } else if (known === 'null') this.#types.set(name, type);
      else if (type !== 'null') this.#types.set(name, 'mixed');
    }
  }

  /** Name and type of each column; a column that has only been null so far has type `null`. */
  list(): Column[] {
    return Array.from(this.#types, ([name, type]) => ({ name, type }));
  }
}

function typeOf(value: Json | undefined): ColumnType {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    default:
      return value === null ? 'null' : 'json';
  }
}
