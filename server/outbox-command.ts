/**
 * Runs `sse-table install …` and `sse-table uninstall …`, and says what they did.
 *
 * @see SPEC 6
 */
import { SseTableError } from './base/errors.ts';
import { changeOutboxes } from './source/install.ts';
import { hideSecret } from './source/kind.ts';
import type { OutboxRequest } from './source/outbox-change.ts';

/**
 * Changes the databases named, one after the other.
 * @returns the text for standard output: SQL with `dryRun`, else a line for each database.
 * @throws {SseTableError} `bad_option`: none is named, or one cannot be changed.
 */
export async function runOutboxCommand(
  databases: readonly string[],
  request: OutboxRequest,
): Promise<string> {
  const { action, dryRun } = request;
  if (databases.length === 0) {
    throw new SseTableError(
      'bad_option',
      `${action} needs a database: sse-table ${action} shop.db`,
    );
  }
  const lines: string[] = [];
  for (const database of databases) {
    const { tables, sql, skipped } = await changeOutboxes(database, request);
    const name = hideSecret(database);
    lines.push(...skipped.map((reason) => `${dryRun ? '-- ' : ''}${name}: skipped ${reason}`));
    if (dryRun) {
      lines.push(`-- ${name}`);
      if (sql.length > 0)
        lines.push('BEGIN;', ...sql.map((statement) => `${statement};`), 'COMMIT;');
      continue;
    }
    const done = action === 'install' ? 'outbox installed for' : 'outbox removed from';
    lines.push(
      tables.length === 0 ? `${name}: nothing to do` : `${name}: ${done} ${tables.join(', ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
