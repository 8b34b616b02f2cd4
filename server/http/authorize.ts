/**
 * A program's own say in who may do what.
 *
 * @see SPEC 4, 8 "permissions"
 */
import { SseTableError } from '../base/errors.ts';
import { ANYONE, Caller, type Permission } from './caller.ts';
import type { HttpRequest } from './message.ts';

/** What is asked for. */
export interface Asking {
  readonly request: HttpRequest;
  readonly query: URLSearchParams;
  /** What the route needs; `any` and `token`: it looks further, or needs a proof of some kind. */
  readonly permission: Permission | 'any' | 'token';
  /** The table it is about, if it is about one. */
  readonly table: string | undefined;
  /** Whom the token names, where tokens are configured. */
  readonly caller: Caller | undefined;
}

/** Who it is and what they may do. */
export interface Identity {
  /** Private events of that name reach them. */
  user?: string | undefined;
  /** `sse:read`, `sse:write:orders`, `admin`, …; undefined: everything. */
  permissions?: readonly string[] | undefined;
  /** When their streams end, in ms since the epoch. */
  expiresAtMs?: number | undefined;
}

export type Verdict = boolean | Identity;

/** What a verdict grants. @throws {SseTableError} `forbidden`. */
export function callerOf(verdict: Verdict, caller: Caller | undefined): Caller {
  if (verdict === true) return caller ?? ANYONE;
  if (typeof verdict !== 'object' || verdict === null) {
    throw new SseTableError('forbidden', 'the server does not allow this');
  }
  const { user, permissions, expiresAtMs } = verdict;
  return new Caller(permissions && new Set(permissions), expiresAtMs, user);
}
