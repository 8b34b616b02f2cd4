/**
 * Answers: JSON bodies and errors, sent so that the client can read them even while it is still
 * sending a body that nobody wants.
 *
 * @see SPEC 3 "errors are…", "Success bodies carry…"
 */
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import { type Answerable, type Headers, writeHead } from './head.ts';
import { breakOff, closingHeaders, type HttpRequest, hasBody } from './message.ts';

/** An unwanted body is read and dropped this far, so that closing does not reset the connection. */
const MAX_DRAIN_BYTES = 8 * 1024 * 1024; // 8 MiB

/** …and for this long. */
const MAX_DRAIN_MS = 5_000;

/** Sends `{"status":"success", …body}`. */
export function sendSuccess(
  exchange: Answerable,
  body: Record<string, unknown>,
  headers: Headers = {},
): void {
  sendText(exchange, 200, JSON.stringify({ status: 'success', ...body }), headers);
}

/** The same with 201: something has been made. */
export function sendCreated(exchange: Answerable, body: Record<string, unknown>): void {
  sendText(exchange, 201, JSON.stringify({ status: 'success', ...body }), {});
}

/** Sends a body that is not of our usual form. */
export function sendJson(exchange: Answerable, body: Record<string, unknown>): void {
  sendText(exchange, 200, JSON.stringify(body), {});
}

/** Sends 204, or 304, or any status without a body. */
export function sendEmpty(exchange: Answerable, status: number, headers: Headers = {}): void {
  writeHead(exchange, status, headers);
  exchange.response.end();
}

/**
 * Sends `{"status":"error","code","message"}`.
 * An unexpected error becomes 500 `internal` without any detail: the caller logs it.
 * Nothing is sent when the head has gone out already; then the connection is cut, so that the
 * client sees that the answer is not whole.
 */
export function sendError(
  exchange: Answerable,
  error: unknown,
  clock: Clock,
  headers: Headers = {},
): void {
  const { request, response } = exchange;
  if (response.headersSent) {
    breakOff(response);
    return;
  }
  const { status, body } = describe(error);
  const unread = isUnread(request);
  if (!unread) {
    sendText(exchange, status, body, { 'Cache-Control': 'no-store', ...headers });
    return;
  }
  writeHead(exchange, status, {
    ...jsonHead(body),
    'Cache-Control': 'no-store',
    ...headers,
    ...closingHeaders(response),
  });
  if (isWaiting(request)) {
    response.end(body);
    return;
  }
  response.write(body);
  drain(request, clock, () => response.end());
}

/** Status and body of an error. */
export function describe(error: unknown): { status: number; body: string } {
  const known =
    error instanceof SseTableError
      ? error
      : new SseTableError('internal', 'the server met an unexpected error; it is in its log');
  const { code, message, status } = known;
  return { status, body: JSON.stringify({ status: 'error', code, message }) };
}

function sendText(exchange: Answerable, status: number, body: string, headers: Headers): void {
  writeHead(exchange, status, { ...jsonHead(body), ...headers });
  exchange.response.end(body);
}

function jsonHead(body: string): Headers {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
  };
}

/** Whether the client may still be sending a body. */
function isUnread(request: HttpRequest): boolean {
  return hasBody(request) && !request.complete;
}

/** Whether the client waits for `100 Continue` before it sends the body. */
export function isWaiting({ headers }: HttpRequest): boolean {
  return headers.expect?.toLowerCase() === '100-continue';
}

/**
 * Reads on and drops the rest of a body, bounded, and then calls `done` once. Closing a socket with
 * unread bytes makes the kernel send a reset, which can overtake the answer.
 */
function drain(request: HttpRequest, clock: Clock, done: () => void): void {
  let left = MAX_DRAIN_BYTES;
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    cancel();
    done();
  };
  const cancel = clock.after(MAX_DRAIN_MS, finish);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) finish();
  });
  request.on('end', finish);
  request.on('close', finish);
  // Read errors end in 'close'; without a listener they would be thrown.
  request.on('error', finish);
  request.resume();
}
