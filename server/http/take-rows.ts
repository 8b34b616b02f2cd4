/**
 * Takes rows out of a streamed body, NDJSON or CSV of any length, and applies them as they come.
 *
 * @see SPEC 3.1 "NDJSON/CSV of any length streams in, with back pressure; bad line → 400"
 */
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import { createCsvReader } from '../table/lines/csv.ts';
import { createNdjsonReader } from '../table/lines/ndjson.ts';
import { describeProblem, type LineProblem } from '../table/lines/reader.ts';
import type { Change, Row } from '../wire/change.ts';
import { bodyChunks } from './body.ts';
import type { Answerable } from './head.ts';

/** Rows applied in one go: a few milliseconds, then others get their turn. */
const MAX_BATCH_ROWS = 1_000;

export interface TakeRowsOptions {
  clock: Clock;
  /** The key column of the rows. */
  key: string;
  /** Bytes of one line. */
  maxLineBytes: number;
  /** Called with at most MAX_BATCH_ROWS changes at a time. */
  apply: (changes: readonly Change[]) => Promise<unknown>;
}

/**
 * Reads the whole body.
 * @returns how many rows were taken.
 * @throws {SseTableError} naming the bad line; the rows before it stay taken, and it says how many.
 */
export async function takeRows(
  exchange: Answerable,
  kind: 'ndjson' | 'csv',
  { clock, key, maxLineBytes, apply }: TakeRowsOptions,
): Promise<number> {
  const createReader = kind === 'csv' ? createCsvReader : createNdjsonReader;
  const reader = createReader({ key, lineKey: false, maxLineBytes, onProblem: refuse });
  let taken = 0;

  async function applyAll(rows: readonly Row[]): Promise<void> {
    for (let start = 0; start < rows.length; start += MAX_BATCH_ROWS) {
      if (start > 0) await new Promise<void>((resolve) => clock.after(0, resolve));
      const batch = rows.slice(start, start + MAX_BATCH_ROWS);
      await apply(batch.map((data) => ({ type: 'add', data })));
      taken += batch.length;
    }
  }

  /** What the reader holds in `rows` when it throws came before the bad line. */
  async function take(read: (rows: Row[]) => void): Promise<void> {
    const rows: Row[] = [];
    try {
      read(rows);
    } finally {
      await applyAll(rows);
    }
  }

  try {
    for await (const chunk of bodyChunks(exchange, clock)) {
      await take((rows) => reader.push(chunk, rows));
    }
    await take((rows) => reader.end(rows));
  } catch (error) {
    if (!(error instanceof SseTableError)) throw error;
    const { code, message } = error;
    throw new SseTableError(code, `${message}; ${describeTaken(taken)}`, { cause: error });
  }
  return taken;
}

function refuse(problem: LineProblem): void {
  throw new SseTableError(problem.code, describeProblem(problem));
}

function describeTaken(taken: number): string {
  if (taken === 0) return 'no row was taken';
  return taken === 1 ? 'the row before it was taken' : `the ${taken} rows before it were taken`;
}
