/**
 * An epoch: the name of a history. A new one says nothing of event ids of an older one.
 *
 * @see SPEC 3.2 "Event ids"
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** Digits beside the time: two starts within one millisecond still differ. */
const RANDOM_DIGITS = 4;

const RADIX = 36;

/** A new history's name: `mb3k2x9a7f1q`. */
export function createEpoch(clock: Clock, random: Random): string {
  const suffix = Math.floor(random() * RADIX ** RANDOM_DIGITS).toString(RADIX);
  return clock.now().toString(RADIX) + suffix.padStart(RANDOM_DIGITS, '0');
}
