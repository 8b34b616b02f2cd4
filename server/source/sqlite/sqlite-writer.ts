/**
 * Takes HTTP writes into a SQLite file: one transaction for each, on a connection of its own.
 *
 * A commit is on the disk before the write is acknowledged (synchronous = FULL). Another program that
 * holds the lock is waited for without blocking anyone.
 *
 * @see SPEC 6 "Acknowledged writes survive kill -9"; 10 "HTTP writes reach SQLite"
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { backoffMs } from '../../base/retry.ts';
import type { Writer } from '../../table/writer.ts';
import type { Change, Key, Row } from '../../wire/change.ts';
import type { SqliteValue } from './cell.ts';
import {
  describeRefusal,
  isBusy,
  openDatabase,
  pragma,
  quoteName,
  transaction,
} from './database.ts';
import { installSql } from './installation.ts';
import { RowWriter } from './row-writer.ts';
import { readShape, readTableNames, type TableShape } from './shape.ts';

/** Waits between tries of a locked file. */
const RETRY_BASE_MS = 4;
const RETRY_MAX_MS = 100;

/** A file locked for longer than this refuses the write. */
const MAX_LOCKED_MS = 5_000;

/** What was committed, for the reader to show. */
export interface Committed {
  table: string;
  /** The values of the key columns of each row written. */
  keys: SqliteValue[][];
}

export interface SqliteWriterOptions {
  path: string;
  key: string | undefined;
  /** The tables that are served; all when empty. */
  tables: readonly string[];
  readOnly: boolean;
  /** Tables are made here too. */
  isOwn: boolean;
  clock: Clock;
  random: Random;
  /** Resolves when the table in memory shows what was committed. */
  shown: (committed: Committed) => Promise<void>;
}

/** The writes of one file. */
export class SqliteWriter implements Writer {
  readonly create: Writer['create'];
  readonly #options: SqliteWriterOptions;
  #opened: Promise<{ db: DatabaseSync; isOwn: boolean }> | undefined;
  #writers = new Map<string, RowWriter>();
  #schemaVersion: SqliteValue | undefined;

  constructor(options: SqliteWriterOptions) {
    this.#options = options;
    const makesTables = options.isOwn && !options.readOnly;
    this.create = makesTables ? this.#create.bind(this) : undefined;
  }

