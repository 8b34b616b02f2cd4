/**
 * HTTP/1.1 chunk framing: bytes as they are, and the same with a chunk's size before and CRLF after,
 * in one buffer.
 *
 * @see RFC 9112, 7.1; DESIGN 4
 */

const CRLF = '\r\n';

/** Bytes with and without chunk framing; `payload` is a part of `chunk`. */
export interface Chunk {
  readonly chunk: Buffer;
  readonly payload: Buffer;
}

/** Encodes text as one chunk. */
export function chunkOfText(text: string): Chunk {
  const payloadBytes = Buffer.byteLength(text);
  const size = payloadBytes.toString(16) + CRLF;
  const chunk = Buffer.allocUnsafe(size.length + payloadBytes + CRLF.length);
  chunk.write(size, 0, 'latin1');
  chunk.write(text, size.length, 'utf8');
  chunk.write(CRLF, size.length + payloadBytes, 'latin1');
  return { chunk, payload: chunk.subarray(size.length, size.length + payloadBytes) };
}

/** Puts bytes into one chunk. */
export function chunkOf(bytes: Buffer): Chunk {
  const size = Buffer.from(bytes.length.toString(16) + CRLF, 'latin1');
  const chunk = Buffer.concat([size, bytes, Buffer.from(CRLF, 'latin1')]);
  return { chunk, payload: chunk.subarray(size.length, size.length + bytes.length) };
}
