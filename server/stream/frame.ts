/**
 * A Frame: one SSE event, encoded once to bytes and shared by every subscriber.
 *
 * `chunk` carries the HTTP/1.1 chunk framing around `payload`, so that one buffer serves a chunked
 * response (written straight to the socket), HTTP/1.0 and HTTP/2.
 *
 * @see SPEC 1; DESIGN 4
 */
import { frameText } from '../wire/frame.ts';

const CRLF = '\r\n';

/** One event as bytes. */
export interface Frame {
  /** The event as `<size>CRLF payload CRLF`. */
  readonly chunk: Buffer;
  /** The event alone; a part of `chunk`. */
  readonly payload: Buffer;
  /** seq of the newest change in it. */
  readonly seq: number;
  /** Changes in it. */
  readonly changes: number;
}

/** Encodes an event given as one line of JSON. */
export function encodeFrame(
  json: string,
  id: string | undefined,
  seq: number,
  changes: number,
): Frame {
  const chunk = encodeChunk(frameText(json, id));
  return { chunk: chunk.bytes, payload: chunk.payload, seq, changes };
}

/** Encodes text as one HTTP/1.1 chunk. */
export function encodeChunk(text: string): { bytes: Buffer; payload: Buffer } {
  const payloadBytes = Buffer.byteLength(text);
  const size = payloadBytes.toString(16) + CRLF;
  const bytes = Buffer.allocUnsafe(size.length + payloadBytes + CRLF.length);
  bytes.write(size, 0, 'latin1');
  bytes.write(text, size.length, 'utf8');
  bytes.write(CRLF, size.length + payloadBytes, 'latin1');
  return { bytes, payload: bytes.subarray(size.length, size.length + payloadBytes) };
}
