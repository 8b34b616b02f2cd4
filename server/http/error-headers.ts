/**
 * The headers that go with some errors, beside their JSON.
 *
 * @see SPEC 3.2 "Refusals", 8 "401 without"
 */
import { type ErrorCode, SseTableError } from '../base/errors.ts';
import type { Headers } from './head.ts';

/** What `WWW-Authenticate` says, by error. @see RFC 6750, 3 */
const CHALLENGES: ReadonlyMap<ErrorCode, string> = new Map([
  ['unauthorized', 'Bearer realm="sse-table"'],
  ['token_expired', 'Bearer realm="sse-table", error="invalid_token"'],
  ['forbidden', 'Bearer realm="sse-table", error="insufficient_scope"'],
]);

/** Errors that pass by themselves: the answer says when to come back. */
const COME_BACK: ReadonlySet<ErrorCode> = new Set([
  'too_many',
  'overloaded',
  'draining',
  'not_ready',
]);

/**
 * What the client is told by headers: how to prove itself, when to come back, what is possible.
 * @param known is asked only where it is needed.
 */
export function errorHeaders(
  error: unknown,
  known: { retryAfter: () => string; allowed: () => readonly string[] },
): Headers {
  if (!(error instanceof SseTableError)) return {};
  const { code } = error;
  const challenge = CHALLENGES.get(code);
  if (challenge !== undefined) return { 'WWW-Authenticate': challenge };
  if (COME_BACK.has(code)) return { 'Retry-After': known.retryAfter() };
  return code === 'method_not_allowed' ? { Allow: known.allowed().join(', ') } : {};
}
