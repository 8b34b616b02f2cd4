/**
 * From a request to a Subscriber: writes the response head through node:http, then hands the socket
 * over to the stream.
 *
 * @see SPEC 3.2 "Head", 10 "HTTP/1.0"; DESIGN 4
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel } from '../stream/channel.ts';
import type { StreamEvent } from '../wire/event.ts';
import { frameText, retryText } from '../wire/frame.ts';
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
  // The head and the first frames leave in one write.
  socket.cork();
  response.writeHead(200, { ...STREAM_HEADERS, ...options.headers });
  response.flushHeaders();
  const sink = new SocketSink(socket, response.chunkedEncoding);
  const subscriber = channel.join(sink, options);
  socket.uncork();
  socket.on('drain', () => subscriber.drained());
  socket.once('close', () => {
    channel.leave(subscriber);
    options.onClose();
  });
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
