/**
 * The one file for a page without a build: registers `<sse-table>` and `<sse-column>`, and fetches the
 * companions from beside itself where the page has one. A page without them does not pay for them.
 *
 * @see FRONTEND 1, 4 "Conventions"; SPEC 2 "One script tag"
 */
import { SseColumn } from './element/sse-column.ts';
import { SseTable } from './element/sse-table.ts';

const COMPANIONS = ['sse-status', 'sse-stats', 'sse-log', 'sse-messages', 'sse-upload'];

// Columns first: a table that is upgraded finds its declarations ready.
if (customElements.get('sse-column') === undefined) customElements.define('sse-column', SseColumn);
if (customElements.get('sse-table') === undefined) customElements.define('sse-table', SseTable);

/** Loads the companions if there is one to be seen; else looks again when something is added. */
function loadCompanions(): boolean {
  if (document.querySelector(COMPANIONS.join()) === null) return false;
  const url = new URL('sse-table-companions.js', import.meta.url);
  import(url.href).catch((error: unknown) => console.error('<sse-table>: no companions', error));
  return true;
}

if (!loadCompanions()) {
  const observer = new MutationObserver(() => {
    if (loadCompanions()) observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

// What the companions file takes from this one instead of bringing it again; private.
export { css, html, LitElement } from 'lit';
export { companionStyle } from './element/companion-style.ts';
export { acquireFeed } from './feed/shared-feed.ts';
export { usableLocale } from './wording/format.ts';
export { languageOf } from './wording/language.ts';
export { fill, texts } from './wording/text.ts';
export { SseColumn, SseTable };
