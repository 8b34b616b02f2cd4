/**
 * `sse-table install` and `uninstall`: outbox triggers in a database, on request only.
 *
 * @see SPEC 6
 */
import { badOption, hideSecret, kindOf, sqlitePath } from './kind.ts';
import { installPostgres } from './postgres/install.ts';
import { installSqlite } from './sqlite/install-sqlite.ts';

export interface OutboxRequest {
  action: 'install' | 'uninstall';
  /** All when empty. */
  tables: readonly string[];
  /** `--key`: where that column is unique in a table. */
  key: string | undefined;
  /** Only tell what would be run. */
  dryRun: boolean;
}

/** What was changed, or would be. */
export interface OutboxChange {
  /** Tables that got or lost their outbox; those that were so already are not among them. */
  tables: string[];
  /** The statements, without their final semicolons. */
  sql: string[];
  /** Tables that can have none, and why. */
  skipped: string[];
}

/**
 * Changes the outboxes of the database that `argument` names, all or none; repeating it is harmless.
 * @throws {SseTableError} `bad_option` with the fix: no database, no such table, no right to.
 */
export async function changeOutboxes(
  argument: string,
  request: OutboxRequest,
): Promise<OutboxChange> {
  switch (kindOf(argument)) {
    case 'sqlite':
      return installSqlite(sqlitePath(argument), request);
    case 'postgres':
      return installPostgres({ url: argument, ...request });
    default:
      throw badOption(
        `"${hideSecret(argument)}" has no outboxes; ${request.action} is for shop.db or postgres://…`,
      );
  }
}
