/**
 * Any event of any stream: tables' own, objects without a `type`, other JSON, plain text.
 *
 * @see SPEC 4 "A yielded object or string is framed as data:"
 */
import type { StreamEvent } from '../../server/wire/event.ts';
import { isEvent } from '../feed/read-events.ts';

/** One event. Without a `type` of its own it has that of its `event:` line, or `message`. */
export interface Message {
  type: string;
  [member: string]: unknown;
}

/**
 * @param text the event's `data:`; an object is taken as it is, anything else becomes `data`.
 * @param name the event's `event:`.
 * @throws {SyntaxError} when a table's event lacks what its type needs: it may have held a change.
 */
export function readMessage(text: string, name: string | undefined): StreamEvent {
  const value = parsed(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const message: unknown =
    isObject && 'type' in value ? value : { type: name ?? 'message', data: value };
  if (isEvent(message)) return message;
  throw new SyntaxError(`not an event: ${text.slice(0, 300)}`);
}

/** @returns the text itself where it is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
