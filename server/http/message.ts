/**
 * Requests and responses as the handlers see them, whichever HTTP version carries them, and the few
 * things in which the versions differ.
 *
 * @see SPEC 8 "HTTP/2 with HTTP/1.1 beside it"; RFC 9113, 8
 */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Duplex, Readable } from 'node:stream';

/** RST_STREAM code of an answer that could not be finished. @see RFC 9113, 7 */
const INTERNAL_ERROR = 2;

/** What a request of HTTP/1.1 and one of HTTP/2 have in common. */
export type HttpRequest = Readable &
  Pick<IncomingMessage, 'complete' | 'headers' | 'httpVersion' | 'method' | 'socket' | 'url'> & {
    /** Carries an HTTP/2 exchange; undefined with HTTP/1.1. */
    readonly stream?: ServerHttp2Stream;
  };

/** What a response of HTTP/1.1 and one of HTTP/2 have in common: the latter is no Writable. */
export interface HttpResponse extends EventEmitter {
  readonly headersSent: boolean;
  /** Only with HTTP/1.1. */
  readonly destroyed?: boolean;
  /** Carries an HTTP/2 exchange; undefined with HTTP/1.1. */
  readonly stream?: ServerHttp2Stream;
  statusCode: number;
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown;
  writeContinue(): void;
  /** False means "enough": wait for `drain`. */
  write(chunk: string | Uint8Array): boolean;
  end(chunk?: string | Uint8Array): unknown;
  destroy(): unknown;
}

/** What carries this exchange and no other at the same time. */
export function carrierOf({ stream, socket }: HttpRequest): Duplex {
  return stream ?? socket;
}

/** Host and port that the client asked for: HTTP/2 has them in `:authority`. */
export function hostOf({ headers }: HttpRequest): string | undefined {
  const authority = headers[':authority'];
  return typeof authority === 'string' ? authority : headers.host;
}

/** Whether the request announces a body; HTTP/2 does so by not ending with its headers. */
export function hasBody({ headers, stream }: HttpRequest): boolean {
  if (stream !== undefined) return !stream.endAfterHeaders;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether the client can no longer be answered. */
export function isGone({ stream, destroyed }: HttpResponse): boolean {
  return stream?.destroyed ?? destroyed === true;
}

/** Breaks an answer off, so that the client sees that it is not whole. */
export function breakOff(response: HttpResponse): void {
  if (response.stream === undefined) response.destroy();
  else response.stream.close(INTERNAL_ERROR);
}

/** Headers that close the connection after this answer; an HTTP/2 connection has other streams. */
export function closingHeaders({ stream }: HttpResponse): Record<string, string> {
  return stream === undefined ? { Connection: 'close' } : {};
}
