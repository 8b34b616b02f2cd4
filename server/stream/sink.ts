/**
 * A Sink: where a subscriber writes. HTTP gives it a socket; tests give it a script.
 *
 * @see DESIGN 1 "It writes from its cursor until the socket says enough, and goes on at drain"
 */

/** One client's connection, seen from a Subscriber. */
export interface Sink {
  /** Frames go out with HTTP/1.1 chunk framing. */
  readonly chunked: boolean;
  /** Takes all the bytes, always; false means "enough": the subscriber waits for `drain`. */
  write(bytes: Buffer): boolean;
  /** Bytes taken but not yet accepted by the kernel. */
  pendingBytes(): number;
  /** Finishes the response and closes. */
  end(): void;
  /** Drops the connection at once. */
  destroy(): void;
}
