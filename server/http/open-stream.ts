/**
 * From a request to a Subscriber: writes the response head through node:http or node:http2, then
 * hands socket or HTTP/2 stream over.
 *
 * @see SPEC 3.2 "Head", 8 "HTTP/2", 10 "HTTP/1.0"; DESIGN 4
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Channel, Join } from '../stream/channel.ts';
import type { Subscriber } from '../stream/subscriber.ts';
import type { StreamEvent } from '../wire/event.ts';
import { frameText, retryText } from '../wire/frame.ts';
import type { ClientSink } from './client-sink.ts';
import { prepareDetach } from './detach-socket.ts';
import { carrierOf, closingHeaders, type HttpRequest, type HttpResponse } from './message.ts';
import { prefer } from './negotiate.ts';
import { sinkOf } from './sink-of.ts';

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
  request: HttpRequest,
  response: HttpResponse,
  channel: Channel,
  options: OpenStreamOptions,
): void {
  const { lastEventId, expiresAtMs, onClose } = options;
  if (carrierOf(request).destroyed) {
    onClose();
    return;
  }
  const gzip = takesGzip(request);
  const join = { lastEventId, expiresAtMs, gzip };
  response.appendHeader('Vary', 'Accept-Encoding');
  const writeHead = (): void => {
    response.writeHead(200, {
      ...STREAM_HEADERS,
      ...options.headers,
      ...(gzip && { 'Content-Encoding': 'gzip' }),
    });
  };
  if (response.stream !== undefined) {
    writeHead();
    openOnHttp2(response.stream, sinkOf(request, false), channel, join, onClose);
  } else if (request instanceof IncomingMessage && response instanceof ServerResponse) {
    openOnSocket(request, response, writeHead, channel, join, onClose);
  } else {
    throw new TypeError('neither HTTP/1.1 nor HTTP/2');
  }
}

/** HTTP/1.1, with or without TLS: frames go to the socket, and node:http lets go of it. */
function openOnSocket(
  request: IncomingMessage,
  response: ServerResponse,
  writeHead: () => void,
  channel: Channel,
  join: Join,
  onClose: () => void,
): void {
  const { socket } = request;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  const detach = prepareDetach(request, response, socket);
  // The head and the first frames leave in one write.
  socket.cork();
  writeHead();
  response.flushHeaders();
  const sink = sinkOf(request, response.chunkedEncoding);
  const subscriber = channel.join(sink, join);
  socket.uncork();
  hold(socket, sink, channel, subscriber, onClose);
  setImmediate(() => {
    if (!socket.destroyed) detach();
  });
}

/** HTTP/2: the stream's own window is the client's pace, and other streams go on beside it. */
function openOnHttp2(
  stream: ServerHttp2Stream,
  sink: ClientSink,
  channel: Channel,
  join: Join,
  onClose: () => void,
): void {
  stream.setTimeout(0);
  const subscriber = channel.join(sink, join);
  stream.on('drain', () => {
    if (sink.drained()) subscriber.drained();
  });
  stream.once('close', () => {
    channel.leave(subscriber);
    onClose();
  });
}

/** Without the header a client takes anything, but one that cannot unzip is likelier. */
function takesGzip({ headers }: HttpRequest): boolean {
  const accepted = headers['accept-encoding'];
  return accepted !== undefined && prefer(accepted, ['gzip', 'identity']) === 'gzip';
}

/**
 * Listens to the socket for as long as the stream lasts. The listeners refer to these five things
 * only, so that request and response can go.
 */
function hold(
  socket: Socket,
  sink: ClientSink,
  channel: Channel,
  subscriber: Subscriber,
  onClose: () => void,
): void {
  socket.on('drain', () => {
    if (sink.drained()) subscriber.drained();
  });
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
  response: HttpResponse,
  events: readonly StreamEvent[],
  options: { id?: string; retryMs?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(200, { ...STREAM_HEADERS, ...options.headers, ...closingHeaders(response) });
  if (options.retryMs !== undefined) response.write(retryText(options.retryMs));
  for (const event of events) response.write(frameText(JSON.stringify(event), options.id));
  response.end();
}
