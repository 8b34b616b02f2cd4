/**
 * A Frame: one SSE event, encoded once to bytes and shared by every subscriber.
 *
 * `chunk` carries the HTTP/1.1 chunk framing around `payload`, so that one buffer serves a chunked
 * response (written straight to the socket), HTTP/1.0 and HTTP/2.
 *
 * @see SPEC 1; DESIGN 4
 */
import { frameText } from '../wire/frame.ts';
import type { AlonePacked } from './pack.ts';

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
  /** Deflated by itself, once someone has wanted it so. */
  alone: AlonePacked | undefined;
}

/** Encodes an event given as one line of JSON. */
export function encodeFrame(
  json: string,
  id: string | undefined,
  seq: number,
  changes: number,
): Frame {
  return encodeText(frameText(json, id), seq, changes);
}

/** Encodes text that is part of a stream but no event with a place in its history. */
export function encodeAside(text: string): Frame {
  return encodeText(text, 0, 0);
}

/** Puts HTTP/1.1 chunk framing around bytes. */
export function frameChunk(bytes: Buffer): { chunk: Buffer; payload: Buffer } {
  const size = Buffer.from(bytes.length.toString(16) + CRLF, 'latin1');
  const chunk = Buffer.concat([size, bytes, Buffer.from(CRLF, 'latin1')]);
  return { chunk, payload: chunk.subarray(size.length, size.length + bytes.length) };
}

function encodeText(text: string, seq: number, changes: number): Frame {
  const payloadBytes = Buffer.byteLength(text);
  const size = payloadBytes.toString(16) + CRLF;
  const chunk = Buffer.allocUnsafe(size.length + payloadBytes + CRLF.length);
  chunk.write(size, 0, 'latin1');
  chunk.write(text, size.length, 'utf8');
  chunk.write(CRLF, size.length + payloadBytes, 'latin1');
  const payload = chunk.subarray(size.length, size.length + payloadBytes);
  return { chunk, payload, seq, changes, alone: undefined };
}
