/**
 * A Frame: one SSE event, encoded once to bytes and shared by every subscriber.
 *
 * `chunk` carries the HTTP/1.1 chunk framing around `payload`, so that one buffer serves a chunked
 * response (written straight to the socket), HTTP/1.0 and HTTP/2.
 *
 * @see SPEC 1; DESIGN 4
 */
import { frameText } from '../wire/frame.ts';
import { chunkOfText } from './chunk.ts';
import type { AlonePacked } from './pack.ts';

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
  return encodeEvents(frameText(json, id), seq, changes);
}

/** Encodes text that is part of a stream but no event with a place in its history. */
export function encodeAside(text: string): Frame {
  return encodeEvents(text, 0, 0);
}

/** Encodes the text of one event or several. @param seq of the newest change in it. */
export function encodeEvents(text: string, seq: number, changes: number): Frame {
  return { ...chunkOfText(text), seq, changes, alone: undefined };
}
