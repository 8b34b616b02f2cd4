/**
 * Makes the Source that an argument of the command line stands for.
 *
 * @see SPEC 2
 */
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { basename, extname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { type ByteInput, StreamInput } from './byte-input.ts';
import { FollowInput } from './follow.ts';
import { formatOfName } from './format.ts';
import { badOption, hideSecret, kindOf, sqlitePath } from './kind.ts';
import { LineSource } from './line-source.ts';
import { PostgresSource } from './postgres/postgres-source.ts';
import { openRedis, redisStream } from './redis/open-redis.ts';
import type { Source } from './source.ts';
import { openSqlite } from './sqlite/open-sqlite.ts';

/** What a source can be, for messages. */
const POSSIBLE =
  'sources are "-" for standard input, NDJSON, CSV, TSV and log files, SQLite files, ' +
  'postgres://… and redis://…';

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/** What stands for itself in the path of a URL; anything else in a table's name becomes `_`. */
const UNFIT_FOR_URL = /[^\p{L}\p{N}._~-]+/gu;

/** Bytes of a file looked at to tell a JSON array. */
const PEEK_BYTES = 64;

export interface OpenSourceOptions {
  /** `--key`; undefined: `id` if the first row has it, else the line number. */
  key: string | undefined;
  /** `--table`: at most one name, or the tables of a database to serve. */
  table: readonly string[];
  /** Databases are not written to. */
  readOnly: boolean;
  follow: boolean;
  strict: boolean;
  maxLineBytes: number;
}

export interface OpenSourceDeps {
  clock: Clock;
  random: Random;
  stdin: Readable;
}

/**
 * Makes the source. Reading begins with `run`.
 * @throws {SseTableError} `bad_option` naming the argument and the fix: unreadable, a folder, a JSON
 * array, a kind of source there is not.
 */
export function openSource(
  argument: string,
  options: OpenSourceOptions,
  deps: OpenSourceDeps,
): Source {
  const { key, table: tables, readOnly } = options;
  switch (kindOf(argument)) {
    case 'sqlite':
      return openSqlite(sqlitePath(argument), { ...deps, key, tables, readOnly });
    case 'postgres':
      return new PostgresSource({ url: argument, tables }, deps);
    case 'redis':
      return openRedis(argument, { ...deps, key, table: tableName(argument, tables) });
    case 'lines':
      return openLines(argument, options, deps);
  }
}

function openLines(
  argument: string,
  options: OpenSourceOptions,
  { clock, random, stdin }: OpenSourceDeps,
): Source {
  const { key, follow, strict, maxLineBytes } = options;
  const table = tableName(argument, options.table);
  const shared = { table, key, strict, maxLineBytes };
  if (argument === '-') {
    const input = new StreamInput(() => stdin);
    return new LineSource({ ...shared, name: 'stdin', format: undefined }, input, clock);
  }
  refuseOtherKinds(argument);
  const isRegular = checkFile(argument, follow);
  const input: ByteInput =
    follow && isRegular
      ? new FollowInput(argument, { clock, random })
      : new StreamInput(() => createReadStream(argument));
  const name = `file ${basename(argument)}`;
  return new LineSource({ ...shared, name, format: formatOfName(argument) }, input, clock);
}

/** `--table`, else the file's name without its extension, fit for a URL; `stdin` for `-`. */
export function tableName(argument: string, names: readonly string[]): string {
  if (names.length > 1) {
    throw badOption(`--table ${names.join()} names ${names.length} tables; "${argument}" is one`);
  }
  const given = names[0];
  if (given === '') throw badOption('--table is empty; give the table a name');
  if (given !== undefined) return given;
  if (argument === '-') return 'stdin';
  if (kindOf(argument) === 'redis') return redisStream(argument).stream;
  const name = basename(argument, extname(argument));
  // No name may be a step in a path.
  return name.replace(UNFIT_FOR_URL, '_').replace(/^\.+/, '') || 'table';
}

function refuseOtherKinds(argument: string): void {
  if (argument === '') throw badOption(`a source is empty; ${POSSIBLE}`);
  if (!SCHEME.test(argument)) return;
  throw badOption(`"${hideSecret(argument)}" is no source of a known kind; ${POSSIBLE}`);
}

/** Whether it is a regular file; a named pipe is not, and cannot be followed through rotation. */
function checkFile(path: string, follow: boolean): boolean {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw badOption(`"${path}" is a folder; name a file in it`);
    accessSync(path, constants.R_OK);
    if (stats.isFile()) refuseArray(path);
    return stats.isFile();
  } catch (error) {
    if (error instanceof SseTableError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT') {
      throw badOption(`"${path}" cannot be read (${code}); check its permissions`, error);
    }
    if (follow) return true; // it is waited for
    throw badOption(`"${path}" does not exist; check the name, or --follow to wait for it`, error);
  }
}

/** A JSON array cannot be read line by line; without this each of its lines would be reported. */
function refuseArray(path: string): void {
  if (formatOfName(path) !== 'ndjson') return;
  const peek = Buffer.alloc(PEEK_BYTES);
  const file = openSync(path, 'r');
  try {
    const text = peek
      .toString('utf8', 0, readSync(file, peek, 0, PEEK_BYTES, 0))
      .replace(/^\ufeff/, '');
    if (!text.trimStart().startsWith('[')) return;
  } finally {
    closeSync(file);
  }
  throw badOption(
    `"${path}" is a JSON array; one object a line is read: ` +
      `jq -c '.[]' ${basename(path)} > ${basename(path, extname(path))}.ndjson`,
  );
}
