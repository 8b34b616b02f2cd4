/**
 * How long to wait before the next connection: exponential with full jitter, so that clients cut off
 * together do not come back together.
 *
 * @see FRONTEND 4 "Honest freshness", SPEC 3.2 "Refusals"
 */

/** Until the server has said its own in `retry:`. */
export const DEFAULT_RETRY_MS = 1_000;

/** However many attempts failed, someone who looks at the page waits no longer than this. */
const MAX_BACK_OFF_MS = 30_000;

/** A longer `Retry-After` is a mistake; and timers overflow at 2^31 ms. */
const MAX_RETRY_AFTER_MS = 3_600_000; // one hour

/**
 * @param attempts connections that failed in a row, this one counted: 1, 2, …
 * @param retryMs the base: the server's `retry:`.
 * @returns a time between 0 and min(30 s, retryMs × 2^(attempts−1)).
 */
export function backOffMs(attempts: number, retryMs: number, random: () => number): number {
  return random() * Math.min(MAX_BACK_OFF_MS, retryMs * 2 ** (attempts - 1));
}

/**
 * Reads a `Retry-After` header: seconds or an HTTP date.
 * @returns undefined where there is none, or none that can be read.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const isSeconds = /^\d+$/.test(text);
  // Date.parse makes a date of nearly anything, of `-1` for one; an HTTP date ends in GMT.
  if (!isSeconds && !text.endsWith('GMT')) return undefined;
  const ms = isSeconds ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
