/**
 * The TLS server underneath: HTTP/2, and HTTP/1.1 for those who ask for it, on one port.
 *
 * @see SPEC 8 "TLS"; DESIGN 5 "HTTP/2 windows"
 */
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { Clock } from '../base/clock.ts';
import { MAX_HEADER_BYTES } from './client-errors.ts';
import { Http2Sessions } from './http2-sessions.ts';
import { http1Options, IDLE_SOCKET_MS, type ServerHandlers } from './plain-server.ts';
import { refusePlainText } from './refuse-plain-text.ts';

/** Of one connection: a page that wants more waits, or opens another one. */
const MAX_STREAMS = 100;

/** What a client may send ahead on one stream: bodies at 2.5 MB/s over a distance of 100 ms. */
const STREAM_WINDOW_BYTES = 256 * 1_024;

/** …and on all streams of a connection together. */
const SESSION_WINDOW_BYTES = 1_024 * 1_024;

/** Unsent data of one connection: a full buffer and a slice beyond it for each of its streams. */
const MAX_SESSION_MB = 16;

/** Streams that a client may open and cancel in one go, and then each second. @see CVE-2023-44487 */
const RESET_BURST = 200;
const RESETS_PER_S = 20;

/** A certificate, with those of its issuers, and its key; in PEM. */
export interface Certificate {
  cert: Buffer;
  key: Buffer;
}

export interface SecureServerOptions extends ServerHandlers {
  clock: Clock;
  certificate: Certificate;
}

/** A server of HTTP/2 and HTTP/1.1 over TLS. */
export class SecureServer {
  /** It does not listen yet. */
  readonly server: Http2SecureServer;
  readonly sessions: Http2Sessions;

  constructor({ clock, certificate, ...handlers }: SecureServerOptions) {
    const { requestTimeoutMs, onRequest, onClientError } = handlers;
    this.sessions = new Http2Sessions(clock);
    this.server = createSecureServer({
      ...http1Options(requestTimeoutMs),
      ...certificate,
      allowHTTP1: true,
      noDelay: true,
      handshakeTimeout: requestTimeoutMs,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: MAX_HEADER_BYTES,
      },
      maxSessionMemory: MAX_SESSION_MB,
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_S,
    });
    const { server } = this;
    server.setTimeout(IDLE_SOCKET_MS);
    server.on('request', onRequest);
    // `100 Continue` is sent by whoever reads the body, so that a refusal comes before it.
    server.on('checkContinue', onRequest);
    server.on('session', (session) => {
      session.setLocalWindowSize(SESSION_WINDOW_BYTES);
      this.sessions.add(session);
    });
    // Where the handshake has failed there is nobody to tell in HTTP: `clientError` follows.
    server.prependListener('tlsClientError', (_error, socket) => socket.destroy());
    server.on('clientError', onClientError);
    refusePlainText(server, requestTimeoutMs);
  }

  /** Uses another certificate from now on; open connections keep theirs. */
  setCertificate(certificate: Certificate): void {
    this.server.setSecureContext(certificate);
  }
}
