/**
 * What people should know of a table of a SQLite file when it is first served.
 *
 * @see SPEC 6 "SQLite"
 */
import type { Installed } from './installation.ts';
import type { ServedTable } from './served-table.ts';

/** Rows that are compared well; for more, an outbox is suggested. */
const MANY_ROWS = 100_000;

/** The warnings, each with the fix. @param count of its rows. @param file for the command shown. */
export function warningsOf(
  { shape: { name }, rows }: ServedTable,
  count: number,
  outbox: Installed['state'],
  file: string,
): string[] {
  const install = `sse-table install ${file} --table ${name}`;
  const warnings: string[] = [];
  if (rows.keyless > 0) {
    warnings.push(`table "${name}": ${rows.keyless} rows without a fit key are not shown`);
  }
  if (outbox === 'stale') {
    warnings.push(`table "${name}" has changed since its outbox was made; renew it: ${install}`);
  } else if (outbox === 'none' && count > MANY_ROWS) {
    warnings.push(`table "${name}": each change compares ${count} rows; faster: ${install}`);
  }
  return warnings;
}
