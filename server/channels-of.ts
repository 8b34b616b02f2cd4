/**
 * The channels as the options want them; the same in the process that keeps the tables and in workers.
 *
 * @see SPEC 7
 */
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import type { Options } from './options.ts';
import { Channels } from './stream/channels.ts';

/** @param isGathered what tables apply was gathered elsewhere: each `apply` leaves at once. */
export function channelsOf(
  options: Options,
  { clock, random }: { clock: Clock; random: Random },
  isGathered: boolean,
): Channels {
  return new Channels({
    clock,
    random,
    isGathered,
    maxViews: options.maxViews,
    ringFrames: options.ringFrames,
    ringBytes: options.ringBytes,
    flushMs: options.flush,
    heartbeatMs: options.heartbeat,
    stallTimeoutMs: options.stallTimeout,
    maxLifetimeMs: options.maxLifetime,
    retryMs: options.retry,
  });
}
