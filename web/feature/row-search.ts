/**
 * Finds a text in what the rows of a table show, drawn or not, in slices that leave the page its frames.
 *
 * @see FRONTEND 4 "find in virtual rows"
 */
import type { HeldRow } from '../feed/rows.ts';
import type { ViewColumn } from '../grid/columns.ts';

/** Time spent searching before the page gets its turn, in ms. */
const SLICE_MS = 6;

/** Rows looked at between two readings of the clock. */
const STRIDE = 64;

/** Rows found at most: nobody goes through more one by one. */
export const MAX_FOUND = 10_000;

/** What is searched. */
export interface SearchedRows {
  readonly size: number;
  at(index: number): HeldRow | undefined;
}

/** Where the text is first found in a row: the position of the column; -1: nowhere. */
export function findIn(held: HeldRow, columns: readonly ViewColumn[], wanted: string): number {
  return columns.findIndex(({ field, format }) =>
    format(held.row[field] ?? null, held.row)
      .toLowerCase()
      .includes(wanted),
  );
}

/**
 * Searches all rows from top to bottom.
 * @param wanted in lower case.
 * @param onFound called after each slice with all rows found so far, and whether that is all.
 */
export async function searchRows(
  rows: SearchedRows,
  columns: readonly ViewColumn[],
  wanted: string,
  signal: AbortSignal,
  onFound: (found: HeldRow[], isDone: boolean) => void,
): Promise<void> {
  const found: HeldRow[] = [];
  let until = performance.now() + SLICE_MS;
  // The table may grow meanwhile; rows that come later are found by the next search.
  for (let index = 0; index < rows.size && found.length < MAX_FOUND; index++) {
    if (index % STRIDE === 0 && performance.now() > until) {
      onFound(found, false);
      await new Promise<void>((resolve) => setTimeout(resolve));
      if (signal.aborted) return;
      until = performance.now() + SLICE_MS;
    }
    const held = rows.at(index);
    if (held !== undefined && findIn(held, columns, wanted) !== -1) found.push(held);
  }
  onFound(found, true);
}
