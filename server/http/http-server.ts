/**
 * The HTTP server: from a socket to the handler of a route, with every check on the way.
 *
 * @see SPEC 3, 7, 8, 10 "Slow requests"
 */
import { ServerResponse } from 'node:http';
import type { ListenOptions, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { type ErrorCode, SseTableError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Access } from './access.ts';
import type { Auth } from './auth.ts';
import { ANYONE, type Caller } from './caller.ts';
import { answerClientError } from './client-errors.ts';
import { addressOf } from './exchange.ts';
import type { Forwarder } from './forward.ts';
import { carrierOf, type HttpRequest, type HttpResponse } from './message.ts';
import { createPlainServer } from './plain-server.ts';
import { sendEmpty, sendError } from './respond.ts';
import { type Route, Router } from './router.ts';
import { type Certificate, SecureServer } from './secure-server.ts';
import { parseTarget, type Target } from './target.ts';

/** Sockets beside streams: pages, exports, publishers. More are closed at once. */
const EXTRA_SOCKETS = 1_000;

/** Said of every answer. */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** What `WWW-Authenticate` says, by error. @see RFC 6750, 3 */
const CHALLENGES: ReadonlyMap<ErrorCode, string> = new Map([
  ['unauthorized', 'Bearer realm="sse-table"'],
  ['token_expired', 'Bearer realm="sse-table", error="invalid_token"'],
  ['forbidden', 'Bearer realm="sse-table", error="insufficient_scope"'],
]);

/** Errors that pass by themselves: the answer says when to come back. */
const COME_BACK: ReadonlySet<ErrorCode> = new Set([
  'too_many',
  'overloaded',
  'draining',
  'not_ready',
]);

/** Probes come by address and say nothing that a foreign page could use. */
const PROBES = new Set(['/healthz', '/readyz']);

/** Numbers since the start, and what is open now. */
export interface HttpStats {
  requests: number;
  /** Open, of both HTTP versions. */
  sockets: number;
  /** Closed at once because there were too many. */
  socketsRefused: number;
  /** HTTP/2 connections open. */
  http2Sessions: number;
  /** HTTP/2 connections dropped because their peer did not answer. */
  http2Lost: number;
}

export interface HttpServerDeps {
  clock: Clock;
  log: Log;
  access: Access;
  auth: Auth;
  routes: readonly Route[];
  /** Seconds for Retry-After, jittered. */
  retryAfter: () => string;
  isDraining: () => boolean;
  requestTimeoutMs: number;
  maxConnections: number;
  accessLog: boolean;
  /** The address of a client; undefined: that of the socket's other end. */
  addressOf?: ((request: HttpRequest) => string) | undefined;
  /** Answers what has no route here; undefined: nobody does. */
  forwarder?: Forwarder | undefined;
  /** With one the server speaks TLS: HTTP/2, and HTTP/1.1 beside it. */
  certificate: Certificate | undefined;
}

export class HttpServer {
  readonly #deps: HttpServerDeps;
  readonly #router: Router;
  readonly #server: Server;
  readonly #secure: SecureServer | undefined;
  readonly #sockets = new Set<Socket>();
  /** The response under way on each socket, for those of HTTP/1.1. */
  readonly #responses = new WeakMap<object, HttpResponse>();
  /** Sockets, and HTTP/2 streams, that event streams have taken over. */
  readonly #streams = new WeakSet<object>();
  #requests = 0;
  #socketsRefused = 0;

  constructor(deps: HttpServerDeps) {
    this.#deps = deps;
    this.#router = new Router(deps.routes);
    const { clock, certificate, requestTimeoutMs } = deps;
    const handlers = {
      requestTimeoutMs,
      onRequest: (request: HttpRequest, response: HttpResponse): void => {
        void this.#handle(request, response);
      },
      onClientError: (error: Error, socket: Duplex): void => {
        const hasAnswered = this.#responses.get(socket)?.headersSent ?? this.#streams.has(socket);
        answerClientError(error, socket, hasAnswered);
      },
    };
    this.#secure =
      certificate === undefined ? undefined : new SecureServer({ clock, certificate, ...handlers });
    this.#server = this.#secure?.server ?? createPlainServer(handlers);
    this.#server.maxConnections = deps.maxConnections + EXTRA_SOCKETS;
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      this.#forgetAtClose(socket);
    });
    this.#server.on('drop', () => {
      this.#socketsRefused++;
    });
  }

  /** For the metrics. */
  get stats(): HttpStats {
    return {
      requests: this.#requests,
      sockets: this.#sockets.size,
      socketsRefused: this.#socketsRefused,
      http2Sessions: this.#secure?.sessions.size ?? 0,
      http2Lost: this.#secure?.sessions.lost ?? 0,
    };
  }

  /** Listens; resolves with the port. Rejects with the system's own error. */
  async listen(port: number, host: string): Promise<number> {
    await this.#listen({ port, host });
    const address = this.#server.address();
    if (address === null || typeof address === 'string') {
      throw new TypeError('the server does not listen on a port');
    }
    return address.port;
  }

  /** Listens on a socket that only processes of this server find. */
  listenAt(path: string): Promise<void> {
    return this.#listen({ path });
  }

  /** Takes no more connections; resolves when all have closed, at the latest after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const cancel = this.#deps.clock.after(graceMs, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    // GOAWAY would overtake what the event streams have just been told.
    if (this.#secure !== undefined) await new Promise((resolve) => setImmediate(resolve));
    if (this.#server.listening) {
      const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
      this.#secure?.sessions.close();
      await closed;
    }
    cancel();
  }

  /**
   * Uses another certificate from now on; open connections keep theirs.
   * @throws {TypeError} without one to begin with.
   */
  setCertificate(certificate: Certificate): void {
    if (this.#secure === undefined) throw new TypeError('the server does not speak TLS');
    this.#secure.setCertificate(certificate);
  }

  #listen(where: ListenOptions): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }

  async #handle(request: HttpRequest, response: HttpResponse): Promise<void> {
    const { clock, access, isDraining } = this.#deps;
    const address = (this.#deps.addressOf ?? addressOf)(request);
    this.#requests++;
    const carrier = carrierOf(request);
    this.#responses.set(carrier, response);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (isDraining() && response instanceof ServerResponse) response.shouldKeepAlive = false;
    const log = this.#deps.accessLog ? this.#logAt(request, address) : undefined;
    if (log !== undefined) {
      response.once('close', () => {
        // An event stream's is written by what it was handed over to.
        if (!this.#streams.has(carrier)) log(response.statusCode);
      });
    }
    let target: Target | undefined;
    try {
      target = parseTarget(request.url ?? '/');
      if (!PROBES.has(target.path)) access.checkHost(request);
      access.setCors(request, response);
      const { forwarder } = this.#deps;
      if (forwarder !== undefined && !this.#router.has(request.method ?? 'GET', target.segments)) {
        await forwarder.forward(request, response, address);
      } else if (request.method === 'OPTIONS') this.#answerOptions(request, response, target);
      else await this.#route(request, response, target, address, log);
    } catch (error) {
      if (!(error instanceof SseTableError)) {
        this.#deps.log.error('a request failed', { method: request.method, error });
      }
      sendError({ request, response }, error, clock, this.#headersFor(error, target));
    }
  }

  async #route(
    request: HttpRequest,
    response: HttpResponse,
    { path, segments, query }: Target,
    address: string,
    log: ((status: number) => void) | undefined,
  ): Promise<void> {
    const { access } = this.#deps;
    const method = request.method ?? 'GET';
    const { route, params } = this.#router.match(method, segments, path);
    if (route.method !== 'GET') access.checkOrigin(request);
    const caller = await this.#admit(route, request, query, params.get('table'));
    const letGo = (): void => {
      const carrier = carrierOf(request);
      this.#responses.delete(carrier);
      this.#streams.add(carrier);
      // Opening a stream clears a socket of the listeners it has had so far.
      if (request.stream === undefined) this.#forgetAtClose(request.socket);
      if (log !== undefined) carrier.once('close', () => log(200));
    };
    const what = { request, response, method, path, query, params };
    await route.handle({ ...what, address, caller, letGo });
  }

  #forgetAtClose(socket: Socket): void {
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Checks the token and what it grants. */
  async #admit(
    route: Route,
    request: HttpRequest,
    query: URLSearchParams,
    tableInPath: string | undefined,
  ): Promise<Caller> {
    const { auth } = this.#deps;
    const { permission } = route;
    if (permission === 'open') return ANYONE;
    const isNeeded = permission === 'token';
    if (!isNeeded && !auth.isConfigured) return ANYONE;
    const caller = await auth.caller(request, query, isNeeded);
    const table = route.table ?? tableInPath;
    if (isNeeded) caller.require('sse:write', table);
    else if (permission !== 'any') caller.require(permission, table);
    return caller;
  }

  #answerOptions(request: HttpRequest, response: HttpResponse, target: Target): void {
    const { access } = this.#deps;
    const isServerWide = target.path === '*';
    const methods = isServerWide
      ? ['GET', 'HEAD', 'OPTIONS']
      : this.#router.allowed(target.segments);
    if (methods.length === 0) this.#router.match('OPTIONS', target.segments, target.path);
    const isPreflight =
      request.headers.origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined;
    if (isPreflight) access.checkOrigin(request);
    sendEmpty({ request, response }, 204, {
      Allow: methods.join(', '),
      ...(isPreflight ? access.preflight(request, methods) : {}),
    });
  }

  /** What goes with some errors beside their JSON. */
  #headersFor(error: unknown, target: Target | undefined): Record<string, string> {
    if (!(error instanceof SseTableError)) return {};
    const { code } = error;
    const challenge = CHALLENGES.get(code);
    if (challenge !== undefined) return { 'WWW-Authenticate': challenge };
    if (COME_BACK.has(code)) return { 'Retry-After': this.#deps.retryAfter() };
    if (code !== 'method_not_allowed') return {};
    return { Allow: this.#router.allowed(target?.segments ?? []).join(', ') };
  }

  /** The access log's line for a request, to be written when its answer has ended. */
  #logAt(request: HttpRequest, address: string): (status: number) => void {
    const { clock, log } = this.#deps;
    const startedMs = clock.now();
    const { method, url } = request;
    return (status) =>
      log.info('request', { method, url, status, ms: clock.now() - startedMs, address });
  }
}
