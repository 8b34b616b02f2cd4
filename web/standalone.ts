/**
 * The one file for a page without a build: registers `<sse-table>` and `<sse-column>`, and fetches the
 * companions from beside itself where the page has one. A page without them does not pay for them.
 *
 * @see FRONTEND 1, 4 "Conventions"; SPEC 2 "One script tag"
 */
import { SseColumn } from './element/sse-column.ts';
import { SseTable } from './element/sse-table.ts';
import { runConnection } from './feed/connection.ts';
import type { Run } from './feed/feed-options.ts';
import { connectBy } from './feed/shared-feed.ts';

/** All tabs share a connection by a file of its own; without it each has one. */
const runAlone: Run = runConnection;
connectBy((...connection) =>
  import('./tabs/run-in-tabs.ts').then(
    ({ runInTabs }) => runInTabs(...connection),
    () => runAlone(...connection),
  ),
);

const COMPANIONS = 'sse-status,sse-stats,sse-log,sse-messages,sse-upload';

// Columns first: a table that is upgraded finds its declarations ready.
if (!customElements.get('sse-column')) customElements.define('sse-column', SseColumn);
if (!customElements.get('sse-table')) customElements.define('sse-table', SseTable);

/** Loads the companions if there is one to be seen; else looks again when something is added. */
function loadCompanions(): boolean {
  if (!document.querySelector(COMPANIONS)) return false;
  import('./companions-define.ts'); // where it is missing the browser says so
  return true;
}

if (!loadCompanions()) {
  const observer = new MutationObserver(() => {
    if (loadCompanions()) observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

// What the other files take from this one instead of bringing it again; private.
export { css, html, LitElement, nothing } from 'lit';
export { companionStyle } from './element/companion-style.ts';
export { acquireFeed } from './feed/shared-feed.ts';
export { toDate, usableLocale } from './wording/format.ts';
export { isChinese, languageOf } from './wording/language.ts';
export { ENGLISH, fill } from './wording/text.ts';
export { runConnection, SseColumn, SseTable };
