/**
 * The columns of a stream: those its `init` names, and every one that a later change brings.
 *
 * @see SPEC 3.2 `init`
 */
import type { Json, Row } from '../../server/wire/change.ts';
import type { Column, ColumnType } from '../../server/wire/event.ts';

/** Grows as rows bring columns; never shrinks but by `reset`. */
export class ColumnSet {
  #list: Column[] = [];
  readonly #indexOf = new Map<string, number>();

  /** A new array after each change: its identity tells whether headings must be made anew. */
  get list(): Column[] {
    return this.#list;
  }

  /** Replaces all. The same columns again leave the array alone, and with it what is painted by it. */
  reset(columns: readonly Column[]): void {
    if (isEqual(columns, this.#list)) return;
    this.#list = columns.slice();
    this.#indexOf.clear();
    for (const [index, { name }] of columns.entries()) this.#indexOf.set(name, index);
  }

  /** Adds what the row has more, and the type of a column that was only null so far. */
  note(row: Row): void {
    for (const name in row) {
      const index = this.#indexOf.get(name);
      const known = index === undefined ? undefined : this.#list[index];
      if (known !== undefined && (known.type !== 'null' || row[name] === null)) continue;
      const at = index ?? this.#list.length;
      this.#list = this.#list.toSpliced(at, 1, { name, type: typeOf(row[name]) });
      this.#indexOf.set(name, at);
    }
  }
}

function isEqual(some: readonly Column[], others: readonly Column[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ name, type }, index) => {
      const other = others[index];
      return name === other?.name && type === other.type;
    })
  );
}

function typeOf(value: Json | undefined): ColumnType {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'object') return 'json';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'boolean';
}
