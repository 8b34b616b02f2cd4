/**
 * When an event says that it was made.
 */

/** Looked for in this order, in the event's JSON and then in its `data`. */
const MEMBERS = ['timestamp', 'time', 'ts', 'created_at', 'createdAt', 'date', 'at'];

/** A number above each is in the finer unit: seconds reach it in the year 5138, ms in 1973. */
const SECONDS_BELOW = 1e11;
const MS_BELOW = 1e14;
const MICROS_BELOW = 1e17;

/** An ISO 8601 instant; `Date.parse` alone makes dates of nearly anything. */
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;

type Json = Readonly<Record<string, unknown>>;

export interface EventTime {
  /** The member's path: `data.created_at`. */
  path: string;
  /** Milliseconds since the Unix epoch. */
  atMs: number;
}

/**
 * The time that the JSON of an event bears.
 * @param path where it is, as in `data.created_at`; undefined looks for it.
 */
export function readEventTime(json: string, path?: string): EventTime | undefined {
  const event = parse(json);
  if (event === undefined) return undefined;
  if (path !== undefined) {
    let value: unknown = event;
    for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined;
    const atMs = readInstant(value);
    return atMs === undefined ? undefined : { path, atMs };
  }
  return find(event, '') ?? (isObject(event.data) ? find(event.data, 'data.') : undefined);
}

function find(object: Json, prefix: string): EventTime | undefined {
  for (const name of MEMBERS) {
    const atMs = readInstant(object[name]);
    if (atMs !== undefined) return { path: prefix + name, atMs };
  }
  return undefined;
}

function readInstant(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const ms = ISO.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(ms)) return ms;
    return /^\d{10,19}(\.\d+)?$/.test(value) ? readInstant(Number(value)) : undefined;
  }
  if (typeof value !== 'number' || value < 1e9) return undefined; // a count, not a time
  if (value < SECONDS_BELOW) return value * 1e3;
  if (value < MS_BELOW) return value;
  return value < MICROS_BELOW ? value / 1e3 : value / 1e6;
}

function parse(json: string): Json | undefined {
  if (json[0] !== '{') return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // text that begins with a brace
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
