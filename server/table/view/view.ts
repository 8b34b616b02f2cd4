/**
 * A View: which rows of a table, which of their columns, in which order, how many.
 *
 * @see SPEC 1 "View", 3.1 "Views"
 */
import { createHash } from 'node:crypto';
import { type Json, type Row, setColumn } from '../../wire/change.ts';
import type { Column } from '../../wire/event.ts';
import { bestOf } from './best-of.ts';
import { cellOf, compareCells } from './cell.ts';
import { cellsEqualTo, type Filter } from './filter.ts';

/** Between a table's epoch and the mark of a view of it. */
const EPOCH_SEPARATOR = '-';

/** 48 bits tell the few hundred views of a table apart, and keep event ids short. */
const EPOCH_MARK_LENGTH = 8;

/** One column of `order`. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** What a view asks for. Empty lists and undefined ask for nothing special. */
export interface ViewSpec {
  /** The table's key column. */
  key: string;
  /** A row passes all of them. */
  where: readonly Filter[];
  /** The key column is added where it is missing: changes are told by it. */
  select: readonly string[];
  order: readonly Order[];
  limit: number | undefined;
}

/** A column, and the cells without which no row is in the view. */
export interface Pin {
  readonly column: string;
  /** As `lookupOf` gives them. */
  readonly cells: readonly (string | number)[];
}

/** The rows of a table, as a view has them. */
export interface RowSource {
  rows(): Row[];
}

/** Which rows, columns, order and number. */
export class View {
  readonly limit: number | undefined;
  /** The same for all views that ask for the same: the order of filters does not matter. */
  readonly canonical: string;
  /** The most telling equality, if there is one: an index finds the view by it. */
  readonly pin: Pin | undefined;
  readonly #key: string;
  readonly #where: readonly Filter[];
  /** undefined: all columns. */
  readonly #select: readonly string[] | undefined;
  readonly #order: readonly Order[];
  readonly #mark: string;

  constructor({ key, where, select, order, limit }: ViewSpec) {
    this.limit = limit;
    this.#key = key;
    this.#where = where;
    this.#select = selectWithKey(select, key);
    this.#order = order;
    this.canonical = JSON.stringify([
      distinctTexts(where.map(textOfFilter)),
      // Not sorted: columns are shown in the order in which they were asked for.
      this.#select,
      order.map(({ column, descending }) => [column, descending]),
      limit,
    ]);
    this.pin = pinOf(where);
    const hash = createHash('sha256').update(this.canonical).digest('base64url');
    this.#mark = EPOCH_SEPARATOR + hash.slice(0, EPOCH_MARK_LENGTH);
  }

  /** Columns are left out or moved: a row of the view is not the table's own. */
  get isProjected(): boolean {
    return this.#select !== undefined;
  }

  /** The epoch of this view's event ids: an id of another view of the table is unknown to it. */
  epochOf(tableEpoch: string): string {
    return tableEpoch + this.#mark;
  }

  /** Whether `row` passes all filters. */
  matches(row: Row): boolean {
    for (const filter of this.#where) {
      if (!filter.passes(cellOf(row, filter.column))) return false;
    }
    return true;
  }

  /** The row with the selected columns only; itself when all are. */
  project(row: Row): Row {
    if (this.#select === undefined) return row;
    const projected: Row = {};
    for (const column of this.#select) {
      const cell = Object.hasOwn(row, column) ? row[column] : undefined;
      if (cell !== undefined) setColumn(projected, column, cell);
    }
    return projected;
  }

  /** The selected ones of `columns`, in the order of `select`. */
  columnsOf(columns: Column[]): Column[] {
    if (this.#select === undefined) return columns;
    const byName = new Map(columns.map((column) => [column.name, column]));
    return this.#select.flatMap((name) => byName.get(name) ?? []);
  }

  /** Where `a` stands beside `b`: by `order`, then by key, so that no two rows are equal. */
  compare(a: Row, b: Row): number {
    for (const { column, descending } of this.#order) {
      const left = cellOf(a, column);
      const right = cellOf(b, column);
      const sign = compareOrNull(left, right, descending);
      if (sign !== 0) return sign;
    }
    return compareCells(cellOf(a, this.#key), cellOf(b, this.#key));
  }

  /** The rows of `source` in this view, in its order; whole, see `project`. */
  rowsOf(source: RowSource): Row[] {
    const rows = this.matchingOf(source);
    const compare = (a: Row, b: Row): number => this.compare(a, b);
    if (this.limit !== undefined) return bestOf(rows, this.limit, compare);
    return this.#order.length === 0 ? rows : rows.sort(compare);
  }

  /** The rows of `source` that pass the filters, in the source's order. */
  matchingOf(source: RowSource): Row[] {
    const rows = source.rows();
    return this.#where.length === 0 ? rows : rows.filter((row) => this.matches(row));
  }
}

/** Whether event ids of `epoch` belong to a table of `tableEpoch`, or to a view of it. */
export function isEpochOf(epoch: string, tableEpoch: string): boolean {
  return epoch === tableEpoch || epoch.startsWith(tableEpoch + EPOCH_SEPARATOR);
}

/** Null is last whatever the direction: a top ten is of rows that have a value. */
function compareOrNull(a: Json, b: Json, descending: boolean): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return descending ? compareCells(b, a) : compareCells(a, b);
}

function selectWithKey(select: readonly string[], key: string): readonly string[] | undefined {
  if (select.length === 0) return undefined;
  return [...new Set(select.includes(key) ? select : [key, ...select])];
}

function textOfFilter({ column, operator, negated, operands }: Filter): string {
  return JSON.stringify([column, operator, negated, operands]);
}

function distinctTexts(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

/** The equality with the fewest cells. */
function pinOf(where: readonly Filter[]): Pin | undefined {
  let best: Pin | undefined;
  for (const { column, operator, negated, operands } of where) {
    if (negated || (operator !== 'eq' && operator !== 'in')) continue;
    const cells = [...new Set(operands.flatMap(cellsEqualTo))];
    if (best === undefined || cells.length < best.cells.length) best = { column, cells };
  }
  return best;
}
