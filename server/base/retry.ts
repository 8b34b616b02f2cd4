/**
 * How long to wait before the next try: exponential back-off with full jitter, so that many who
 * failed together do not come back together.
 *
 * @see SPEC 6 "retries with jittered back-off"
 */
import type { Random } from './random.ts';

/** Past this the power of two is beyond any maximum. */
const MAX_DOUBLINGS = 30;

/** Between 0 and `baseMs`·2^`attempt`, at most `maxMs`. @param attempt counted from 0. */
export function backoffMs(attempt: number, baseMs: number, maxMs: number, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, MAX_DOUBLINGS));
}
