/**
 * A Sink over the socket of a response whose head has been sent: frames go straight to the socket.
 *
 * @see DESIGN 4 "write pre-framed bytes straight to the socket"
 */
import type { Socket } from 'node:net';
import type { Sink } from '../stream/sink.ts';

/** The chunk that ends a chunked response. */
const LAST_CHUNK = '0\r\n\r\n';

/** Writes to a socket. */
export class SocketSink implements Sink {
  readonly chunked: boolean;
  readonly #socket: Socket;

  constructor(socket: Socket, chunked: boolean) {
    this.#socket = socket;
    this.chunked = chunked;
  }

  write(bytes: Buffer): boolean {
    // Between an error and `close` a write would only raise a second error.
    if (this.#socket.destroyed) return true;
    return this.#socket.write(bytes);
  }

  /** libuv knows how much of a write under way the kernel has not taken; Node's own count does not. */
  pendingBytes(): number {
    const { writableLength } = this.#socket;
    if (writableLength === 0) return 0;
    const handle: unknown = Reflect.get(this.#socket, '_handle');
    const queued =
      typeof handle === 'object' && handle !== null && Reflect.get(handle, 'writeQueueSize');
    return typeof queued === 'number' ? queued : writableLength;
  }

  end(): void {
    this.#socket.end(this.chunked ? LAST_CHUNK : '');
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
