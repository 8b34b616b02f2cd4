/**
 * A Sink over an HTTP/2 stream: frames go out as they are, each stream at the pace of its own window.
 *
 * @see SPEC 8 "HTTP/2"; DESIGN 4 "the payload as a sub-array", 5 "HTTP/2 windows"
 */
import type { Http2Stream } from 'node:http2';
import type { Sink } from '../stream/sink.ts';

/**
 * Node tells of a write when all of it has gone. Larger ones are cut into such slices, so that a
 * client that is slow, but reads, does not look stalled.
 */
const SLICE_BYTES = 64 * 1_024;

const NOTHING = Buffer.alloc(0);

/** Writes to an HTTP/2 stream. */
export class Http2Sink implements Sink {
  readonly chunked = false;
  readonly #stream: Http2Stream;
  /** What is left of the last write. */
  #rest: Buffer = NOTHING;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  write(bytes: Buffer): boolean {
    if (!this.#stream.writable) return true;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return this.#writeRest();
  }

  /**
   * To be called at the stream's `drain`.
   * @returns whether the sink can take more.
   */
  drained(): boolean {
    return this.#stream.writable && this.#writeRest();
  }

  pendingBytes(): number {
    return this.#stream.writableLength + this.#rest.length;
  }

  end(): void {
    if (this.#stream.writable) this.#stream.end(this.#rest);
    this.#rest = NOTHING;
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
