/**
 * The columns of a PostgreSQL table, and how their values become JSON and come back.
 *
 * Values travel as PostgreSQL's own texts, which are exact: integers and numerics become numbers where
 * a double holds them, else strings; timestamps ISO 8601; bytea base64; json, arrays and composite types
 * JSON; anything else its text, enums and uuids among them.
 *
 * @see SPEC 6, 10 "Values"
 */
import { SseTableError } from '../../base/errors.ts';
import type { Json } from '../../wire/change.ts';
import { exactNumber, parseExact } from './exact.ts';
import { quoteName } from './quote.ts';

/** How a value is read; told by the type under a domain. */
export type ColumnKind =
  | 'number'
  | 'float'
  | 'boolean'
  | 'timestamp'
  | 'bytes'
  | 'json'
  | 'structure'
  | 'text';

/** A column as the catalogs have it. */
export interface PostgresColumn {
  name: string;
  /** As in a cast: `bigint`, `character varying(20)`, `public.mood`. */
  type: string;
  kind: ColumnKind;
  /** Computed by the database: `stored` cannot be written at all, `identity` only when a row is made. */
  generated: 'stored' | 'identity' | undefined;
}

/** Levels within which a column's JSON must stay, the row being one of SPEC's 64. */
const MAX_DEPTH = 63;

/** Built-in types by their oid, which never changes. */
const KIND_OF_OID: ReadonlyMap<number, ColumnKind> = new Map([
  [16, 'boolean'],
  [17, 'bytes'],
  [20, 'number'], // bigint
  [21, 'number'],
  [23, 'number'],
  [26, 'number'], // oid
  [114, 'json'],
  [700, 'float'],
  [701, 'float'],
  [1082, 'text'], // a date is ISO already
  [1114, 'timestamp'],
  [1184, 'timestamp'],
  [1700, 'number'],
  [3802, 'json'],
]);

/** @param oid of the type under any domain. @param isStructure an array or a composite type. */
export function kindOfType(oid: number, isStructure: boolean): ColumnKind {
  return KIND_OF_OID.get(oid) ?? (isStructure ? 'structure' : 'text');
}

/** What to select for a column; the result is read as text. */
export function selectSql({ name, kind }: PostgresColumn, alias: string): string {
  const column = `${alias}.${quoteName(name)}`;
  return kind === 'structure' ? `to_json(${column})` : column;
}

/** A value from its text. */
export function decodeValue(kind: ColumnKind, text: string | null): Json {
  if (text === null) return null;
  switch (kind) {
    case 'number':
      return exactNumber(text);
    case 'float':
      return Number.isFinite(Number(text)) ? Number(text) : text; // NaN and Infinity
    case 'boolean':
      return text === 't';
    case 'timestamp':
      return toIso(text);
    case 'bytes':
      return Buffer.from(text.slice(2), 'hex').toString('base64'); // it begins with \x
    case 'json':
    case 'structure':
      return decodeJson(text);
    case 'text':
      return text;
  }
}

/**
 * A value as `jsonb_populate_recordset` takes it.
 * @throws {SseTableError} `bad_row` for bytea that is not base64.
 */
export function encodeValue({ name, kind }: PostgresColumn, value: Json): Json {
  return kind === 'bytes' && value !== null ? `\\x${bytesOf(name, value).toString('hex')}` : value;
}

function bytesOf(column: string, value: Json): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0) {
    return Buffer.from(value, 'base64');
  }
  throw new SseTableError('bad_row', `column "${column}" is bytea; send it as base64`);
}

/** `2026-11-21 00:39:57.12+00` is `2026-11-21T00:39:57.12Z`; infinity and years BC stay as they are. */
function toIso(text: string): string {
  if (!/^\d{4,} ?-?/.test(text) || text.endsWith('BC')) return text;
  return text.replace(' ', 'T').replace(/\+00$/, 'Z');
}

/** JSON nested deeper than a row may be stays a text. */
function decodeJson(text: string): Json {
  const value = parseExact(text);
  return isWithin(value, MAX_DEPTH) ? value : text;
}

function isWithin(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  const children = Array.isArray(value) ? value : Object.values(value);
  return children.every((child) => isWithin(child, levels - 1));
}
