/**
 * Connects once for all tabs of the browser. A feed made with this as its `run` shares; where sharing is
 * not to be had, or not wanted, it connects by itself, as any other.
 *
 * @see FRONTEND 4 "one per browser across tabs", "falls back quietly"
 */
import { runConnection } from '../feed/connection.ts';
import type { Feed } from '../feed/feed.ts';
import type { Run } from '../feed/feed-options.ts';
import { browserPage } from '../feed/page.ts';
import { TabShare, type TabShareDeps } from './tab-share.ts';

/** `<meta name="sse-table-tabs" content="off">`: this page's connections are its own. */
const OFF = 'meta[name="sse-table-tabs"][content="off"]';

const shares = new WeakMap<Feed, TabShare>();

export const runInTabs: Run = (src, options, handlers, feed) => {
  let share = shares.get(feed);
  if (share === undefined && canShare()) {
    // Who may see what depends on the cookies that are sent.
    share = new TabShare(`sse-table ${options.credentials} ${src}`, feed, browserDeps());
    shares.set(feed, share);
  }
  return share?.run(src, options, handlers) ?? runConnection(src, options, handlers);
};

/** Web Locks are there in secure contexts only: HTTPS and loopback. */
function canShare(): boolean {
  return (
    navigator.locks !== undefined &&
    typeof BroadcastChannel !== 'undefined' &&
    document.querySelector(OFF) === null
  );
}

function browserDeps(): TabShareDeps {
  let thawed = Promise.resolve();
  document.addEventListener('freeze', () => {
    thawed = new Promise((resolve) => {
      document.addEventListener('resume', () => resolve(), { once: true });
    });
  });
  return {
    locks: navigator.locks,
    openChannel: (name) => new BroadcastChannel(name),
    page: browserPage,
    me: crypto.randomUUID(),
    onFreeze(fn) {
      document.addEventListener('freeze', fn);
      return () => document.removeEventListener('freeze', fn);
    },
    thawed: () => thawed,
  };
}
