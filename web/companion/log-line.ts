/**
 * One line of the log for one event of the stream; a batch is one line too.
 *
 * @see SPEC 3.2, FRONTEND 4 "Companions"
 */
import type { Change } from '../../server/wire/change.ts';
import type { StreamEvent } from '../../server/wire/event.ts';
import { fill } from '../wording/text.ts';
import type { CompanionTexts } from './companion-text.ts';

export interface LogLine {
  /** The colour: `success` for what came to be, `error` for what went wrong, else `info`. */
  kind: 'success' | 'error' | 'info';
  text: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/**
 * What the log says of an event.
 * @param key the table's key column, for changes without a message.
 * @returns undefined for events that tell nobody anything: heartbeats, further chunks.
 */
export function describeEvent(
  event: StreamEvent,
  words: CompanionTexts,
  key: string,
): LogLine | undefined {
  const line = (text: string, kind: LogLine['kind'] = 'info'): LogLine => ({
    kind,
    text,
    at: ('timestamp' in event && Date.parse(String(event.timestamp))) || Date.now(),
  });
  const many = (count: number): LogLine => line(fill(words.batch, { count: String(count) }));
  const one = (change: Change): LogLine =>
    line(
      change.message || fill(words[change.type], { key: String(change.data[key]) }),
      change.type === 'add' ? 'success' : 'info',
    );
  switch (event.type) {
    case 'init':
      return line(fill(words.init, { table: event.table, count: String(event.total) }), 'success');
    case 'resumed':
      return line(fill(words.resumed, { count: String(event.missed) }), 'success');
    case 'sync':
      return many(event.data.length + event.deleted.length);
    case 'add':
    case 'update':
    case 'delete':
      return one(event);
    case 'batch': {
      const [first] = event.changes;
      return first !== undefined && event.changes.length === 1
        ? one(first)
        : many(event.changes.length);
    }
    case 'batch_update':
      return event.message ? line(event.message) : many(event.data.length);
    case 'log':
      return line(event.message);
    case 'connected':
      return line(event.message, 'success');
    case 'skipped':
    case 'error':
      return line(event.message, 'error');
    case 'end':
      return line(event.message);
    default:
      return undefined;
  }
}
