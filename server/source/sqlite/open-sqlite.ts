/**
 * Makes the Source of a SQLite file, as far as the file lets it.
 *
 * @see SPEC 2 "shop.db", 6
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { badOption } from '../kind.ts';
import { APPLICATION_ID } from './database.ts';
import { SqliteSource, type SqliteSourceOptions } from './sqlite-source.ts';

/** How a file that SQLite has written begins. */
const MAGIC = 'SQLite format 3\0';

/** @see https://sqlite.org/fileformat2.html#database_header */
const HEADER_BYTES = 100;
const APPLICATION_ID_OFFSET = 68;

/**
 * The source of `path`. A file that is not there is made; one that may not be written is read only.
 * @throws {SseTableError} `bad_option` naming the fix: a folder, no SQLite file, not readable.
 */
export function openSqlite(
  path: string,
  options: Omit<SqliteSourceOptions, 'path' | 'isOwn'>,
): SqliteSource {
  if (path === '') throw badOption('"sqlite:" names no file; try sqlite:shop.db');
  if (checkSqliteFile(path)) {
    const readOnly = options.readOnly || !mayWrite(path);
    return new SqliteSource({ ...options, path, readOnly, isOwn: isOwnFile(path) });
  }
  if (!options.readOnly && mayWrite(dirname(path))) {
    return new SqliteSource({ ...options, path, readOnly: false, isOwn: true });
  }
  throw badOption(`"${path}" does not exist and cannot be made; check the name and its folder`);
}

/**
 * Whether there is such a file.
 * @throws {SseTableError} `bad_option`: there is something else of that name.
 */
export function checkSqliteFile(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (!stats.isFile()) throw badOption(`"${path}" is no file; name a SQLite file`);
  let header: Buffer;
  try {
    header = readHeader(path);
  } catch (error) {
    throw badOption(`"${path}" cannot be read; check its permissions`, error);
  }
  const isSqlite = header.toString('latin1', 0, MAGIC.length) === MAGIC;
  if (isSqlite || header.length === 0) return true;
  throw badOption(
    `"${basename(path)}" is no SQLite file, for all its name; files of lines end in .ndjson or .csv`,
  );
}

/** Whether the server made the file: only there it makes tables too. */
function isOwnFile(path: string): boolean {
  const header = readHeader(path);
  if (header.length < HEADER_BYTES) return false;
  return header.readUInt32BE(APPLICATION_ID_OFFSET) === APPLICATION_ID;
}

function readHeader(path: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(file);
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // absent, or not ours to write
  }
}
