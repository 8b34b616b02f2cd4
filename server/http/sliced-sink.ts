/**
 * A Sink over a stream that tells of a write only when all of it has gone: one of HTTP/2, which
 * writes at the pace of its own window, or a TLS socket. Large writes are cut into slices, so that a
 * client that is slow, but reads, does not look stalled.
 *
 * @see SPEC 3.2 "Write stall", 8 "TLS"; DESIGN 5 "HTTP/2 windows"
 */
import type { Duplex } from 'node:stream';
import { type ClientSink, LAST_CHUNK } from './client-sink.ts';

/** Of this much some must go within `--stall-timeout`: 2 KB/s by default. */
const SLICE_BYTES = 64 * 1_024;

const NOTHING = Buffer.alloc(0);

/** Writes slice by slice. */
export class SlicedSink implements ClientSink {
  readonly chunked: boolean;
  readonly #stream: Duplex;
  /** What is left of the last write. */
  #rest: Buffer = NOTHING;

  constructor(stream: Duplex, chunked: boolean) {
    this.#stream = stream;
    this.chunked = chunked;
  }

  write(bytes: Buffer): boolean {
    // After an error and before `close`, a write would only raise a second error.
    if (!this.#stream.writable) return true;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return this.#writeRest();
  }

  drained(): boolean {
    return this.#stream.writable && this.#writeRest();
  }

  pendingBytes(): number {
    return this.#stream.writableLength + this.#rest.length;
  }

  end(): void {
    if (!this.#stream.writable) return;
    if (this.#rest.length > 0) this.#stream.write(this.#rest);
    this.#rest = NOTHING;
    this.#stream.end(this.chunked ? LAST_CHUNK : '');
  }

  destroy(): void {
    this.#rest = NOTHING;
    this.#stream.destroy();
  }

  #writeRest(): boolean {
    let hasRoom = !this.#stream.writableNeedDrain;
    while (hasRoom && this.#rest.length > 0) {
      const slice = this.#rest.subarray(0, SLICE_BYTES);
      this.#rest = this.#rest.length === slice.length ? NOTHING : this.#rest.subarray(slice.length);
      hasRoom = this.#stream.write(slice);
    }
    return hasRoom;
  }
}
