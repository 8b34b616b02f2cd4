/**
 * gzip for one subscriber, out of bytes deflated once for all of them.
 *
 * Frames of the ring are shared from a key frame on; what is the client's own (snapshot, heartbeat,
 * catch-up) is deflated alone, also once for all who get it, and then the client waits for the next
 * key frame. The trailer's CRC is put together from those of the parts.
 *
 * @see SPEC 3.2 "Compression"; RFC 1952
 */

import { chunkOf } from './chunk.ts';
import { type Coding, MAX_WRITE_BYTES } from './coding.ts';
import { joinCrc, restCrc } from './crc32.ts';
import type { Frame } from './frame.ts';
import { type Packer, packAlone } from './pack.ts';
import type { Ring } from './ring.ts';

/** Magic, deflate, no flags, no time, fastest, unknown system. */
const HEADER = chunkOf(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]));

/** An empty last block: the end of the deflate stream. */
const LAST_BLOCK = Buffer.from([3, 0]);

const TRAILER_BYTES = 8;
const TWO_TO_32 = 2 ** 32;

/** Turns frames into one gzip stream. */
export class GzipCoding implements Coding {
  readonly isGzip = true;
  readonly #packer: Packer;
  readonly #form: 'chunk' | 'payload';
  /** CRC and length of the plain text so far, without what has been shared since `#sharedFrom`. */
  #crc = 0;
  #length = 0;
  /** CRC and length of the channel's packed frames before and after the shared run. */
  #shareStart: { crc: number; length: number } | undefined;
  #shareEnd = { crc: 0, length: 0 };

  constructor(packer: Packer, form: 'chunk' | 'payload') {
    this.#packer = packer;
    this.#form = form;
  }

  head(): Buffer {
    return HEADER[this.#form];
  }

  aside(frame: Frame): Buffer {
    this.#stopSharing();
    return this.#alone(frame);
  }

  spanEnd(ring: Ring, from: number): number {
    return this.#canShare(ring, from) ? ring.packedEnd(from, MAX_WRITE_BYTES) : from + 1;
  }

  span(ring: Ring, from: number, to: number): Buffer {
    const first = ring.packedAt(from);
    const last = ring.packedAt(to - 1);
    if (first === undefined || last === undefined || !this.#canShare(ring, from)) {
      this.#stopSharing();
      const frame = ring.at(from);
      return frame === undefined ? Buffer.alloc(0) : this.#alone(frame);
    }
    this.#shareStart ??= first.before;
    this.#shareEnd = last.after;
    return ring.span(from, to, this.#form === 'chunk' ? 'packedChunk' : 'packedPayload');
  }

  jump(): void {
    this.#stopSharing();
  }

  trailer(): Buffer {
    this.#stopSharing();
    const end = Buffer.alloc(LAST_BLOCK.length + TRAILER_BYTES);
    LAST_BLOCK.copy(end);
    end.writeUInt32LE(this.#crc, LAST_BLOCK.length);
    end.writeUInt32LE(this.#length % TWO_TO_32, LAST_BLOCK.length + 4);
    return chunkOf(end)[this.#form];
  }

  /** A run goes on with any packed frame and begins only at a key frame. */
  #canShare(ring: Ring, from: number): boolean {
    const packed = ring.packedAt(from);
    if (packed === undefined) return false;
    return packed.isKey || this.#shareStart !== undefined;
  }

  #alone(frame: Frame): Buffer {
    this.#packer.wantKey();
    frame.alone ??= packAlone(frame.payload);
    this.#crc = joinCrc(this.#crc, frame.alone.crc, frame.payload.length);
    this.#length += frame.payload.length;
    return frame.alone[this.#form];
  }

  #stopSharing(): void {
    if (this.#shareStart === undefined) return;
    const length = this.#shareEnd.length - this.#shareStart.length;
    const crc = restCrc(this.#shareStart.crc, this.#shareEnd.crc, length);
    this.#crc = joinCrc(this.#crc, crc, length);
    this.#length += length;
    this.#shareStart = undefined;
  }
}
