/**
 * A cell's value as it is typed, and what was typed as a value.
 *
 * @see FRONTEND 4 "Editing"
 */
import type { Json } from '../../server/wire/change.ts';
import type { ColumnType } from '../../server/wire/event.ts';

/** What an editor starts with. */
export function toTyped(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * What was typed, as a value of the column's type. Nothing is null, but in a column of texts only where
 * it was null before.
 * @throws {SyntaxError} where it is none.
 */
export function fromTyped(text: string, type: ColumnType, before: Json): Json {
  const isText = type === 'string' || typeof before === 'string';
  if (isText) return text === '' && before === null ? null : text;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (type === 'number' || type === 'boolean' || type === 'json') {
    const value: Json = JSON.parse(trimmed);
    if (type !== 'json' && typeof value !== type) throw new SyntaxError(`no ${type}: ${trimmed}`);
    return value;
  }
  // Of no one type: a number where it reads as one.
  return String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}
