/**
 * What PostgreSQL says against a write, as an error for the one who wrote.
 *
 * @see SPEC 3 "message says what was wrong with which value"
 */
import { type ErrorCode, SseTableError } from '../../base/errors.ts';
import { sqlState } from './session.ts';

/** Characters of a detail: it repeats values. */
const MAX_DETAIL_LENGTH = 300;

/** By SQLSTATE, the longest fitting beginning first. */
const CODES: readonly (readonly [state: string, code: ErrorCode])[] = [
  ['23502', 'bad_row'], // not null
  ['23514', 'bad_row'], // check
  ['23', 'conflict'], // unique, foreign key, exclusion
  ['22', 'bad_row'], // out of range, invalid text
  ['25006', 'read_only'],
  ['40', 'conflict'],
  ['42501', 'read_only'],
  ['42804', 'bad_row'], // another type
  ['428C9', 'bad_row'], // a generated column
  ['44000', 'bad_row'], // WITH CHECK OPTION
  ['P0001', 'bad_row'], // RAISE in a trigger
];

/** An error for the client; one that is already is left as it is. */
export function writeError(error: unknown): unknown {
  if (error instanceof SseTableError) return error;
  const state = sqlState(error);
  if (state === undefined || !(error instanceof Error)) {
    const message =
      'the database is away, and whether it has the write is not known; look, and repeat';
    return new SseTableError('overloaded', message, { cause: error });
  }
  const code = CODES.find(([beginning]) => state.startsWith(beginning))?.[1];
  if (code === undefined) {
    const message = `the database refused the write for now (${state}); try again soon`;
    return new SseTableError('overloaded', message, { cause: error });
  }
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : '';
  const shown = state.startsWith('23') && detail !== '' ? `; ${clean(detail)}` : '';
  return new SseTableError(code, `${clean(error.message)}${shown}`, { cause: error });
}

function clean(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/\.$/, '').trim();
  return line.length > MAX_DETAIL_LENGTH ? `${line.slice(0, MAX_DETAIL_LENGTH)}…` : line;
}
