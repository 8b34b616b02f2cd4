/**
 * A SQLite file as a Source: its tables, and what any program changes in them.
 *
 * `PRAGMA data_version` moves with each commit of another connection; looking at it costs microseconds.
 *
 * @see SPEC 2, 6 "SQLite"
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { Lag } from '../lag.ts';
import type { Batch, Source, SourceContext, SourceLag, TableSpec } from '../source.ts';
import type { SqliteValue } from './cell.ts';
import {
  createDatabase,
  first,
  isBusy,
  openDatabase,
  pragma,
  prepare,
  transaction,
} from './database.ts';
import { findOutbox, installSql } from './installation.ts';
import { ServedTable } from './served-table.ts';
import { readShape, readTableNames, type TableShape } from './shape.ts';
import { type Committed, SqliteWriter } from './sqlite-writer.ts';
import { warningsOf } from './table-warnings.ts';

/** Between looks at data_version: what others commit is found within 50 ms, at about 1 % of a core. */
const POLL_MS = 40;

/** Between looks at whether the file is still the same one. */
const STAT_MS = 1_000;

/** A file locked for longer than this is said to be down. */
const LOCKED_MS = 2_000;

export interface SqliteSourceOptions {
  path: string;
  /** `--key`: where that column is unique in a table. */
  key: string | undefined;
  /** `--table`: the tables to serve; all when empty. */
  tables: readonly string[];
  readOnly: boolean;
  /** The server made the file, or will: it makes tables in it, too. */
  isOwn: boolean;
  clock: Clock;
  random: Random;
}

/** Serves the tables of one file. */
export class SqliteSource implements Source {
  readonly name: string;
  readonly writer: SqliteWriter;
  readonly #options: SqliteSourceOptions;
  readonly #tables = new Map<string, ServedTable>();
  readonly #lag: Lag;
  readonly #waiting = new Set<{ committed: Committed; resolve: () => void }>();
  #down: string | undefined = 'it is being loaded';
  #db: DatabaseSync | undefined;
  #isOwn = false;
  #fileId = '';
  #readDataVersion: (() => SqliteValue | undefined) | undefined;
  #dataVersion: SqliteValue | undefined;
  #schemaVersion: SqliteValue | undefined;
  #wake: (() => void) | undefined;

  constructor(options: SqliteSourceOptions) {
    this.name = `sqlite ${basename(options.path)}`;
    this.#options = options;
    this.#lag = new Lag(options.clock);
    this.writer = new SqliteWriter({
      ...options,
      shown: (committed) => this.#shown(committed),
    });
  }

  get down(): string | undefined {
    return this.#down;
  }

