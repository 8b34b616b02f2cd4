/**
 * How a connection stands.
 *
 * @see FRONTEND 4 "Honest freshness"
 */

/** `paused` is an element's state, not a feed's: a feed never stops merging. */
export type FeedState =
  | 'connecting'
  | 'live'
  | 'paused'
  | 'reconnecting'
  | 'stale'
  | 'offline'
  | 'ended';