  async write(table: string, changes: readonly Change[]): Promise<number> {
    const committed = await this.#transact((db, isOwn) => {
      return this.#writeAll(db, isOwn, table, changes);
    });
    await this.#options.shown(committed);
    return changes.length;
  }

  /** The next whole number is the key: nobody else writes while the transaction lasts. */
  async insert(table: string, row: Row): Promise<Key> {
    let key: Key = 0;
    const committed = await this.#transact((db, isOwn) => {
      const { shape } = this.#writerOf(db, isOwn, table);
      key = nextKey(db, shape);
      return this.#writeAll(db, isOwn, table, [
        { type: 'add', data: { ...row, [shape.key]: key } },
      ]);
    });
    await this.#options.shown(committed);
    return key;
  }

  async #create(table: string, key: string, changes: readonly Change[]): Promise<number> {
    const { tables } = this.#options;
    if (tables.length > 0 && !tables.includes(table)) {
      const message = `there is no table "${table}"; --table serves ${tables.join(', ')}`;
      throw new SseTableError('unknown_table', message);
    }
    const committed = await this.#transact((db, isOwn) => {
      if (!readTableNames(db).includes(table)) {
        // ANY in a STRICT table keeps every value as it is given.
        db.exec(
          `CREATE TABLE ${quoteName(table)} (${quoteName(key)} ANY PRIMARY KEY NOT NULL) STRICT`,
        );
        const shape = readShape(db, table, isOwn, undefined);
        if (shape !== undefined) for (const sql of installSql(db, shape)) db.exec(sql);
      }
      return this.#writeAll(db, isOwn, table, changes);
    });
    await this.#options.shown(committed);
    return changes.length;
  }

  /** Lets go of the file; another write opens it again. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#writers.clear();
    this.#schemaVersion = undefined;
    await opened?.then(
      ({ db }) => db.close(),
      () => undefined, // told to whoever opened it
    );
  }

  /** Runs `step` in a transaction of its own, again and again while the file is locked. */
  async #transact<T>(step: (db: DatabaseSync, isOwn: boolean) => T): Promise<T> {
    const { clock, random, path, readOnly } = this.#options;
    if (readOnly) throw new SseTableError('read_only', 'the database file is open read-only');
    const startMs = clock.now();
    for (let attempt = 0; ; attempt++) {
      try {
        const { db, isOwn } = await this.#open(path);
        return transaction(db, () => step(db, isOwn));
      } catch (error) {
        if (!isBusy(error)) throw describeRefusal(error) ?? (await this.#closeAfter(error));
        if (clock.now() - startMs > MAX_LOCKED_MS) {
          throw new SseTableError(
            'overloaded',
            'another program keeps the database locked; nothing was written, try again',
            { cause: error },
          );
        }
        const waitMs = 1 + backoffMs(attempt, RETRY_BASE_MS, RETRY_MAX_MS, random);
        await new Promise<void>((resolve) => clock.after(waitMs, resolve));
      }
    }
  }

  /** A file that could not be opened is tried again by the next one. */
  async #open(path: string): Promise<{ db: DatabaseSync; isOwn: boolean }> {
    const opened = this.#opened ?? openDatabase(path, false);
    this.#opened = opened;
    try {
      return await opened;
    } catch (error) {
      if (this.#opened === opened) this.#opened = undefined;
      throw error;
    }
  }

  #writeAll(
    db: DatabaseSync,
    isOwn: boolean,
    table: string,
    changes: readonly Change[],
  ): Committed {
    let writer = this.#writerOf(db, isOwn, table);
    const keys = changes.map((change, index) => {
      try {
        if (isOwn && change.type !== 'delete') {
          const missing = writer.unknownColumns(change.data);
          if (missing.length > 0) {
            addColumns(db, table, missing);
            writer = this.#writerOf(db, isOwn, table);
          }
        }
        return writer.write(change);
      } catch (error) {
        throw changes.length === 1 ? error : atRow(error, index, changes.length);
      }
    });
    return { table, keys };
  }

  #writerOf(db: DatabaseSync, isOwn: boolean, table: string): RowWriter {
    const version = pragma(db, 'schema_version');
    if (version !== this.#schemaVersion) {
      this.#writers.clear();
      this.#schemaVersion = version;
    }
    let writer = this.#writers.get(table);
    if (writer === undefined) {
      const shape = this.#shapeOf(db, isOwn, table);
      writer = new RowWriter(db, shape);
      this.#writers.set(table, writer);
    }
    return writer;
  }

  #shapeOf(db: DatabaseSync, isOwn: boolean, table: string): TableShape {
    const shape = readTableNames(db).includes(table)
      ? readShape(db, table, isOwn, this.#options.key)
      : undefined;
    if (shape !== undefined) return shape;
    throw new SseTableError('unknown_table', `the database has no table "${table}" any more`);
  }

  /** An error that is no refusal may be the connection's: the next write opens another. */
  async #closeAfter(error: unknown): Promise<unknown> {
    if (!(error instanceof SseTableError)) await this.close();
    return error;
  }
}

/** Columns of the server's own files come when a row first has them. */
function addColumns(db: DatabaseSync, table: string, columns: readonly string[]): void {
  for (const column of columns) {
    db.exec(`ALTER TABLE ${quoteName(table)} ADD COLUMN ${quoteName(column)} ANY`);
  }
}

/** @throws {SseTableError} `bad_key` where the key has several columns. */
function nextKey(db: DatabaseSync, { name, keyColumns }: TableShape): number {
  const [column, ...others] = keyColumns;
  if (column === undefined || others.length > 0) {
    throw new SseTableError('bad_key', `table "${name}" makes no keys by itself`);
  }
  const key = quoteName(column);
  const { next } =
    db
      .prepare(
        `SELECT coalesce(max(${key}), 0) + 1 AS next FROM ${quoteName(name)} WHERE typeof(${key}) = 'integer'`,
      )
      .get() ?? {};
  return Number(next);
}

/** Says which row of several was refused. */
function atRow(error: unknown, index: number, count: number): unknown {
  const refusal = error instanceof SseTableError ? error : describeRefusal(error);
  if (refusal === undefined) return error;
  const message = `row ${index + 1} of ${count}: ${refusal.message}; no row of these was written`;
  return new SseTableError(refusal.code, message, { cause: error });
}
