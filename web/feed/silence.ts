/**
 * What it means that a connection has been silent for some time: nothing, that the rows may be old, or
 * that nobody is there any more.
 *
 * @see SPEC 3.2 "Heartbeat", FRONTEND 4 "Honest freshness"
 */

/** Assumed until `init` names the server's own. */
const DEFAULT_HEARTBEAT_MS = 15_000;

/** Two heartbeats may be late by network jitter; two and a half are not. */
const STALE_HEARTBEATS = 2.5;

/** A connection this silent is dead even if nobody said so: a half-open peer, a laptop that slept. */
const DEAD_HEARTBEATS = 3;

/**
 * @param heartbeatMs the server's; undefined until it is known.
 * @param staleAfterMs the page's own limit; undefined: 2.5 heartbeats.
 */
export function meaningOfSilence(
  silentMs: number,
  heartbeatMs: number = DEFAULT_HEARTBEAT_MS,
  staleAfterMs: number = heartbeatMs * STALE_HEARTBEATS,
): 'fresh' | 'stale' | 'dead' {
  if (silentMs >= heartbeatMs * DEAD_HEARTBEATS) return 'dead';
  return silentMs >= staleAfterMs ? 'stale' : 'fresh';
}
