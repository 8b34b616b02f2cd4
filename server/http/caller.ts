/**
 * A Caller: what the one who sent a request may do.
 *
 * @see SPEC 8 "permissions", 10 "JWT"
 */
import { SseTableError } from '../base/errors.ts';

/** What a route may ask for; a token bears these words, or `sse:read:orders` for one table. */
export type Permission = 'sse:read' | 'sse:write' | 'admin';

/** Each row of it is for one user: a permission for all tables does not reach it. */
const PRIVATE_TABLE = 'user_messages';

export class Caller {
  readonly #granted: ReadonlySet<string> | undefined;
  /** When the token expires, in ms since the epoch. */
  readonly expiresAtMs: number | undefined;
  /** Who it is, where that is known: the token's subject. */
  readonly user: string | undefined;

  /** @param granted the token's permissions; undefined: no tokens are asked for, all is open. */
  constructor(granted: ReadonlySet<string> | undefined, expiresAtMs?: number, user?: string) {
    this.#granted = granted;
    this.expiresAtMs = expiresAtMs;
    this.user = user;
  }

  /** Whether `permission` is granted, for `table` or for all tables; `admin` may do everything. */
  may(permission: Permission, table?: string): boolean {
    const granted = this.#granted;
    if (granted === undefined || granted.has('admin')) return true;
    if (granted.has(permission) && table !== PRIVATE_TABLE) return true;
    return table !== undefined && granted.has(`${permission}:${table}`);
  }

  /** @throws {SseTableError} `forbidden`, naming the missing permission. */
  require(permission: Permission, table?: string): void {
    if (this.may(permission, table)) return;
    const narrow = table === undefined ? '' : ` or ${permission}:${table}`;
    throw new SseTableError('forbidden', `the token lacks the permission ${permission}${narrow}`);
  }
}

/** The caller where no tokens are configured. */
export const ANYONE = new Caller(undefined);
