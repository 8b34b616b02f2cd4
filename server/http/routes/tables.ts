/**
 * Reading tables: the list, all rows in three formats, one row, and the live stream.
 *
 * @see SPEC 3.1, 3.2
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Channels } from '../../stream/channels.ts';
import { MAX_FULL_ROWS } from '../../stream/encoder.ts';
import type { Table } from '../../table/table.ts';
import type { Tables } from '../../table/tables.ts';
import { parseView, RESERVED_PARAMETERS } from '../../table/view/parse-view.ts';
import type { View } from '../../table/view/view.ts';
import { formatEventId } from '../../wire/event-id.ts';
import { attachment } from '../attachment.ts';
import { etagOf, isNotModified } from '../etag.ts';
import { type Exchange, param } from '../exchange.ts';
import { htmlFormat } from '../html-format.ts';
import { prefer } from '../negotiate.ts';
import { sendEmpty, sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import { csvFormat, jsonFormat, ndjsonFormat, type RowsFormat } from '../rows-format.ts';
import { RowLists, sendRows } from '../send-rows.ts';
import type { StreamDoor } from '../serve-stream.ts';

/** Read by `parseView`, beside a filter for each column. */
const VIEW_PARAMETERS = ['select', 'order', 'limit'] as const;

const MEDIA_TYPES = ['application/json', 'text/csv', 'application/x-ndjson'] as const;

/** `html` is asked for by `?format=html` only: a browser that follows a link accepts it as well. */
type Representation = 'json' | 'csv' | 'ndjson' | 'html';

const REPRESENTATIONS: Readonly<Record<(typeof MEDIA_TYPES)[number], Representation>> = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
};

export interface TableRoutesDeps {
  clock: Clock;
  tables: Tables;
  channels: Channels;
  door: StreamDoor;
  stallTimeoutMs: number;
  csvSafe: boolean;
  /** Whether `?token=` is a parameter that is understood. */
  tokenInQuery: boolean;
}

export function tableRoutes(deps: TableRoutesDeps): Route[] {
  const { tables, channels, door } = deps;
  const lists = new RowLists();
  const common = deps.tokenInQuery ? ['token'] : [];

  function listTables(exchange: Exchange): void {
    const visible = tables.list().filter((table) => exchange.caller.may('sse:read', table.name));
    sendSuccess(exchange, { data: visible.map(describeTable) }, { 'Cache-Control': 'no-cache' });
  }

  async function getRows(exchange: Exchange): Promise<void> {
    const table = tables.require(param(exchange, 'table'));
    checkReserved(exchange.query, [...VIEW_PARAMETERS, 'format', ...common]);
    const view = parseView(exchange.query, table);
    const representation = representationOf(exchange);
    const version = versionOf(table, view);
    const etag = etagOf(version, representation === 'json' ? undefined : representation);
    const headers: Record<string, string> = {
      ETag: etag,
      'Cache-Control': 'no-cache',
      Vary: 'Accept',
    };
    if (isNotModified(exchange.request.headers['if-none-match'], etag)) {
      sendEmpty(exchange, 304, headers);
      return;
    }
    if (representation === 'csv') headers['Content-Disposition'] = attachment(`${table.name}.csv`);
    const format = formatOf(representation, table, view, deps.csvSafe);
    await sendRows(exchange, lists.at(table, view), format, headers, deps);
  }

  function getRow(exchange: Exchange): void {
    const table = tables.require(param(exchange, 'table'));
    const key = param(exchange, 'key');
    checkKnown(exchange.query.keys(), common);
    const row = table.get(key);
    const seq = table.seqOf(key);
    if (row === undefined || seq === undefined) throw unknownRow(table, key);
    const version = formatEventId(table.epoch, seq);
    const headers = { ETag: etagOf(version), 'Cache-Control': 'no-cache' };
    if (isNotModified(exchange.request.headers['if-none-match'], etagOf(version))) {
      sendEmpty(exchange, 304, headers);
    } else {
      sendSuccess(exchange, { data: row, version }, headers);
    }
  }

  async function streamTable(exchange: Exchange): Promise<void> {
    const table = await door.attempt(exchange, () => tables.require(param(exchange, 'table')));
    if (table === undefined) return;
    checkReserved(exchange.query, [...VIEW_PARAMETERS, 'full', 'lastEventId', ...common]);
    const view = parseView(exchange.query, table);
    const full = isFull(exchange.query, table);
    await door.serve(exchange, () => channels.of(table, { full, view }));
  }

  return [
    { method: 'GET', pattern: '/api/tables', permission: 'any', handle: listTables },
    { method: 'GET', pattern: '/api/tables/:table', permission: 'sse:read', handle: getRows },
    {
      method: 'GET',
      pattern: '/api/tables/:table/stream',
      permission: 'sse:read',
      handle: streamTable,
    },
    { method: 'GET', pattern: '/api/tables/:table/:key', permission: 'sse:read', handle: getRow },
  ];
}

