/**
 * The order a reader asked for: read from text, toggled by headings, and as a comparison of rows.
 *
 * @see FRONTEND 4 "Sort", SPEC 3.1 "Views"
 */
import type { Json, Row } from '../../server/wire/change.ts';

/** One column of an order. */
export interface SortKey {
  readonly field: string;
  readonly isDescending: boolean;
}

/** Negative: `a` comes first. */
export type Compare = (a: Row, b: Row) => number;

/** Reads `score.desc,name`, as in a view's `order`. */
export function parseSort(text: string): SortKey[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => ({
      field: part.replace(/\.(asc|desc)$/, ''),
      isDescending: part.endsWith('.desc'),
    }));
}

/** The inverse of `parseSort`. */
export function formatSort(keys: readonly SortKey[]): string {
  return keys.map(({ field, isDescending }) => (isDescending ? `${field}.desc` : field)).join();
}

/**
 * The order after a heading was used: ascending, descending, none, by turns.
 * @param keepsOthers the other columns stay; a new one comes last.
 */
export function toggleSort(
  keys: readonly SortKey[],
  field: string,
  keepsOthers: boolean,
): SortKey[] {
  const at = keys.findIndex((key) => key.field === field);
  const next = keys[at]?.isDescending ? [] : [{ field, isDescending: at !== -1 }];
  if (!keepsOthers) return next;
  return at === -1 ? [...keys, ...next] : keys.toSpliced(at, 1, ...next);
}

/**
 * Numbers by size before texts by the collator; what is missing is last in either direction.
 * @returns undefined for no order.
 */
export function createCompare(
  keys: readonly SortKey[],
  collator: Intl.Collator,
): Compare | undefined {
  if (keys.length === 0) return undefined;
  return (a, b) => {
    for (const { field, isDescending } of keys) {
      const x = a[field] ?? null;
      const y = b[field] ?? null;
      if (x === y) continue;
      if (x === null) return 1;
      if (y === null) return -1;
      const difference = compareValues(x, y, collator);
      if (difference !== 0) return isDescending ? -difference : difference;
    }
    return 0;
  };
}

function compareValues(x: Json, y: Json, collator: Intl.Collator): number {
  if (typeof x === 'number') return typeof y === 'number' ? x - y : -1;
  return typeof y === 'number' ? 1 : collator.compare(textOf(x), textOf(y));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
