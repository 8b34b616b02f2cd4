/**
 * One Feed per address and page: every element with the same `src` shares a connection and its rows,
 * because HTTP/1.1 gives a browser six connections to a server, all tabs together.
 *
 * @see FRONTEND 4 "Resume"
 */
import type { InitEvent } from '../../server/wire/event.ts';
import { Feed } from './feed.ts';
import type { Run } from './feed-options.ts';

interface Shared {
  feed: Feed;
  users: number;
}

/** Where the page keeps its feeds: on `globalThis`, so that two copies of this script share them. */
const REGISTRY = Symbol.for('sse-table.feeds.1');

interface Holder {
  [REGISTRY]?: Map<string, Shared>;
}

/** How this copy's feeds connect, where that is not by themselves: names within it may be shortened. */
const connecting: { by?: Run } = {};

/** Has feeds from now on connect by `run`: for all tabs at once, say. */
export function connectBy(run: Run): void {
  connecting.by = run;
}

/**
 * The feed of an address; connects with the first user and closes with the last.
 * @param src absolute, or relative to the document.
 * @param known rows to start from where nobody has them yet, and the event id they are as of.
 * @returns the feed, and `release` to call once when done with it.
 */
export function acquireFeed(
  src: string,
  credentials: RequestCredentials = 'same-origin',
  known?: { init: InitEvent; id: string },
): { feed: Feed; release: () => void } {
  const address = new URL(src, document.baseURI).href;
  const holder: typeof globalThis & Holder = globalThis;
  holder[REGISTRY] ??= new Map();
  const feeds = holder[REGISTRY];
  const name = `${credentials} ${address}`;
  let shared = feeds.get(name);
  if (shared === undefined) {
    shared = { feed: new Feed(address, { credentials, run: connecting.by }), users: 0 };
    feeds.set(name, shared);
    if (known) shared.feed.startFrom(known.init, known.id);
    shared.feed.open();
  }
  shared.users++;
  const mine = shared;
  let released = false;
  return {
    feed: mine.feed,
    release() {
      if (released) return;
      released = true;
      mine.users--;
      // An element that is moved leaves the document and comes back at once: keep its connection.
      queueMicrotask(() => {
        if (mine.users > 0 || feeds.get(name) !== mine) return;
        feeds.delete(name);
        mine.feed.close();
      });
    },
  };
}
