/**
 * The tables of one server, by name; bounded, so that `--create` cannot fill the memory.
 *
 * @see SPEC 1 "Table", 7 "tables", 3.1
 */
import { SseTableError } from '../base/errors.ts';
import { type Change, type Key, type Row, setColumn } from '../wire/change.ts';
import { Table } from './table.ts';
import type { Writer } from './writer.ts';

/** Characters of a table's name: it is in every URL and every init. */
const MAX_NAME_LENGTH = 128;

/** Control characters and lone surrogates have no place in a URL, a file name or a log line. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;

/** What a new table is made from. */
export interface NewTable {
  name: string;
  /** The key column. */
  key: string;
  /** Rows without a key of their own: when the table is full the oldest row leaves. */
  append?: boolean;
  /** Rows that it holds; undefined: as many as any table. */
  maxRows?: number | undefined;
  /** A history that a store counts; undefined: a new one. */
  history?: { epoch: string; seq: number } | undefined;
}

export interface TablesOptions {
  maxTables: number;
  /** Rows in one table. */
  maxRows: number;
  /** A new history's name; a different one at each call and each start. */
  epoch: () => string;
  /** Whether a table that is not there may yet come: a source is still loading, or away. */
  isIncomplete?: () => boolean;
}

/** All tables, in the order in which they were made. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly #options: TablesOptions;
  readonly #writers = new Map<string, Writer>();
  readonly #onShown: ((table: Table) => void)[] = [];
  readonly #onRetired: ((table: Table) => void)[] = [];
  /** The highest key given to a row of a table in memory. */
  readonly #lastKeys = new WeakMap<Table, number>();
  #store: Writer | undefined;
  #refused = 0;

  constructor(options: TablesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#tables.size;
  }

  /** Tables that were not made because there were `maxTables` already. */
  get refused(): number {
    return this.#refused;
  }

  get(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  /** @throws {SseTableError} `unknown_table`, naming it; `not_ready` while it may yet come. */
  require(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) {
      if (this.#options.isIncomplete?.() === true) {
        throw new SseTableError(
          'not_ready',
          `there is no table ${JSON.stringify(name)} yet: a source is loading or away; try again soon`,
        );
      }
      throw new SseTableError(
        'unknown_table',
        `there is no table ${JSON.stringify(name)}; GET /api/tables lists them`,
      );
    }
    return table;
  }

  list(): Table[] {
    return [...this.#tables.values()];
  }

  /**
   * Makes a table, or returns the one of that name and key.
   * @throws {SseTableError} `bad_option`: not a fit name; `conflict`: it exists with another key
   * column; `too_many`: there are `maxTables` already.
   */
  create(spec: NewTable): Table {
    const { name, key } = spec;
    const held = this.#tables.get(name);
    if (held !== undefined) {
      if (held.key === key) return held;
      throw new SseTableError(
        'conflict',
        `table "${name}" exists with key column "${held.key}", not "${key}"`,
      );
    }
    const table = this.prepare(spec);
    this.put(table);
    return table;
  }

  /**
   * Makes a table that nobody sees before `put`.
   * @throws {SseTableError} `bad_option`: not a fit name; `too_many`.
   */
  prepare({ name, key, append = false, maxRows, history }: NewTable): Table {
    checkName(name);
    this.#refuseIfFull(name);
    return new Table({
      name,
      key,
      epoch: history?.epoch ?? this.#options.epoch(),
      floorSeq: history?.seq ?? 0,
      maxRows: maxRows ?? this.#options.maxRows,
      whenFull: append ? 'evict' : 'refuse',
    });
  }

  /**
   * Shows a table, in the place of one of its name.
   * @throws {SseTableError} `too_many`.
   */
  put(table: Table): void {
    this.#refuseIfFull(table.name);
    const held = this.#tables.get(table.name);
    this.#tables.set(table.name, table);
    if (held === table) return;
    if (held !== undefined) this.#tellRetired(held);
    for (const fn of this.#onShown) fn(table);
  }

  /** Takes a table away; harmless when there is none. */
  remove(name: string): void {
    const held = this.#tables.get(name);
    this.#tables.delete(name);
    this.#writers.delete(name);
    if (held !== undefined) this.#tellRetired(held);
  }

  /** Calls `fn` with each table that is shown from now on. */
  onShown(fn: (table: Table) => void): void {
    this.#onShown.push(fn);
  }

  /** Calls `fn` with each table that another takes the place of, or that goes. */
  onRetired(fn: (table: Table) => void): void {
    this.#onRetired.push(fn);
  }

  /** From now on writes to that table go to `writer`; undefined: to memory. */
  bind(name: string, writer: Writer | undefined): void {
    if (writer === undefined) this.#writers.delete(name);
    else this.#writers.set(name, writer);
  }

  /** Tables written to for the first time are made in this store, the first one given. */
  useStore(store: Writer): void {
    if (store.create !== undefined) this.#store ??= store;
  }

  /**
   * Writes to a table, which is made if there is none: all changes or none.
   * @returns the table, which shows them; where a store is behind it, they are durable.
   * @throws {SseTableError} as `create`, `Table.apply` and `Writer.write`.
   */
  async write(spec: NewTable, changes: readonly Change[]): Promise<Table> {
    const { name, key } = spec;
    if (this.#tables.has(name)) {
      const writer = this.#writers.get(name);
      if (writer === undefined) this.create(spec).apply(changes);
      else await writer.write(name, changes);
    } else if (this.#store?.create !== undefined) {
      checkName(name);
      this.#refuseIfFull(name);
      await this.#store.create(name, key, changes);
    } else this.create(spec).apply(changes);
    return this.require(name);
  }

  /**
   * The table, made if there is none.
   * @throws {SseTableError} as `write`; `not_ready` while it may yet come.
   */
  async obtain(spec: NewTable): Promise<Table> {
    const held = this.#tables.get(spec.name);
    if (held !== undefined) return held;
    return this.#options.isIncomplete?.() === true ? this.require(spec.name) : this.write(spec, []);
  }

  /**
   * Adds a row without a key to a table, which is made if there is none: keys are counted, by the store
   * where there is one.
   * @returns the row as the table shows it.
   * @throws {SseTableError} as `obtain`; `read_only` where the store makes no keys.
   */
  async insert(spec: NewTable, row: Row): Promise<Row> {
    const table = await this.obtain(spec);
    const { name } = table;
    const writer = this.#writers.get(name);
    if (writer === undefined) {
      const added = withKey(table, this.#nextKey(table), row);
      table.apply([{ type: 'add', data: added }]);
      return added;
    }
    if (writer.insert === undefined) {
      throw new SseTableError('read_only', `the store of table "${name}" takes no new rows`);
    }
    const key = await writer.insert(name, row);
    // Somebody else may have deleted it again.
    return this.require(name).get(key) ?? withKey(table, key, row);
  }

  /** Above all keys that are numbers. */
  #nextKey(table: Table): number {
    let last = this.#lastKeys.get(table);
    if (last === undefined) {
      last = 0;
      for (const key of table.keys()) if (typeof key === 'number' && key > last) last = key;
    }
    const next = Math.floor(last) + 1;
    this.#lastKeys.set(table, next);
    return next;
  }

  #tellRetired(table: Table): void {
    for (const fn of this.#onRetired) fn(table);
  }

  #refuseIfFull(name: string): void {
    if (this.#tables.has(name) || this.#tables.size < this.#options.maxTables) return;
    this.#refused++;
    throw new SseTableError(
      'too_many',
      `there are ${this.#options.maxTables} tables already; raise --max-tables to make "${name}"`,
    );
  }
}

function withKey({ key: column }: Table, key: Key, row: Row): Row {
  const keyed: Row = {};
  setColumn(keyed, column, key);
  return { ...keyed, ...row };
}

function checkName(name: string): void {
  if (name !== '' && name.length <= MAX_NAME_LENGTH && !UNPRINTABLE.test(name)) return;
  throw new SseTableError(
    'bad_option',
    `${JSON.stringify(name.slice(0, MAX_NAME_LENGTH))} is no table name; ` +
      `use 1 to ${MAX_NAME_LENGTH} printable characters`,
  );
}
