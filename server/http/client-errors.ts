/**
 * Answers what never became a request: malformed, oversize or too slow, in JSON all the same.
 *
 * @see SPEC 3, 7 "header / URL", 10 "Slow requests"
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { SseTableError } from '../base/errors.ts';
import { describe } from './respond.ts';
import { MAX_URL_BYTES } from './target.ts';

/** Request line and headers together; longer is answered 431. */
export const MAX_HEADER_BYTES = 16 * 1024; // 16 KiB

const LF = 10;

/**
 * Writes the answer and closes.
 * @param hasAnswered a response has begun on this socket: then nothing may be written into it.
 */
export function answerClientError(error: Error, socket: Duplex, hasAnswered: boolean): void {
  if (hasAnswered || !socket.writable || codeOf(error) === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  answerError(socket, meaningOf(error));
}

/** Writes an answer by hand and closes: what came has no response to write to. */
export function answerError(socket: Duplex, error: SseTableError): void {
  const { status, body } = describe(error);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Content-Type: application/json; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      'Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n' +
      `\r\n${body}`,
    // The rest of what the client sends is not read: end alone would leave the socket half open.
    () => socket.destroy(),
  );
}

function meaningOf(error: Error): SseTableError {
  switch (codeOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return isLongUrl(error)
        ? new SseTableError('url_too_long', `a URL may have at most ${MAX_URL_BYTES} bytes`)
        : new SseTableError(
            'headers_too_large',
            `URL and headers together may have at most ${MAX_HEADER_BYTES} bytes`,
          );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new SseTableError('request_timeout', 'the headers did not arrive in time');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new SseTableError('body_too_large', 'the chunk extensions of the body are too long');
    default:
      return new SseTableError('bad_request', `this is not HTTP: ${reasonOf(error)}`);
  }
}

/** What the parser overflowed on is still in its packet: no line feed in reach means the URL. */
function isLongUrl(error: Error): boolean {
  const packet: unknown = Reflect.get(error, 'rawPacket');
  if (!(packet instanceof Uint8Array)) return false;
  const lineEnd = packet.indexOf(LF);
  return (lineEnd === -1 ? packet.length : lineEnd) > MAX_URL_BYTES;
}

function codeOf(error: Error): unknown {
  return Reflect.get(error, 'code');
}

/** The parser's own words (`Invalid method encountered`), never the bytes that were sent. */
function reasonOf(error: Error): string {
  const reason: unknown = Reflect.get(error, 'reason');
  return typeof reason === 'string' && reason !== '' ? reason : 'the request is malformed';
}
