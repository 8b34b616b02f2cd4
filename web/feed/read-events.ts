/**
 * From the bytes of a response to events: `eventsource-parser` frames them, JSON.parse reads them, and
 * what is not an event of ours is refused here, once.
 *
 * @see SPEC 3.2
 */
import { createParser } from 'eventsource-parser';
import type { StreamEvent } from '../../server/wire/event.ts';

/** Characters of one event: a server that never ends its event must not fill the tab's memory. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024; // 64 Mi: a whole-table event of a generous server

/** After a piece as large, a frame may be drawn before the next: all of a snapshot would be a second. */
const LARGE_PIECE_BYTES = 64 * 1024; // 64 KiB: as much as is parsed within a millisecond

/** Characters of a refusal that are shown; a proxy's error page can be long. */
const MAX_MESSAGE_LENGTH = 300;

/** The members that must be arrays, by type. Other types carry no rows. */
const ARRAYS_OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  init: ['data', 'columns'],
  rows: ['data'],
  sync: ['data', 'deleted'],
  batch: ['changes'],
  batch_update: ['data'],
};

/** Why a stream is not as it should be; `code` as in the server's errors. */
export interface Problem {
  code: string;
  message: string;
}

export interface EventHandlers {
  /** Something came, be it only half an event. */
  onBytes(): void;
  /** The server's `retry:`, in milliseconds. */
  onRetry(retryMs: number): void;
  /** @param text the event as it came. */
  onEvent(event: StreamEvent, id: string | undefined, text: string): void;
  /** Reads an event in another way than `parseEvent`; `name` is that of its `event:` line. */
  parse?(text: string, name: string | undefined): StreamEvent;
}

/**
 * Reads the stream to its end.
 * @throws {SyntaxError} on an event that is not one of the stream's; {RangeError} on one beyond 64 Mi
 * characters; and whatever the network throws (a TypeError).
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  handlers: EventHandlers,
): Promise<void> {
  const parse = handlers.parse ?? parseEvent;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ data, event, id }) => handlers.onEvent(parse(data, event), id, data),
    onRetry: handlers.onRetry,
    onError(error) {
      if (error.type !== 'max-buffer-size-exceeded') return;
      throw new RangeError(`an event of more than ${MAX_EVENT_LENGTH} characters`);
    },
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      handlers.onBytes();
      parser.feed(decoder.decode(value, { stream: true }));
      if (value.length > LARGE_PIECE_BYTES) await turn();
    }
  } finally {
    // Lets go of the connection when an event was refused; after an end or an abort it does nothing.
    reader.cancel().catch(() => undefined);
  }
}

/** Lets the browser draw. A timer would be throttled in a hidden tab, and the stream with it. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

/** @throws {SyntaxError} when the text is not an event with the members its type needs. */
export function parseEvent(text: string): StreamEvent {
  const event: unknown = JSON.parse(text);
  if (!isEvent(event)) throw new SyntaxError(`not an event: ${text.slice(0, MAX_MESSAGE_LENGTH)}`);
  return event;
}

/** Whether it has the members that its type needs. */
export function isEvent(value: unknown): value is StreamEvent {
  if (!isObject(value) || typeof value.type !== 'string') return false;
  const { type } = value;
  if (type === 'add' || type === 'update' || type === 'delete') return isObject(value.data);
  return (ARRAYS_OF_TYPE[type] ?? []).every((member) => Array.isArray(value[member]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns undefined for what is not JSON: the status then says all there is to say. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a response that is no stream says: the server's own code and message where it gives them. */
export async function readProblem(response: Response): Promise<{ code: string; message: string }> {
  const fallback = {
    code: response.ok ? 'not_a_stream' : `http_${response.status}`,
    message: response.ok
      ? `the address answers with ${response.headers.get('content-type') ?? 'no type'}, not text/event-stream`
      : `${response.status} ${response.statusText}`.trim(),
  };
  if (response.headers.get('content-type')?.startsWith('application/json') !== true) {
    await response.body?.cancel();
    return fallback;
  }
  const body = parseJson(await response.text());
  if (!isObject(body)) return fallback;
  const { code, message } = body;
  return {
    code: typeof code === 'string' ? code : fallback.code,
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_LENGTH) : fallback.message,
  };
}
