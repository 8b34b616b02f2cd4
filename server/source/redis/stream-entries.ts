/**
 * Entries of a Redis stream as rows.
 *
 * @see SPEC 10 "Redis: the key column is `id` (the entry's id), or `--key field`"
 */
import { typeCell } from '../../table/lines/csv-cell.ts';
import { type Row, setColumn } from '../../wire/change.ts';
import type { Reply } from './redis-connection.ts';

/** The key column where an entry is a row of its own. */
export const ENTRY_KEY = 'id';

export interface StreamEntry {
  id: string;
  /** undefined: the entry has no fit value in its key field. */
  row: Row | undefined;
}

/** What XINFO says of a stream; all zero where there is none. */
export interface StreamInfo {
  length: number;
  firstId: string | undefined;
  lastId: string;
  /** Entries ever added; before Redis 7, which does not say, those that are there. */
  added: number;
}

/** The entries of an XRANGE reply. @throws {TypeError} where it is none. */
export function readEntries(reply: Reply, key: string | undefined): StreamEntry[] {
  return listOf(reply).map((entry) => {
    const [id, fields] = listOf(entry);
    if (typeof id !== 'string') throw unexpected(entry);
    // An entry that was deleted while others wait for it has no fields.
    return { id, row: readRow(id, listOf(fields ?? []), key) };
  });
}

/** The entries of an XREAD reply for one stream; null when the time is up. */
export function readXread(reply: Reply, key: string | undefined): StreamEntry[] {
  if (reply === null) return [];
  const [stream] = listOf(reply);
  return readEntries(listOf(stream ?? [])[1] ?? [], key);
}

/** The reply of XINFO STREAM: names and values in turn. */
export function readInfo(reply: Reply): StreamInfo {
  const list = listOf(reply);
  const read = (name: string): Reply => {
    const index = list.indexOf(name);
    return index < 0 ? null : (list[index + 1] ?? null);
  };
  const first = read('first-entry');
  const firstId = first === null ? undefined : listOf(first)[0];
  const [length, lastId] = [read('length'), read('last-generated-id')];
  if (typeof length !== 'number' || typeof lastId !== 'string') throw unexpected(reply);
  const added = read('entries-added');
  return {
    length,
    firstId: typeof firstId === 'string' ? firstId : undefined,
    lastId,
    added: typeof added === 'number' ? added : length,
  };
}

/** Below 0: `a` is older than `b`. Ids are `<ms>-<count>`, of up to 20 digits each. */
export function compareIds(a: string, b: string): number {
  const [aMs = '0', aCount = '0'] = a.split('-');
  const [bMs = '0', bCount = '0'] = b.split('-');
  return compareDigits(aMs, bMs) || compareDigits(aCount, bCount);
}

function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

function readRow(id: string, fields: readonly Reply[], key: string | undefined): Row | undefined {
  const row: Row = {};
  if (key === undefined) setColumn(row, ENTRY_KEY, id);
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [name, value] = [fields[i], fields[i + 1]];
    if (typeof name !== 'string' || typeof value !== 'string') throw unexpected(value ?? null);
    setColumn(row, key === undefined ? beside(name) : name, typeCell(value));
  }
  if (key === undefined) return row;
  const value = Object.hasOwn(row, key) ? row[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? row : undefined;
}

/** A field named as the key column goes beside it: `id` is `_id`, `_id` is `__id`. */
function beside(name: string): string {
  return /^_*id$/.test(name) ? `_${name}` : name;
}

function listOf(reply: Reply): Reply[] {
  if (Array.isArray(reply)) return reply;
  throw unexpected(reply);
}

function unexpected(reply: Reply): TypeError {
  return new TypeError(`Redis answers what is no stream: ${JSON.stringify(reply)?.slice(0, 100)}`);
}
