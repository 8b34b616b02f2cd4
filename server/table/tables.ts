/**
 * The tables of one server, by name; bounded, so that `--create` cannot fill the memory.
 *
 * @see SPEC 1 "Table", 7 "tables", 3.1
 */
import { SseTableError } from '../base/errors.ts';
import { Table } from './table.ts';

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
}

export interface TablesOptions {
  maxTables: number;
  /** Rows in one table. */
  maxRows: number;
  /** A new history's name; a different one at each call and each start. */
  epoch: () => string;
}

/** All tables, in the order in which they were made. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly #options: TablesOptions;
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

  /** @throws {SseTableError} `unknown_table`, naming it. */
  require(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) {
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
  create({ name, key, append = false }: NewTable): Table {
    const held = this.#tables.get(name);
    if (held !== undefined) {
      if (held.key === key) return held;
      throw new SseTableError(
        'conflict',
        `table "${name}" exists with key column "${held.key}", not "${key}"`,
      );
    }
    checkName(name);
    if (this.#tables.size >= this.#options.maxTables) {
      this.#refused++;
      throw new SseTableError(
        'too_many',
        `there are ${this.#options.maxTables} tables already; raise --max-tables to make "${name}"`,
      );
    }
    const table = new Table({
      name,
      key,
      epoch: this.#options.epoch(),
      maxRows: this.#options.maxRows,
      whenFull: append ? 'evict' : 'refuse',
    });
    this.#tables.set(name, table);
    return table;
  }
}

function checkName(name: string): void {
  if (name !== '' && name.length <= MAX_NAME_LENGTH && !UNPRINTABLE.test(name)) return;
  throw new SseTableError(
    'bad_option',
    `${JSON.stringify(name.slice(0, MAX_NAME_LENGTH))} is no table name; ` +
      `use 1 to ${MAX_NAME_LENGTH} printable characters`,
  );
}
