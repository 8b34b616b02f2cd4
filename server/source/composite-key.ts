/**
 * The key of a row whose primary key has several columns: one text, in a column of its own.
 *
 * `('a,b', 7)` is `a%2Cb,7`: readable in a URL, and no two keys give the same text.
 *
 * @see SPEC 1 "Row: a plain JSON object with a key column"
 */
import type { Key } from '../wire/change.ts';

/** The name of that column; underscores go before it where a column of the table has the name. */
const KEY_COLUMN = 'key';

/** The text of a key of several parts. */
export function joinKey(parts: readonly Key[]): string {
  return parts.map((part) => encodeURIComponent(String(part).toWellFormed())).join(',');
}

/** The parts of such a text as texts; undefined when it is none of `count` parts. */
export function splitKey(text: string, count: number): string[] | undefined {
  const parts = text.split(',');
  if (parts.length !== count) return undefined;
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined; // a malformed escape: no key of ours
  }
}

/** A name for the key column that no column of the table has. */
export function compositeKeyColumn(columns: Iterable<string>): string {
  const taken = new Set(columns);
  let name = KEY_COLUMN;
  while (taken.has(name)) name = `_${name}`;
  return name;
}
