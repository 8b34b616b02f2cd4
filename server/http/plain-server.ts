/**
 * The HTTP/1.1 server underneath: limits of size and time, which HTTP/1.1 over TLS has too.
 *
 * @see SPEC 7 "header", 10 "Slow requests"
 */
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_HEADER_BYTES } from './client-errors.ts';
import type { HttpRequest, HttpResponse } from './message.ts';

/** Longer than the idle time-out of common proxies, so that they never reuse a closing socket. */
export const KEEP_ALIVE_MS = 65_000;

/** A socket on which nothing moves, with an answer that nobody reads; streams have their own. */
export const IDLE_SOCKET_MS = 120_000;

/** Late headers are looked for this often. */
const CHECK_HEADERS_MS = 1_000;

export interface ServerHandlers {
  /** For the headers of a request, and with TLS for the handshake too. */
  requestTimeoutMs: number;
  onRequest: (request: HttpRequest, response: HttpResponse) => void;
  /** What came was no request. */
  onClientError: (error: Error, socket: Duplex) => void;
}

/** What holds for HTTP/1.1, with or without TLS. */
export function http1Options(requestTimeoutMs: number): ServerOptions {
  return {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: requestTimeoutMs,
    requestTimeout: 0, // a body may take as long as bytes keep coming; see body.ts
    connectionsCheckingInterval: Math.min(CHECK_HEADERS_MS, requestTimeoutMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    requireHostHeader: false, // checked in access.ts, so that the answer is JSON
  };
}

/** A server of HTTP/1.1 without TLS; it does not listen yet. */
export function createPlainServer(handlers: ServerHandlers): Server {
  const server = createServer(http1Options(handlers.requestTimeoutMs));
  server.timeout = IDLE_SOCKET_MS;
  server.on('request', handlers.onRequest);
  // `100 Continue` is sent by whoever reads the body, so that a refusal comes before it.
  server.on('checkContinue', handlers.onRequest);
  server.on('clientError', handlers.onClientError);
  return server;
}
