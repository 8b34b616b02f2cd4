/**
 * Registers every element. Loading it twice is harmless, and so is importing it where there is no DOM.
 *
 * @see FRONTEND 4 "Conventions"
 */
import { SseColumn } from './sse-column.ts';
import { SseLog } from './sse-log.ts';
import { SseStats } from './sse-stats.ts';
import { SseStatus } from './sse-status.ts';
import { SseTable } from './sse-table.ts';

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  'sse-column': SseColumn,
  'sse-table': SseTable,
  'sse-status': SseStatus,
  'sse-stats': SseStats,
  'sse-log': SseLog,
};

// Columns first: a table that is upgraded finds its declarations ready.
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (typeof customElements !== 'undefined' && customElements.get(name) === undefined) {
    customElements.define(name, element);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sse-column': SseColumn;
    'sse-log': SseLog;
    'sse-stats': SseStats;
    'sse-status': SseStatus;
    'sse-table': SseTable;
  }
}

export { SseColumn, SseLog, SseStats, SseStatus, SseTable };
