/**
 * Randomness, passed in: seeded where a run must be repeatable.
 *
 * @see SPEC 3.3 "Randomness from a seed"
 */

/** Returns a number in [0, 1), like `Math.random`. */
export type Random = () => number;

/**
 * A seeded generator: the same seed gives the same numbers for ever.
 * Mulberry32: 32 bits of state, period 2^32, ample for demo rows and test schedules. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `value` moved at random by at most `share` of itself either way; jitter keeps clients apart. */
export function jitter(value: number, share: number, random: Random): number {
  return value * (1 + share * (2 * random() - 1));
}
