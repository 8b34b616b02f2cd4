/**
 * The Sinks of HTTP: what they can do beyond a Sink.
 *
 * @see DESIGN 1
 */
import type { Sink } from '../stream/sink.ts';

/** The chunk that ends a chunked response. */
export const LAST_CHUNK = '0\r\n\r\n';

/** A Sink over a socket or an HTTP/2 stream. */
export interface ClientSink extends Sink {
  /**
   * To be called at the stream's `drain`.
   * @returns whether it can take more now; else another `drain` comes.
   */
  drained(): boolean;
}