  /** Where rows are compared nobody counts changes: then only the time tells. */
  get lag(): SourceLag {
    let waiting = 0;
    for (const { reader } of this.#tables.values()) waiting += reader?.waiting ?? 0;
    return this.#lag.measure(waiting);
  }

  /** @throws {SseTableError} `bad_option`: `--table` names a table that there is not. */
  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const { signal } = context;
    const { clock } = this.#options;
    const wake = (): void => this.#wake?.();
    signal.addEventListener('abort', wake);
    let lastGoodMs = clock.now();
    let lastStatMs = clock.now();
    try {
      while (!signal.aborted) {
        // A look that begins after a commit sees it.
        const committed = [...this.#waiting];
        let isGood = false;
        try {
          if (!this.#isQuiet()) {
            this.#lag.fellBehind();
            yield* this.#look(context, open);
          }
          if (this.#isEven()) this.#lag.caughtUp();
          isGood = true;
          this.#down = undefined;
          lastGoodMs = clock.now();
          for (const { resolve } of committed) resolve();
        } catch (error) {
          this.#lag.fellBehind();
          if (isBusy(error)) {
            if (clock.now() - lastGoodMs > LOCKED_MS) this.#down = 'another program has it locked';
          } else if (this.#fileId === 'gone') this.#down = 'the file is gone';
          else throw error;
        }
        if (clock.now() - lastStatMs >= STAT_MS) {
          lastStatMs = clock.now();
          await this.#checkFile();
        }
        await this.#pause(signal, isGood);
      }
    } finally {
      signal.removeEventListener('abort', wake);
      await this.#close();
      // What was committed is safe; the tables follow when the file can be read again.
      for (const { resolve } of this.#waiting) resolve();
      this.#waiting.clear();
    }
  }

  /** Whether no table waits to be compared. */
  #isEven(): boolean {
    for (const table of this.#tables.values()) if (table.isStale) return false;
    return true;
  }

  /** Whether nothing has changed: true nearly always, so it costs nearly nothing. */
  #isQuiet(): boolean {
    if (this.#waiting.size > 0 || this.#readDataVersion?.() !== this.#dataVersion) return false;
    return this.#dataVersion !== undefined && this.#isEven();
  }

  /** Everything that has changed since the last look. */
  async *#look(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const db = this.#db ?? (await this.#connect());
    const dataVersion = this.#readDataVersion?.();
    if (dataVersion !== this.#dataVersion) {
      for (const table of this.#tables.values()) table.isStale = true;
      const schemaVersion = pragma(db, 'schema_version');
      if (schemaVersion !== this.#schemaVersion) {
        yield* this.#discover(db, context, open);
        this.#schemaVersion = pragma(db, 'schema_version');
      }
      this.#dataVersion = dataVersion;
    }
    for (const table of this.#tables.values()) yield* table.follow(open);
    // Where rows are compared, those just written need not wait for it.
    for (const { committed } of [...this.#waiting]) {
      const table = this.#tables.get(committed.table);
      if (table === undefined || table.reader !== undefined) continue;
      yield { table: committed.table, changes: table.changesOf(committed.keys) };
    }
  }

  /** The tables there are now, and those that are no more. */
  async *#discover(
    db: DatabaseSync,
    context: SourceContext,
    open: (spec: TableSpec) => void,
  ): AsyncGenerator<Batch> {
    const { tables: wanted, clock, readOnly } = this.#options;
    const names = readTableNames(db);
    this.#checkWanted(names);
    for (const name of this.#tables.keys()) {
      if (names.includes(name)) continue;
      this.#tables.delete(name);
      context.report({ level: 'warn', message: `table "${name}" is no more` });
      context.drop(name);
    }
    for (const name of names) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const shape = readShape(db, name, this.#isOwn, this.#options.key);
      if (shape === undefined) {
        const message = `table "${name}" is not served: it has no key, and columns hide its rowid`;
        context.report({ level: 'warn', message });
        continue;
      }
      if (this.#isOwn && !readOnly) install(db, shape);
      const outbox = findOutbox(db, shape);
      const epoch = outbox.state === 'whole' ? outbox.epoch : undefined;
      const before = this.#tables.get(name);
      const table = new ServedTable(db, shape, { clock, writer: this.writer, epoch, before });
      this.#tables.set(name, table);
      let count = 0;
      for await (const batch of table.load(open)) {
        count += batch.changes.length;
        yield batch;
      }
      if (before !== undefined) continue;
      for (const message of warningsOf(table, count, outbox.state, basename(this.#options.path))) {
        context.report({ level: 'warn', message });
      }
    }
  }

  #checkWanted(names: readonly string[]): void {
    // In a file of ours a table may come with its first row.
    const missing = this.#options.tables.find((name) => !names.includes(name));
    if (missing === undefined || this.#isOwn || this.#schemaVersion !== undefined) return;
    throw new SseTableError(
      'bad_option',
      `--table: there is no table "${missing}"; there are ${names.join(', ') || 'none'}`,
    );
  }

  async #connect(): Promise<DatabaseSync> {
    const { path, readOnly } = this.#options;
    // Once only: a file that goes later is waited for.
    if (this.#fileId === '' && !readOnly && fileId(path) === undefined) await createDatabase(path);
    this.#fileId = fileId(path) ?? 'gone';
    const { db, isOwn } = await openDatabase(path, readOnly);
    this.#db = db;
    this.#isOwn = isOwn;
    const dataVersion = prepare(db, 'PRAGMA data_version');
    this.#readDataVersion = () => first(dataVersion);
    return db;
  }

  /** Another file of the same name is opened; one that is gone is waited for. */
  async #checkFile(): Promise<void> {
    const id = fileId(this.#options.path);
    if (id === this.#fileId) return;
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#db?.close();
    this.#db = undefined;
    this.#readDataVersion = undefined;
    this.#dataVersion = undefined;
    this.#schemaVersion = undefined;
    await this.writer.close();
  }

  #shown(committed: Committed): Promise<void> {
    return new Promise((resolve) => {
      const waiting = {
        committed,
        resolve: () => {
          this.#waiting.delete(waiting);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      this.#wake?.();
    });
  }

  #pause(signal: AbortSignal, isGood: boolean): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const isWanted = (isGood && this.#waiting.size > 0) || signal.aborted;
      const cancel = this.#options.clock.after(isWanted ? 0 : POLL_MS, finish);
      this.#wake = finish;
    });
  }
}

/** In a file of the server's own, tables that others make have an outbox too. */
function install(db: DatabaseSync, shape: TableShape): void {
  const statements = installSql(db, shape);
  if (statements.length === 0) return;
  transaction(db, () => {
    for (const sql of statements) db.exec(sql);
  });
}

/** Which file it is; undefined: none. */
function fileId(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}
