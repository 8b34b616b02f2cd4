/**
 * Registers every element, for bundlers. Loading it twice is harmless, and so is importing it where
 * there is no DOM.
 *
 * @see FRONTEND 4 "Conventions"
 */
import { SseColumn } from './element/sse-column.ts';
import { SseTable } from './element/sse-table.ts';
import { connectBy } from './feed/shared-feed.ts';
import { runInTabs } from './tabs/run-in-tabs.ts';

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  'sse-column': SseColumn,
  'sse-table': SseTable,
};

if (typeof document !== 'undefined') connectBy(runInTabs);

// Columns first: a table that is upgraded finds its declarations ready.
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (typeof customElements !== 'undefined' && customElements.get(name) === undefined) {
    customElements.define(name, element);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sse-column': SseColumn;
    'sse-table': SseTable;
  }
}

export { SseLog, SseMessages, SseStats, SseStatus, SseUpload } from './companions-define.ts';
export { SseColumn, SseTable };
