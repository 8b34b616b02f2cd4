/**
 * Which Sink goes with which request.
 *
 * @see SPEC 8 "TLS"; DESIGN 4
 */
import type { ClientSink } from './client-sink.ts';
import type { HttpRequest } from './message.ts';
import { SlicedSink } from './sliced-sink.ts';
import { SocketSink } from './socket-sink.ts';

/** The sink for the answer to `request`; `chunked`: with the chunk framing of HTTP/1.1. */
export function sinkOf({ stream, socket }: HttpRequest, chunked: boolean): ClientSink {
  if (stream !== undefined) return new SlicedSink(stream, false);
  const isTls = Reflect.get(socket, 'encrypted') === true;
  return isTls ? new SlicedSink(socket, chunked) : new SocketSink(socket, chunked);
}
