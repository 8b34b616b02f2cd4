/**
 * Registers the companions. Loading it twice is harmless, and so is importing it where there is no DOM.
 *
 * @see FRONTEND 4 "Companions"
 */
import { SseLog } from './companion/sse-log.ts';
import { SseMessages } from './companion/sse-messages.ts';
import { SseStats } from './companion/sse-stats.ts';
import { SseStatus } from './companion/sse-status.ts';
import { SseUpload } from './companion/sse-upload.ts';

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  'sse-status': SseStatus,
  'sse-stats': SseStats,
  'sse-log': SseLog,
  'sse-messages': SseMessages,
  'sse-upload': SseUpload,
};

for (const [name, element] of Object.entries(ELEMENTS)) {
  if (typeof customElements !== 'undefined' && customElements.get(name) === undefined) {
    customElements.define(name, element);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'sse-log': SseLog;
    'sse-messages': SseMessages;
    'sse-stats': SseStats;
    'sse-status': SseStatus;
    'sse-upload': SseUpload;
  }
}

export { SseLog, SseMessages, SseStats, SseStatus, SseUpload };
