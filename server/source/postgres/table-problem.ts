/**
 * What keeps a table of PostgreSQL from being served.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import type { CatalogTable } from './catalog.ts';

/** Why a table cannot be served, with the fix; undefined: it can. `url` is shown. */
export function problemOf(table: CatalogTable, url: string): string | undefined {
  const { label, key, isInstalled, isReadable } = table;
  if (isInstalled && !isReadable) {
    return `table "${label}" may not be read by this role; GRANT SELECT on it and on schema sse_table`;
  }
  if (isInstalled) return undefined;
  return key.length === 0
    ? `table "${label}" has no primary key; name one: sse-table install ${url} --table ${label} --key <column>`
    : `table "${label}" has no triggers, or not all; run: sse-table install ${url} --table ${label}`;
}
