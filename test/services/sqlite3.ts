/**
 * The `sqlite3` command line, for changes made by another program.
 *
 * @see DESIGN 3 "Tests get their own real services"
 */
import { spawnSync } from 'node:child_process';
import { findProgram } from './package.ts';

/** Why a test with it is skipped. */
export const NO_SQLITE3 =
  'no sqlite3: install it, or name it in SSE_TABLE_SQLITE3=/path/to/sqlite3';

/** The program's path; undefined where there is none. */
export function findSqlite3(): string | undefined {
  return findProgram('sqlite3', { variable: 'SSE_TABLE_SQLITE3', packageName: 'sqlite3' });
}

/** Runs SQL on a file, as somebody in a terminal would. @throws {Error} what it says. */
export function sqlite3(path: string, sql: string): string {
  const program = findSqlite3();
  if (program === undefined) throw new Error(NO_SQLITE3);
  const run = spawnSync(program, ['-batch', '-cmd', '.timeout 5000', path], {
    input: sql,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`sqlite3: ${run.stderr}`);
  return run.stdout;
}
