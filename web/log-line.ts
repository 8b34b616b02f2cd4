/**
 * One line of the log for one event of the stream; a batch is one line too.
 *
 * @see SPEC 3.2, FRONTEND 4 "Companions"
 */
import type { Change } from '../server/wire/change.ts';
import type { StreamEvent } from '../server/wire/event.ts';
import type { CompanionTexts } from './companion-text.ts';
import { fill } from './text.ts';

export interface LogLine {
  /** The colour: `success` for what came to be, `error` for what went wrong, else `info`. */
  kind: 'success' | 'error' | 'info';
  text: string;
  /** Milliseconds since the Unix epoch. */
  at: number;
}

/**
 * What the log says of an event.
 * @param key the table's key column, for events without a message.
 * @returns undefined for events that tell nobody anything: heartbeats, further chunks.
 */
export function describeEvent(
  event: StreamEvent,
  words: CompanionTexts,
  key: string,
): LogLine | undefined {
  switch (event.type) {
    case 'init':
      return line('success', atOf(event.timestamp), words.snapshot, {
        table: event.table,
        count: event.total,
      });
    case 'resumed':
      return line('success', Date.now(), words.resumed, { count: event.missed });
    case 'sync':
      return line('info', Date.now(), words.batch, {
        count: event.data.length + event.deleted.length,
      });
    case 'add':
    case 'update':
    case 'delete':
      return line(kindOf(event), atOf(event.timestamp), textOf(event, words, key));
    case 'batch': {
      const only = event.changes.length === 1 ? event.changes[0] : undefined;
      return only === undefined
        ? line('info', atOf(event.timestamp), words.batch, { count: event.changes.length })
        : line(kindOf(only), atOf(event.timestamp), textOf(only, words, key));
    }
    case 'batch_update':
      return event.message
        ? line('info', atOf(event.timestamp), event.message)
        : line('info', atOf(event.timestamp), words.batch, { count: event.data.length });
    case 'error':
      return line('error', Date.now(), event.message);
    case 'end':
      return line('info', Date.now(), event.message || words.ended);
    default:
      return undefined;
  }
}

function line(
  kind: LogLine['kind'],
  at: number,
  text: string,
  values?: Readonly<Record<string, string | number>>,
): LogLine {
  if (values === undefined) return { kind, at, text };
  const filled = Object.fromEntries(Object.entries(values).map(([k, v]) => [k, String(v)]));
  return { kind, at, text: fill(text, filled) };
}

/** The event's own time; a server that sends none gets the time of arrival. */
function atOf(timestamp: string): number {
  const at = Date.parse(timestamp);
  return Number.isNaN(at) ? Date.now() : at;
}

function kindOf(change: Change): LogLine['kind'] {
  return change.type === 'add' ? 'success' : 'info';
}

function textOf(change: Change, words: CompanionTexts, key: string): string {
  if (change.message) return change.message;
  const word = { add: words.added, update: words.updated, delete: words.deleted }[change.type];
  return fill(word, { key: String(change.data[key]) });
}
