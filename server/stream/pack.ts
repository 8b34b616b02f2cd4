/**
 * Compress once: each frame of a channel is deflated once, against the frames before it, and the
 * bytes are shared by all subscribers that want gzip.
 *
 * No compressor is kept, neither for a client nor for the channel: a frame is deflated on its own
 * with the preceding frames as dictionary, which to a decoder is one continuous stream. Now and then
 * a key frame goes without dictionary; there any client may begin to share.
 *
 * @see SPEC 3.2 "Compression"; DESIGN 4 "Compress once"; RFC 1951
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { type Chunk, chunkOf } from './chunk.ts';

/** Fast: the dictionary does most of the work; level 6 gains 2 %. */
const LEVEL = 1;

/** Bytes of earlier frames to refer to: 32 KiB gains 1 % on updates and costs twice the time. */
const DICTIONARY_BYTES = 4 * 1_024;

/** Frames after which a key frame comes by itself. */
const KEY_EVERY_FRAMES = 64;

/** Frames for which a wish for a key frame waits after the last one. */
const KEY_APART_FRAMES = 8;

/** Shorter text is stored, not deflated: it would hardly shrink, and a call of zlib costs 20 µs. */
const STORE_BELOW_BYTES = 64;

/** A part of a deflate stream that ends on a byte boundary and refers to nothing before it. */
export interface AlonePacked extends Chunk {
  /** CRC-32 of the plain text. */
  readonly crc: number;
}

/** CRC-32 and length of all the plain text that a Packer has seen. */
export interface PackedSum {
  readonly crc: number;
  readonly length: number;
}

/** A frame packed with reference to those before it. */
export interface SharedPacked extends Chunk {
  /** It refers to nothing before it. */
  readonly isKey: boolean;
  readonly before: PackedSum;
  readonly after: PackedSum;
}

/** Packs bytes on their own. */
export function packAlone(payload: Buffer): AlonePacked {
  const packed = payload.length < STORE_BELOW_BYTES ? store(payload) : deflate(payload, undefined);
  return { ...chunkOf(packed), crc: crc32(payload) };
}

/** Packs the frames of one channel in a row. */
export class Packer {
  #dictionary: Buffer | undefined;
  #sinceKey = 0;
  #isKeyWanted = false;
  #sum: PackedSum = { crc: 0, length: 0 };

  /** Someone waits to share: a key frame comes soon. */
  wantKey(): void {
    this.#isKeyWanted = true;
  }

  /** A frame was not packed: the next one cannot refer to it, or to any before it. */
  skip(): void {
    this.#dictionary = undefined;
  }

  /** Packs the channel's next frame. */
  pack(payload: Buffer): SharedPacked {
    const isDue = this.#sinceKey >= (this.#isKeyWanted ? KEY_APART_FRAMES : KEY_EVERY_FRAMES);
    const dictionary = isDue ? undefined : this.#dictionary;
    const isKey = dictionary === undefined;
    if (isKey) {
      this.#isKeyWanted = false;
      this.#sinceKey = 0;
    }
    this.#sinceKey++;
    const before = this.#sum;
    const after = {
      crc: crc32(payload, before.crc),
      length: before.length + payload.length,
    };
    this.#sum = after;
    this.#dictionary = lastBytes(dictionary, payload);
    return { ...chunkOf(deflate(payload, dictionary)), isKey, before, after };
  }
}

/** The end of `earlier` and `payload`, as much as a dictionary takes. */
function lastBytes(earlier: Buffer | undefined, payload: Buffer): Buffer {
  const room = DICTIONARY_BYTES - payload.length;
  if (room <= 0) return payload.subarray(-DICTIONARY_BYTES);
  return earlier === undefined ? payload : Buffer.concat([earlier.subarray(-room), payload]);
}

function deflate(bytes: Buffer, dictionary: Buffer | undefined): Buffer {
  const finishFlush = constants.Z_SYNC_FLUSH;
  return deflateRawSync(
    bytes,
    dictionary === undefined
      ? { level: LEVEL, finishFlush }
      : { level: LEVEL, finishFlush, dictionary },
  );
}

/** A stored block: a header with length and its complement, then the bytes as they are. */
function store(bytes: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt16LE(bytes.length, 1);
  header.writeUInt16LE(0xffff - bytes.length, 3);
  return Buffer.concat([header, bytes]);
}
