/**
 * One connection to a stream, from the request to its end: what the answer means for the next one.
 *
 * @see SPEC 3.2 "Resume", "Refusals"
 */
import { retryAfterMs } from './back-off.ts';
import { type EventHandlers, type Problem, readEvents, readProblem } from './read-events.ts';

/** How a connection ended. */
export type Outcome =
  /** The stream was there and is over, for no reason given. */
  | { kind: 'over' }
  /** Nothing to come back for: 204, or a status that someone has to mend. */
  | { kind: 'final'; problem: Problem | undefined }
  /** Refused for now; `owedMs` is the least wait the server asked for. */
  | { kind: 'refused'; problem: Problem; owedMs: number | undefined };

export interface ConnectionOptions {
  fetch: typeof fetch;
  credentials: RequestCredentials;
  signal: AbortSignal;
  /** The last event received, to resume after it. */
  lastEventId: string | undefined;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

/** Statuses that pass by themselves; every other 4xx needs someone to mend something. */
const PASSING_STATUSES: readonly number[] = [408, 425, 429];

/**
 * Connects and reads to the end.
 * @throws what `readEvents` throws, and what `fetch` throws: a TypeError when nothing answers, an
 * AbortError when `signal` says so.
 */
export async function runConnection(
  src: string,
  options: ConnectionOptions,
  handlers: EventHandlers,
): Promise<Outcome> {
  // A refusal then comes with its status and in words; EventSource's own `accept` would get neither.
  const headers: Record<string, string> = { accept: 'text/event-stream, application/json' };
  if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
  const { credentials, signal } = options;
  const response = await options.fetch(src, { headers, credentials, cache: 'no-store', signal });
  handlers.onBytes();
  const { status, body } = response;
  if (status === 204) return { kind: 'final', problem: undefined };
  const type = response.headers.get('content-type');
  if (response.ok && body !== null && type?.startsWith('text/event-stream') === true) {
    await readEvents(body, handlers);
    return { kind: 'over' };
  }
  const problem = await readProblem(response);
  if (status >= 400 && status < 500 && !PASSING_STATUSES.includes(status)) {
    return { kind: 'final', problem };
  }
  const owedMs = retryAfterMs(response.headers.get('retry-after'), options.now());
  return { kind: 'refused', problem, owedMs };
}
