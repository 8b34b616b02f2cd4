/**
 * From a request to a Subscriber: writes the response head through node:http, then hands the socket
 * over to the stream.
 *
 * @see SPEC 3.2 "Head", 10 "HTTP/1.0"; DESIGN 4
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Channel } from '../stream/channel.ts';
import type { Subscriber } from '../stream/subscriber.ts';
import type { StreamEvent } from '../wire/event.ts';
import { frameText, retryText } from '../wire/frame.ts';
import { prepareDetach } from './detach-socket.ts';
import { prefer } from './negotiate.ts';
import { SocketSink } from './socket-sink.ts';

/** The head of every stream, and why: no cache, no proxy rewriting, no proxy buffering. */
const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

export interface OpenStreamOptions {
  lastEventId: string | undefined;
  /** When the client's token expires, in ms since the epoch. */
  expiresAtMs?: number | undefined;
  /** Runs exactly once, when the client is gone. */
  onClose: () => void;
  headers?: Record<string, string>;
}

/** Answers 200 and makes the client a subscriber of `channel`. */
export function openStream(
  request: IncomingMessage,
  response: ServerResponse,
  channel: Channel,
  options: OpenStreamOptions,
): void {
  const { socket } = request;
  if (socket.destroyed) {
    options.onClose();
    return;
  }
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  const detach = prepareDetach(request, response, socket);
  // The head and the first frames leave in one write.
  socket.cork();
  const gzip = takesGzip(request);
  response.appendHeader('Vary', 'Accept-Encoding');
  response.writeHead(200, {
    ...STREAM_HEADERS,
    ...options.headers,
    ...(gzip && { 'Content-Encoding': 'gzip' }),
  });
  response.flushHeaders();
  const sink = new SocketSink(socket, response.chunkedEncoding);
  const { lastEventId, expiresAtMs } = options;
  const subscriber = channel.join(sink, { lastEventId, expiresAtMs, gzip });
  socket.uncork();
  hold(socket, channel, subscriber, options.onClose);
  setImmediate(() => {
    if (!socket.destroyed) detach();
  });
}

/** Without the header a client takes anything, but one that cannot unzip is likelier. */
function takesGzip({ headers }: IncomingMessage): boolean {
  const accepted = headers['accept-encoding'];
  return accepted !== undefined && prefer(accepted, ['gzip', 'identity']) === 'gzip';
}

/**
 * Listens to the socket for as long as the stream lasts. The listeners refer to these four things
 * only, so that request and response can go.
 */
function hold(socket: Socket, channel: Channel, subscriber: Subscriber, onClose: () => void): void {
  socket.on('drain', () => subscriber.drained());
  // A client that closes its half has left: nobody half-closes and goes on reading events.
  socket.on('end', () => socket.destroy());
  // What follows an error is `close`.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    channel.leave(subscriber);
    onClose();
  });
  // What a client sends after its request is read and dropped; unread, its end would go unnoticed.
  socket.resume();
}

/** Answers with a short stream: these events and the end. For what an EventSource must be told. */
export function endStream(
  response: ServerResponse,
  events: readonly StreamEvent[],
  options: { id?: string; retryMs?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(200, { ...STREAM_HEADERS, ...options.headers, Connection: 'close' });
  if (options.retryMs !== undefined) response.write(retryText(options.retryMs));
  for (const event of events) response.write(frameText(JSON.stringify(event), options.id));
  response.end();
}
