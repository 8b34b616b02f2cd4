/**
 * The Source of `--messages`: makes the tables of messages in a database where they are missing, gives
 * them outboxes, and serves them.
 *
 * @see SPEC 3.4
 */
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { badOption, hideSecret, kindOf, sqlitePath } from './kind.ts';
import { makePostgresMessages } from './postgres/message-tables.ts';
import { PostgresSource } from './postgres/postgres-source.ts';
import type { Batch, Source, SourceContext, TableSpec } from './source.ts';
import { makeSqliteMessages } from './sqlite/message-tables.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

/** The tables, in both kinds of database. */
const MESSAGE_TABLES = ['session_messages', 'user_messages'] as const;

/**
 * The source of `chat.db` or `postgres://…`.
 * @throws {SseTableError} `bad_option` naming the value and the fix: another kind of source.
 */
export function openMessageStore(
  argument: string,
  readOnly: boolean,
  deps: { clock: Clock; random: Random },
): Source {
  const kind = kindOf(argument);
  if (kind !== 'sqlite' && kind !== 'postgres') {
    throw badOption(
      `--messages "${hideSecret(argument)}" is no SQLite file and no postgres://… URL; try --messages chat.db`,
    );
  }
  const path = sqlitePath(argument);
  const tables = MESSAGE_TABLES;
  const make = (): Promise<void> =>
    kind === 'sqlite' ? makeSqliteMessages(path, tables) : makePostgresMessages(argument, tables);
  const open = (): Source =>
    kind === 'sqlite'
      ? openSqlite(path, { ...deps, key: undefined, tables, readOnly })
      : new PostgresSource({ url: argument, tables }, deps);
  const name = `messages in ${hideSecret(argument)}`;
  return new MessageStore(name, readOnly ? () => Promise.resolve() : make, open);
}

class MessageStore implements Source {
  readonly name: string;
  readonly #make: () => Promise<void>;
  readonly #open: () => Source;
  #source: Source | undefined;
  #failure: string | undefined = 'it is being opened';

  constructor(name: string, make: () => Promise<void>, open: () => Source) {
    this.name = name;
    this.#make = make;
    this.#open = open;
  }

  get down(): string | undefined {
    return this.#failure ?? this.#source?.down;
  }

  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    await this.#prepare();
    this.#source ??= this.#open();
    this.#failure = undefined;
    yield* this.#source.run(context, open);
  }

  /** A database that cannot be reached is tried again; one that refuses is not. */
  async #prepare(): Promise<void> {
    try {
      await this.#make();
    } catch (error) {
      this.#failure = 'its tables cannot be made; the reason is in the log';
      const cause = error instanceof SseTableError ? error.cause : undefined;
      throw isNetwork(cause) ? cause : error;
    }
  }
}

/** Errors of the system have a code such as ECONNREFUSED; those of PostgreSQL have five digits. */
function isNetwork(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^E[A-Z]{3,}/.test(String(error.code));
}
