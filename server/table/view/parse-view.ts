/**
 * Reads a View from the query of a URL.
 *
 * @see SPEC 3.1 "Views"
 */
import { SseTableError } from '../../base/errors.ts';
import type { Column } from '../../wire/event.ts';
import { type Filter, parseFilter } from './filter.ts';
import { splitList, splitTexts } from './list-text.ts';
import { type Order, View } from './view.ts';

/** Filters of one view: each is asked for each change that the view may hear. */
const MAX_FILTERS = 32;

/** Columns of `order`. */
const MAX_ORDER_COLUMNS = 8;

/** A live top-N keeps its rows sorted, and finding a place among more would be felt. */
const MAX_LIMIT = 100_000;

/** Column names in an error: enough to see the right one. */
const MAX_NAMES_SHOWN = 30;

const DIRECTION = /\.(?:asc|desc)$/;

const ENDINGS: ReadonlySet<string> = new Set(['', '.asc', '.desc']);

/** Parameters with a meaning of their own; a column of such a name can't be filtered. */
export const RESERVED_PARAMETERS: ReadonlySet<string> = new Set([
  'select',
  'order',
  'limit',
  'full',
  'lastEventId',
  'token',
  'format',
]);

/** What is known of the table that is viewed. */
export interface Viewed {
  readonly name: string;
  readonly key: string;
  /** None yet: then every column is believed. */
  readonly columns: readonly Column[];
}

/**
 * The view that `query` asks for.
 * @returns undefined when it asks for the whole table.
 * @throws {SseTableError} `unknown_column`, `unknown_operator`, `bad_request`; each names the value
 * and what would do.
 */
export function parseView(query: URLSearchParams, table: Viewed): View | undefined {
  const checkColumn = columnCheck(table);
  const where = parseWhere(query, checkColumn);
  const select = splitTexts(single(query, 'select') ?? '', 'select');
  const order = parseOrder(single(query, 'order') ?? '');
  const limit = parseLimit(single(query, 'limit'));
  for (const column of select) checkColumn(column);
  for (const { column } of order) checkColumn(column);
  const asksForAll = where.length + select.length + order.length === 0 && limit === undefined;
  return asksForAll ? undefined : new View({ key: table.key, where, select, order, limit });
}

function columnCheck({ name, key, columns }: Viewed): (column: string) => void {
  const known = new Set([key, ...columns.map((column) => column.name)]);
  return (column) => {
    if (columns.length === 0 || known.has(column)) return;
    const shown = [...known].slice(0, MAX_NAMES_SHOWN).map((text) => text.slice(0, 100));
    const others = known.size > shown.length ? ', …' : '';
    throw new SseTableError(
      'unknown_column',
      `there is no column ${JSON.stringify(column.slice(0, 100))} in table "${name}"; ` +
        `it has ${shown.join(', ')}${others}`,
    );
  };
}

function parseWhere(query: URLSearchParams, checkColumn: (column: string) => void): Filter[] {
  const where: Filter[] = [];
  for (const [column, text] of query) {
    if (RESERVED_PARAMETERS.has(column)) continue;
    checkColumn(column);
    where.push(parseFilter(column, text));
  }
  if (where.length <= MAX_FILTERS) return where;
  throw new SseTableError(
    'bad_request',
    `there are ${where.length} filters; at most ${MAX_FILTERS} are allowed`,
  );
}

function parseOrder(text: string): Order[] {
  const order = new Map<string, Order>();
  for (const { text: item, rest, quoted } of splitList(text, 'order')) {
    const ending = quoted ? rest : (DIRECTION.exec(item)?.[0] ?? '');
    const column = quoted || ending === '' ? item : item.slice(0, -ending.length);
    if (column === '' || !ENDINGS.has(ending)) {
      throw new SseTableError(
        'bad_request',
        `order has ${JSON.stringify((item + rest).slice(0, 100))}; ` +
          'write column, column.asc or column.desc',
      );
    }
    // A column's second mention decides nothing: rows that differ in it have been told apart.
    if (!order.has(column)) order.set(column, { column, descending: ending === '.desc' });
  }
  if (order.size <= MAX_ORDER_COLUMNS) return [...order.values()];
  throw new SseTableError(
    'bad_request',
    `order has ${order.size} columns; at most ${MAX_ORDER_COLUMNS} are allowed`,
  );
}

function parseLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new SseTableError(
    'bad_request',
    `limit=${text.slice(0, 100)} is not a whole number from 1 to ${MAX_LIMIT}`,
  );
}

/** A parameter that has a meaning once only. */
function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) {
    throw new SseTableError('bad_request', `${name} is given ${values.length} times; give it once`);
  }
  return values[0];
}
