/**
 * What may become a Row: the one check at every edge (HTTP bodies, lines, files).
 *
 * @see SPEC 10 "Values", "Keys"
 */
import { SseTableError } from '../base/errors.ts';
import type { Key, Row } from '../wire/change.ts';

/** Levels of nesting in a row, the row itself counted: deeper values are mistakes or attacks. */
export const MAX_ROW_DEPTH = 64;

/** Columns of one row: a table wider than this is a mistake, and each column costs every client. */
export const MAX_ROW_COLUMNS = 1_000;

/** Characters of a key's string form: keys are repeated in every delete and sync. */
const MAX_KEY_LENGTH = 1_024;

/**
 * Accepts a value parsed from JSON or CSV as a row of a table keyed by `key`.
 * @returns the same object.
 * @throws {SseTableError} `bad_row`: not an object, too deep, too wide; `bad_key`: the key column is
 * missing, not a string or number, empty, or too long.
 */
export function checkRow(value: unknown, key: string): Row {
  if (!isRow(value)) {
    throw new SseTableError('bad_row', `a row must be a JSON object, not ${kindOf(value)}`);
  }
  let columns = 0;
  for (const column in value) {
    columns++;
    const cell = value[column];
    if (typeof cell === 'object' && cell !== null && !isWithinDepth(cell, MAX_ROW_DEPTH - 1)) {
      throw new SseTableError(
        'bad_row',
        `column "${column}" is nested more than ${MAX_ROW_DEPTH} levels deep`,
      );
    }
  }
  if (columns > MAX_ROW_COLUMNS) {
    throw new SseTableError(
      'bad_row',
      `a row of ${columns} columns; at most ${MAX_ROW_COLUMNS} are allowed`,
    );
  }
  checkKey(Object.hasOwn(value, key) ? value[key] : undefined, key);
  return value;
}

/**
 * Accepts a value as a key.
 * @throws {SseTableError} `bad_key` naming the value and the key column.
 */
export function checkKey(value: unknown, key: string): Key {
  if (value === undefined) {
    throw new SseTableError('bad_key', `the key column "${key}" is missing`);
  }
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new SseTableError(
      'bad_key',
      `the key column "${key}" is ${kindOf(value)}; it must be a string or a number`,
    );
  }
  if (value === '') throw new SseTableError('bad_key', `the key column "${key}" is empty`);
  if (typeof value === 'string' && value.length > MAX_KEY_LENGTH) {
    throw new SseTableError(
      'bad_key',
      `the key in column "${key}" has ${value.length} characters; at most ${MAX_KEY_LENGTH} are allowed`,
    );
  }
  return value;
}

/** The key of a row that an edge has checked. */
export function keyOf(row: Row, key: string): Key {
  const value = row[key];
  if (typeof value === 'string' || typeof value === 'number') return value;
  throw new SseTableError('bad_key', `the key column "${key}" is missing`);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithinDepth(value: object, levels: number): boolean {
  if (levels === 0) return false;
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !isWithinDepth(child, levels - 1)) {
      return false;
    }
  }
  return true;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
