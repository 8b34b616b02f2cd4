/**
 * From a request to a Subscriber: writes the response head through node:http or node:http2, then
 * hands socket or HTTP/2 stream over.
 *
 * @see SPEC 3.2 "Head", 8 "HTTP/2", 10 "HTTP/1.0"; DESIGN 4
 */
import { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Join, Stream } from '../stream/stream.ts';
import type { StreamEvent } from '../wire/event.ts';
import { frameText, retryText } from '../wire/frame.ts';
import type { ClientSink } from './client-sink.ts';
import { prepareDetach } from './detach-socket.ts';
import { type Answerable, type Headers, writeHead } from './head.ts';
import { carrierOf, closingHeaders, type HttpRequest } from './message.ts';
import { prefer } from './negotiate.ts';
import { sinkOf } from './sink-of.ts';

/** The head of every stream, and why: no cache, no proxy rewriting, no proxy buffering. */
const STREAM_HEADERS: Headers = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** One client of a stream. */
interface Reader {
  drained(): void;
}

/** …of one that goes on; whether it is compressed depends on what the client takes. */
const OPEN_HEADERS: Headers = { ...STREAM_HEADERS, Vary: 'Accept-Encoding' };

const GZIP_HEADERS: Headers = { ...OPEN_HEADERS, 'Content-Encoding': 'gzip' };

export interface OpenStreamOptions {
  lastEventId: string | undefined;
  /** When the client's token expires, in ms since the epoch. */
  expiresAtMs?: number | undefined;
  /** Runs exactly once, when the client is gone. */
  onClose: () => void;
  /** The socket is another server's, which may go on watching it. */
  isGuest?: boolean;
}

/** Answers 200 and makes the client a reader of `channel`. */
export function openStream<Client extends Reader>(
  exchange: Answerable,
  channel: Stream<Client>,
  options: OpenStreamOptions,
): void {
  const { request, response } = exchange;
  const { lastEventId, expiresAtMs, onClose, isGuest = false } = options;
  if (carrierOf(request).destroyed) {
    onClose();
    return;
  }
  const gzip = channel.offersGzip && takesGzip(request);
  const join = { lastEventId, expiresAtMs, gzip };
  const writeStreamHead = (): void => writeHead(exchange, 200, gzip ? GZIP_HEADERS : OPEN_HEADERS);
  if (response.stream !== undefined) {
    writeStreamHead();
    openOnHttp2(response.stream, sinkOf(request, false), channel, join, onClose);
  } else if (request instanceof IncomingMessage && response instanceof ServerResponse) {
    const detach = isGuest ? undefined : prepareDetach(request, response, request.socket);
    openOnSocket(request, response, writeStreamHead, detach, channel, join, onClose);
  } else {
    throw new TypeError('neither HTTP/1.1 nor HTTP/2');
  }
}

/** HTTP/1.1, with or without TLS: frames go to the socket, and node:http lets go of it. */
function openOnSocket<Client extends Reader>(
  request: IncomingMessage,
  response: ServerResponse,
  writeStreamHead: () => void,
  detach: (() => boolean) | undefined,
  channel: Stream<Client>,
  join: Join,
  onClose: () => void,
): void {
  const { socket } = request;
  socket.setTimeout(0);
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  // The head and the first frames leave in one write.
  socket.cork();
  writeStreamHead();
  response.flushHeaders();
  const sink = sinkOf(request, response.chunkedEncoding);
  const reader = channel.join(sink, join);
  socket.uncork();
  hold(socket, sink, channel, reader, onClose);
  if (detach === undefined) return;
  setImmediate(() => {
    if (!socket.destroyed) detach();
  });
}

/** HTTP/2: the stream's own window is the client's pace, and other streams go on beside it. */
function openOnHttp2<Client extends Reader>(
  stream: ServerHttp2Stream,
  sink: ClientSink,
  channel: Stream<Client>,
  join: Join,
  onClose: () => void,
): void {
  stream.setTimeout(0);
  const reader = channel.join(sink, join);
  stream.on('drain', () => {
    if (sink.drained()) reader.drained();
  });
  stream.once('close', () => {
    channel.leave(reader);
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
function hold<Client extends Reader>(
  socket: Socket,
  sink: ClientSink,
  channel: Stream<Client>,
  reader: Client,
  onClose: () => void,
): void {
  socket.on('drain', () => {
    if (sink.drained()) reader.drained();
  });
  // A client that closes its half has left: nobody half-closes and goes on reading events.
  socket.on('end', () => socket.destroy());
  // What follows an error is `close`.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    channel.leave(reader);
    onClose();
  });
  // What a client sends after its request is read and dropped; unread, its end would go unnoticed.
  socket.resume();
}

/** Answers with a short stream: these events and the end. For what an EventSource must be told. */
export function endStream(
  exchange: Answerable,
  events: readonly StreamEvent[],
  options: { id?: string; retryMs?: number } = {},
): void {
  const { response } = exchange;
  writeHead(exchange, 200, { ...STREAM_HEADERS, ...closingHeaders(response) });
  if (options.retryMs !== undefined) response.write(retryText(options.retryMs));
  for (const event of events) response.write(frameText(JSON.stringify(event), options.id));
  response.end();
}
