/**
 * What kind of source an argument of the command line names.
 *
 * @see SPEC 2
 */
import { SseTableError } from '../base/errors.ts';

/** `lines` is standard input or a file of lines. */
export type SourceKind = 'lines' | 'sqlite' | 'postgres' | 'redis';

const SQLITE_PREFIX = /^sqlite:(\/\/(?=\/))?/i;

/** Kinds by how their arguments begin or end. */
const KINDS: [pattern: RegExp, kind: SourceKind][] = [
  [/^sqlite:|\.(db|db3|sqlite|sqlite3)$/i, 'sqlite'],
  [/^postgres(ql)?:/i, 'postgres'],
  [/^rediss?:/i, 'redis'],
];

/** By the argument alone: nothing is opened. */
export function kindOf(argument: string): SourceKind {
  return KINDS.find(([pattern]) => pattern.test(argument))?.[1] ?? 'lines';
}

/** Whether it holds many tables, of which `--table` chooses. */
export function hasManyTables(kind: SourceKind): boolean {
  return kind === 'sqlite' || kind === 'postgres';
}

/** The path in `sqlite:shop.db`, `sqlite:///srv/shop.db` or `shop.db`. */
export function sqlitePath(argument: string): string {
  return argument.replace(SQLITE_PREFIX, '');
}

/** The argument without user and password: messages end up in logs. */
export function hideSecret(argument: string): string {
  return argument.replace(/\/\/[^@/]*@/, '//***@');
}

/** What the user got wrong on the command line. */
export function badOption(message: string, cause?: unknown): SseTableError {
  return new SseTableError('bad_option', message, cause === undefined ? undefined : { cause });
}
