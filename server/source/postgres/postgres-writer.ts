/**
 * HTTP writes to PostgreSQL: one transaction for each request, through prepared statements.
 *
 * Rows go in as one JSON value, which PostgreSQL itself takes apart by the table's types, so a string of
 * digits is a bigint there, and no value becomes a part of SQL.
 *
 * @see SPEC 3.1, 10 "HTTP writes reach SQLite and PostgreSQL"
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Writer } from '../../table/writer.ts';
import type { Change, Key, Row } from '../../wire/change.ts';
import type { CatalogTable } from './catalog.ts';
import { type PostgresSession, sqlState, type TextRow } from './session.ts';
import { writeError } from './write-error.ts';
import { insertStatement, type WriteStatement, writeStatements } from './write-sql.ts';

/**
 * How long an acknowledgement waits for the table in memory to show the write, should the database go
 * away in between: the write is durable all the same.
 */
const SHOW_LIMIT_MS = 5_000;

/** Deadlocks and the like: tried again at once. */
const MAX_ATTEMPTS = 3;

export interface PostgresWriterDeps {
  clock: Clock;
  tableOf(name: string): CatalogTable | undefined;
  /** Makes the source look at the table's outbox now. */
  wake(table: CatalogTable): void;
}

/** A write that has been committed, and is not in the table yet. */
interface Waiter {
  table: string;
  resolve: () => void;
}

/** Writes changes of tables that are served. */
export class PostgresWriter implements Writer {
  readonly #deps: PostgresWriterDeps;
  readonly #waiters = new Set<Waiter>();
  #session: PostgresSession | undefined;

  constructor(deps: PostgresWriterDeps) {
    this.#deps = deps;
  }

  connected(session: PostgresSession): void {
    this.#session = session;
  }

  disconnected(): void {
    this.#session = undefined;
  }

  /** To be called when the table shows all that was committed before now. */
  waitingFor(table: string): (() => void)[] {
    return [...this.#waiters]
      .filter((waiter) => waiter.table === table)
      .map(({ resolve }) => resolve);
  }

  /** @see Writer.write */
  async write(name: string, changes: readonly Change[]): Promise<number> {
    if (changes.length > 0) await this.#run(name, (table) => writeStatements(table, changes));
    return changes.length;
  }

  /** @see Writer.insert */
  async insert(name: string, row: Row): Promise<Key> {
    const [values] = await this.#run(name, (table) => [insertStatement(table, row)]);
    return values?.[0] ?? '';
  }

  /** Runs statements until they are committed and shown; gives what the last one returns. */
  async #run(
    name: string,
    statementsOf: (table: CatalogTable) => WriteStatement[],
  ): Promise<TextRow[]> {
    const table = this.#deps.tableOf(name);
    const session = this.#session;
    if (table === undefined || session === undefined) {
      throw new SseTableError('overloaded', 'the database is away; try again soon');
    }
    const statements = statementsOf(table);
    for (let attempt = 1; ; attempt++) {
      try {
        const rows = await this.#commit(session, statements);
        await this.#shown(table);
        return rows;
      } catch (error) {
        // 40001 serialization failure, 40P01 deadlock: nothing has been written.
        if (attempt < MAX_ATTEMPTS && /^40(001|P01)$/.test(sqlState(error) ?? '')) continue;
        throw writeError(error);
      }
    }
  }

  #commit(session: PostgresSession, statements: readonly WriteStatement[]): Promise<TextRow[]> {
    return session.use(async (db) => {
      await db.query('BEGIN');
      try {
        let rows: TextRow[] = [];
        for (const { text, values } of statements) rows = await db.query(text, values);
        await db.query('COMMIT');
        return rows;
      } catch (error) {
        if (sqlState(error) !== undefined) await db.query('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  async #shown(table: CatalogTable): Promise<void> {
    const { clock, wake } = this.#deps;
    await new Promise<void>((resolve) => {
      const waiter = {
        table: table.label,
        resolve: () => {
          cancel();
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      const cancel = clock.after(SHOW_LIMIT_MS, () => waiter.resolve());
      this.#waiters.add(waiter);
      wake(table);
    });
  }
}
