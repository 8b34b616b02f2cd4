/**
 * A Coding: the form in which one subscriber gets frames. Plain ones have no state and are shared;
 * gzip's keeps a few numbers per client and no compressor.
 *
 * @see SPEC 3.2 "Compression", 10 "HTTP/1.0"
 */
import type { Frame } from './frame.ts';
import type { Ring } from './ring.ts';

/** One write takes at most this much, so that a slow client holds little more beyond the kernel's buffer. */
export const MAX_WRITE_BYTES = 64 * 1_024;

/** Turns frames into the bytes of one client's response. */
export interface Coding {
  readonly isGzip: boolean;
  /** What comes before everything else. */
  head(): Buffer | undefined;
  /** A frame that is no part of the ring. */
  aside(frame: Frame): Buffer;
  /** Where a write of the ring's frames from index `from` ends. */
  spanEnd(ring: Ring, from: number): number;
  /** The bytes of the ring's frames `from..to-1`, `to` being what `spanEnd` said. */
  span(ring: Ring, from: number, to: number): Buffer;
  /** The next frame of the ring is not the one after the last. */
  jump(): void;
  /** What comes after everything else, when the stream ends in order. */
  trailer(): Buffer | undefined;
}

function plainCoding(form: 'chunk' | 'payload'): Coding {
  return {
    isGzip: false,
    head: () => undefined,
    aside: (frame) => frame[form],
    spanEnd: (ring, from) => ring.spanEnd(from, MAX_WRITE_BYTES),
    span: (ring, from, to) => ring.span(from, to, form),
    jump: () => {},
    trailer: () => undefined,
  };
}

/** Frames with HTTP/1.1 chunk framing. */
export const chunkedCoding: Coding = plainCoding('chunk');

/** Frames as they are: HTTP/1.0 and HTTP/2. */
export const payloadCoding: Coding = plainCoding('payload');
