/**
 * What the rings of all channels may hold together: hundreds of views each have one.
 *
 * @see SPEC 7 "ring", "distinct views"
 */
import type { Ring } from './ring.ts';

/** So many full rings in all: 256 MiB with rings of 8 MiB. */
export const MAX_FULL_RINGS = 32;

/** A channel, as far as its ring is concerned. */
export interface RingHolder {
  readonly ring: Ring;
  readonly subscribers: number;
  /** When it last had a subscriber. */
  readonly lastUsedMs: number;
}

/**
 * Takes frames out of rings until they all hold at most `maxBytes`: first those that nobody watches,
 * the ones left longest ago before others; then the largest. Who misses a frame that is gone is told
 * what has changed since.
 * @returns how many rings lost frames.
 */
export function boundRings(holders: Iterable<RingHolder>, maxBytes: number): number {
  const all = [...holders];
  let excess = all.reduce((sum, { ring }) => sum + ring.bytes, 0) - maxBytes;
  if (excess <= 0) return 0;
  let trimmed = 0;
  for (const { ring } of all.sort(byWorth)) {
    if (excess <= 0) break;
    const before = ring.bytes;
    if (before === 0) continue;
    ring.trim(before - excess);
    excess -= before - ring.bytes;
    trimmed++;
  }
  return trimmed;
}

/** Least worth keeping first. */
function byWorth(a: RingHolder, b: RingHolder): number {
  const isWatched = Number(a.subscribers > 0) - Number(b.subscribers > 0);
  if (isWatched !== 0) return isWatched;
  return a.subscribers > 0 ? b.ring.bytes - a.ring.bytes : a.lastUsedMs - b.lastUsedMs;
}
