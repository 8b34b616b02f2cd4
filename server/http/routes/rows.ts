/**
 * Writing rows: upsert, merge, delete.
 *
 * @see SPEC 3.1, 10 "Upsert replaces the row; PATCH merges"
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import { checkRow } from '../../table/row.ts';
import type { Table } from '../../table/table.ts';
import type { Tables } from '../../table/tables.ts';
import { type Change, type Row, setColumn } from '../../wire/change.ts';
import { formatEventId } from '../../wire/event-id.ts';
import { isJson, mediaTypeOf, readJson, unsupported } from '../body.ts';
import { checkIfMatch, etagOf } from '../etag.ts';
import { type Exchange, param } from '../exchange.ts';
import { sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import { takeRows } from '../take-rows.ts';
import { unknownRow } from './tables.ts';

const NDJSON_TYPES = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
]);

export interface RowRoutesDeps {
  clock: Clock;
  tables: Tables;
  readOnly: boolean;
  /** Whether a POST to an unknown table makes it, and with which key column. */
  create: { key: string } | undefined;
  /** Bytes of a JSON body, and of one line of NDJSON or CSV. */
  maxBodyBytes: number;
}

export function rowRoutes(deps: RowRoutesDeps): Route[] {
  const { tables } = deps;

  function upsert(exchange: Exchange): Promise<void> {
    checkWritable(deps.readOnly);
    const name = param(exchange, 'table');
    const mediaType = mediaTypeOf(exchange.request);
    // Looked at before the body: nobody sends a gigabyte to be told that there is no such table.
    const key =
      deps.create === undefined ? tables.require(name).key : keyFor(name, deps.create.key);
    return isJson(mediaType)
      ? upsertJson(exchange, name, key)
      : upsertLines(exchange, name, key, mediaType);
  }

  async function upsertJson(exchange: Exchange, name: string, key: string): Promise<void> {
    const body = await readJson(exchange, deps);
    if (body === undefined) throw new SseTableError('bad_json', 'the body is empty; send a row');
    const rows = Array.isArray(body) ? checkRows(body, key) : [checkRow(body, key)];
    const ifMatch = exchange.request.headers['if-match'];
    if (ifMatch !== undefined) {
      const held = tables.require(name);
      for (const row of rows) checkIfMatch(ifMatch, held, String(row[key]));
    }
    const changes = rows.map((data): Change => ({ type: 'add', data }));
    const table = await tables.write({ name, key }, changes);
    sendUpserted(exchange, table, rows.length);
  }

  async function upsertLines(
    exchange: Exchange,
    name: string,
    key: string,
    mediaType: string,
  ): Promise<void> {
    const kind =
      mediaType === 'text/csv' ? 'csv' : NDJSON_TYPES.has(mediaType) ? 'ndjson' : undefined;
    if (kind === undefined) {
      throw unsupported(mediaType, 'application/json, application/x-ndjson or text/csv');
    }
    if (exchange.request.headers['if-match'] !== undefined) {
      throw new SseTableError('bad_request', 'If-Match goes with a JSON body, not with lines');
    }
    const count = await takeRows(exchange, kind, {
      clock: deps.clock,
      key,
      maxLineBytes: deps.maxBodyBytes,
      apply: (changes) => tables.write({ name, key }, changes),
    });
    // A body without a row still makes its table.
    const table = count === 0 ? await tables.write({ name, key }, []) : tables.require(name);
    sendUpserted(exchange, table, count);
  }

  async function patch(exchange: Exchange): Promise<void> {
    checkWritable(deps.readOnly);
    const name = param(exchange, 'table');
    const key = param(exchange, 'key');
    tables.require(name);
    const body = await readJson(exchange, deps);
    // Looked up after the body has come: it may have taken its time.
    const held = tables.require(name);
    const before = held.get(key);
    if (before === undefined) throw unknownRow(held, key);
    checkIfMatch(exchange.request.headers['if-match'], held, key);
    const data = checkPatch(body, held, before);
    const table = await tables.write(held, [{ type: 'update', data }]);
    const version = formatEventId(table.epoch, table.seqOf(key) ?? table.seq);
    sendSuccess(exchange, { count: 1, data: table.get(key), version }, { ETag: etagOf(version) });
  }

  async function remove(exchange: Exchange): Promise<void> {
    checkWritable(deps.readOnly);
    const held = tables.require(param(exchange, 'table'));
    const key = param(exchange, 'key');
    const row = held.get(key);
    if (row === undefined) throw unknownRow(held, key);
    checkIfMatch(exchange.request.headers['if-match'], held, key);
    const data: Row = {};
    setColumn(data, held.key, row[held.key] ?? key);
    const table = await tables.write(held, [{ type: 'delete', data }]);
    sendSuccess(exchange, { count: 1, version: table.version });
  }

  function keyFor(name: string, fallback: string): string {
    return tables.get(name)?.key ?? fallback;
  }

  return [
    { method: 'POST', pattern: '/api/tables/:table', permission: 'sse:write', handle: upsert },
    { method: 'PATCH', pattern: '/api/tables/:table/:key', permission: 'sse:write', handle: patch },
    {
      method: 'DELETE',
      pattern: '/api/tables/:table/:key',
      permission: 'sse:write',
      handle: remove,
    },
  ];
}

function checkWritable(readOnly: boolean): void {
  if (readOnly) throw new SseTableError('read_only', 'this server is read-only (--read-only)');
}

/** @throws {SseTableError} naming the row's place in the array, counted from 1. */
function checkRows(values: readonly unknown[], key: string): Row[] {
  return values.map((value, index) => {
    try {
      return checkRow(value, key);
    } catch (error) {
      if (!(error instanceof SseTableError)) throw error;
      const message = `row ${index + 1} of ${values.length}: ${error.message}; no row was taken`;
      throw new SseTableError(error.code, message, { cause: error });
    }
  });
}

/** The columns to merge, the key column in the table's own form among them. */
function checkPatch(body: unknown, table: Table, before: Row): Row {
  if (body === undefined) throw new SseTableError('bad_json', 'the body is empty; send columns');
  const key = before[table.key];
  // A key that differs would be another row; one that is missing is this row's.
  const given = isObject(body) && Object.hasOwn(body, table.key) ? body[table.key] : key;
  if (String(given) !== String(key)) {
    throw new SseTableError(
      'bad_key',
      `the key column "${table.key}" of a row cannot change; add a new row and delete this one`,
    );
  }
  const columns = checkRow(isObject(body) ? withKey(body, table.key, key) : body, table.key);
  checkRow({ ...before, ...columns }, table.key);
  return columns;
}

function withKey(body: object, column: string, key: unknown): Record<string, unknown> {
  const row = { ...body };
  Object.defineProperty(row, column, {
    value: key,
    writable: true,
    enumerable: true,
    configurable: true,
  });
  return row;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sendUpserted(exchange: Exchange, table: Table, count: number): void {
  sendSuccess(exchange, { count, version: table.version });
}
