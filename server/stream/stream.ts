/**
 * A Stream: what a client can be connected to, be it a channel that many share or a generator of its
 * own.
 *
 * @see SPEC 3.2, 4
 */
import type { Sink } from './sink.ts';

/** How a client joins. */
export interface Join {
  lastEventId: string | undefined;
  /** The client takes gzip. */
  gzip?: boolean | undefined;
  /** When the client's token expires, in ms since the epoch. */
  expiresAtMs?: number | undefined;
}

/** `Reader` stands for one client: a Subscriber, or a generator's run. */
export interface Stream<Reader extends { drained(): void }> {
  /** It can be had compressed. */
  readonly offersGzip: boolean;
  /** Takes in a client whose response head has been written. */
  join(sink: Sink, join: Join): Reader;
  /** The client has gone. */
  leave(reader: Reader): void;
}
