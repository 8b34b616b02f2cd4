/**
 * Values of SQLite as JSON and back.
 *
 * Integers beyond ±(2^53−1) are text of their exact digits, blobs are base64, and what JSON has no
 * number for is `Infinity` or `-Infinity` as text. In a file that the server made, columns of type ANY
 * keep every JSON value: what SQLite has no type for (true, false, arrays, objects) is a blob of JSON.
 *
 * @see SPEC 10 "Values"
 */
import { SseTableError } from '../../base/errors.ts';
import type { Json } from '../../wire/change.ts';

/** What SQLite gives, integers read as bigint, and takes. */
export type SqliteValue = null | number | bigint | string | Uint8Array;

/** How the values of a column are read and written. */
export type CellKind = 'plain' | 'blob' | 'real' | 'json';

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

const INFINITE: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** Standard base64 and base64url. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The kind of a column of that declared type. @param isOwn the server made the file. */
export function cellKind(declaredType: string, isOwn: boolean): CellKind {
  const type = declaredType.toUpperCase();
  if (type === 'ANY') return isOwn ? 'json' : 'plain';
  if (type.includes('BLOB')) return 'blob';
  return /REAL|FLOA|DOUB/.test(type) ? 'real' : 'plain';
}

/** A value read. */
export function readCell(value: SqliteValue, kind: CellKind): Json {
  switch (typeof value) {
    case 'bigint':
      return value <= MAX_SAFE && value >= -MAX_SAFE ? Number(value) : value.toString();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
      return value;
    default:
      if (value === null) return null;
      return kind === 'json' ? readJson(value) : toBase64(value);
  }
}

/**
 * A value to write.
 * @throws {SseTableError} `bad_row`: no base64 for a blob.
 */
export function writeCell(value: Json, kind: CellKind, column: string): SqliteValue {
  switch (typeof value) {
    case 'number':
      // A number bound as it is would be stored as 5.0.
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'string':
      if (kind === 'blob') return fromBase64(value, column);
      return kind === 'real' ? (INFINITE[value] ?? value) : value;
    case 'boolean':
      if (kind === 'json') return Buffer.from(String(value));
      return value ? 1n : 0n;
    default: {
      if (value === null) return null;
      const json = JSON.stringify(value);
      return kind === 'json' ? Buffer.from(json) : json;
    }
  }
}

/** A blob that is no JSON was put there by someone else. */
function readJson(bytes: Uint8Array): Json {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return toBase64(bytes);
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function fromBase64(text: string, column: string): Uint8Array {
  if (BASE64.test(text)) return Buffer.from(text, 'base64');
  throw new SseTableError('bad_row', `column "${column}" holds blobs; send base64`);
}
