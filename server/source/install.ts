/**
 * `sse-table install` and `uninstall`: outbox triggers in a database, on request only.
 *
 * @see SPEC 6
 */
import { badOption, hideSecret, kindOf, sqlitePath } from './kind.ts';
import type { OutboxChange, OutboxRequest } from './outbox-change.ts';
import { installPostgres } from './postgres/install.ts';
import { installSqlite } from './sqlite/install-sqlite.ts';

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