/** The refusal of a key that the table does not hold. */
export function unknownRow(table: Table, key: string): SseTableError {
  const shown = JSON.stringify(key.slice(0, 200));
  return new SseTableError('unknown_row', `table "${table.name}" has no row with key ${shown}`);
}

function describeTable({ name, key, columns, size, version }: Table): Record<string, unknown> {
  return { name, key, columns, rows: size, version };
}

/** Refuses the parameters that have a meaning, but not here. Others are filters of a view. */
function checkReserved(query: URLSearchParams, known: readonly string[]): void {
  const reserved = [...query.keys()].filter((name) => RESERVED_PARAMETERS.has(name));
  checkKnown(reserved, known);
}

function checkKnown(names: Iterable<string>, known: readonly string[]): void {
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new SseTableError(
      'bad_request',
      `the query parameter ${JSON.stringify(name.slice(0, 100))} is not known here` +
        (known.length > 0 ? `; these are: ${known.join(', ')}` : ''),
    );
  }
}

/** `?format=`, which a link can say, else the Accept header. */
function representationOf({ query, request }: Exchange): Representation {
  const format = query.get('format');
  if (format === null) {
    const mediaType = prefer(request.headers.accept, MEDIA_TYPES);
    if (mediaType !== undefined) return REPRESENTATIONS[mediaType];
    throw new SseTableError('not_acceptable', `rows come as ${MEDIA_TYPES.join(', ')}`);
  }
  if (format === 'json' || format === 'csv' || format === 'ndjson' || format === 'html') {
    return format;
  }
  throw new SseTableError(
    'bad_request',
    `format ${JSON.stringify(format.slice(0, 100))} is not known; use json, csv, ndjson or html`,
  );
}

function formatOf(
  representation: Representation,
  table: Table,
  view: View | undefined,
  csvSafe: boolean,
): RowsFormat {
  const columns = view?.columnsOf(table.columns) ?? table.columns;
  if (representation === 'html') {
    return htmlFormat({
      name: table.name,
      key: table.key,
      columns,
      version: versionOf(table, view),
    });
  }
  if (representation === 'csv') {
    return csvFormat(
      columns.map(({ name }) => name),
      csvSafe,
    );
  }
  const format =
    representation === 'json' ? jsonFormat({ version: versionOf(table, view) }) : ndjsonFormat();
  if (view === undefined) return format;
  return { ...format, row: (row) => format.row(view.project(row)) };
}

/** The event id at which the stream of the same view goes on. */
function versionOf(table: Table, view: View | undefined): string {
  return formatEventId(view?.epochOf(table.epoch) ?? table.epoch, table.seq);
}

function isFull(query: URLSearchParams, table: Table): boolean {
  const full = query.get('full');
  if (full === null || full === '0') return false;
  if (full !== '1') {
    throw new SseTableError(
      'bad_request',
      `full=${JSON.stringify(full.slice(0, 100))} is not known; use full=1`,
    );
  }
  if (table.size <= MAX_FULL_ROWS) return true;
  throw new SseTableError(
    'bad_request',
    `full=1 is for tables of at most ${MAX_FULL_ROWS} rows; table "${table.name}" has ${table.size}`,
  );
}
