/**
 * How a feed connects, and with what: each has the browser's own as its default.
 *
 * @see STYLE 14
 */
import type { ConnectionOptions, Outcome } from './connection.ts';
import type { Feed } from './feed.ts';
import type { Page } from './page.ts';
import type { EventHandlers } from './read-events.ts';

/** Connects once and reads to the end, as `runConnection` does, for the feed given. */
export type Run = (
  src: string,
  options: ConnectionOptions,
  handlers: EventHandlers,
  feed: Feed,
) => Promise<Outcome>;

export interface FeedOptions {
  /** As for `fetch`; `same-origin` by default, so nothing secret goes to another origin. */
  credentials?: RequestCredentials;
  fetch?: typeof fetch;
  page?: Page;
  random?: () => number;
  /** Another way to connect than `runConnection`. */
  run?: Run | undefined;
}
