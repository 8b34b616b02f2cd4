/**
 * A Sink over the socket of a response whose head has been sent: frames go straight to the socket.
 *
 * @see DESIGN 4 "write pre-framed bytes straight to the socket"
 */
import type { Socket } from 'node:net';
import { type ClientSink, LAST_CHUNK } from './client-sink.ts';

/** Writes to a socket. */
export class SocketSink implements ClientSink {
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

  drained(): boolean {
    return true;
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
