/**
 * Cells: how a view reads, compares and orders the values in a row.
 *
 * @see SPEC 3.1 "Views"
 */
import type { Json, Row } from '../../wire/change.ts';

/** A decimal number as people and JSON write it: no hexadecimal, no `Infinity`, no blanks. */
const NUMERIC = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Where a kind of value stands in an order: numbers, then texts, then the rest; null is last. */
const RANK = { number: 0, string: 1, boolean: 2, object: 3 } as const;

/** The value in `column`; null when there is none. `constructor` is an ordinary column. */
export function cellOf(row: Row, column: string): Json {
  return Object.hasOwn(row, column) ? (row[column] ?? null) : null;
}

/** The text that a filter compares: a string as it is, anything else as its JSON. */
export function textOf(cell: Json): string {
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

/** The number that `text` writes, undefined if it is none. */
export function numberOf(text: string): number | undefined {
  return NUMERIC.test(text) ? Number(text) : undefined;
}

/**
 * A total order over all values but null: numbers by size, texts by code unit, booleans, then
 * nested values by their JSON.
 */
export function compareCells(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const kinds = rankOf(a) - rankOf(b);
  return kinds === 0 ? compareTexts(textOf(a), textOf(b)) : kinds;
}

/** By code unit, as `<` does: the same on every machine, whatever its language. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function rankOf(cell: Json): number {
  switch (typeof cell) {
    case 'number':
      return RANK.number;
    case 'string':
      return RANK.string;
    case 'boolean':
      return RANK.boolean;
    default:
      return RANK.object;
  }
}
