/**
 * The HTTP server: from a socket to the handler of a route, with every check on the way.
 *
 * @see SPEC 3, 7, 8, 10 "Slow requests"
 */
import { ServerResponse } from 'node:http';
import type { ListenOptions, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Access } from './access.ts';
import { accessLine } from './access-log.ts';
import type { Auth } from './auth.ts';
import { ANYONE, Caller } from './caller.ts';
import { answerClientError } from './client-errors.ts';
import { errorHeaders } from './error-headers.ts';
import { addressOf } from './exchange.ts';
import type { Forwarder } from './forward.ts';
import { type Answerable, type Headers, SECURITY_HEADERS } from './head.ts';
import { carrierOf, type HttpRequest, type HttpResponse } from './message.ts';
import { createPlainServer } from './plain-server.ts';
import { sendEmpty, sendError } from './respond.ts';
import { type Route, Router } from './router.ts';
import { type Certificate, SecureServer } from './secure-server.ts';
import { parseTarget, type Target } from './target.ts';

/** Sockets beside streams: pages, exports, publishers. More are closed at once. */
const EXTRA_SOCKETS = 1_000;

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

/** A request that has come, as far as the server has got with it. */
interface Arrival extends Answerable {
  headers: Headers;
  readonly address: string;
  /** The access log's line for it, to be written when its answer has ended. */
  readonly log: ((status: number) => void) | undefined;
  readonly isGuest: boolean;
  target?: Target;
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
        this.#handle(request, response, false);
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

  /** Answers one more route. @throws {TypeError} where its method and path are taken. */
  add(route: Route): void {
    this.#router.add(route);
  }

  /** Answers a request that came to another server; what has no route here is left to `next`. */
  handleGuest(request: HttpRequest, response: HttpResponse, next?: () => void): void {
    if (next === undefined || this.#isHere(request.url)) this.#handle(request, response, true);
    else next();
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

  #isHere(url = '/'): boolean {
    try {
      return this.#router.allowed(parseTarget(url).segments).length > 0;
    } catch (error) {
      if (error instanceof SseTableError) return false;
      throw error;
    }
  }

  #handle(request: HttpRequest, response: HttpResponse, isGuest: boolean): void {
    const address = (this.#deps.addressOf ?? addressOf)(request);
    this.#requests++;
    const carrier = carrierOf(request);
    this.#responses.set(carrier, response);
    if (this.#deps.isDraining() && response instanceof ServerResponse) {
      response.shouldKeepAlive = false;
    }
    const log = this.#deps.accessLog ? accessLine(this.#deps, request, address) : undefined;
    if (log !== undefined) {
      response.once('close', () => {
        // An event stream's is written by what it was handed over to.
        if (!this.#streams.has(carrier)) log(response.statusCode);
      });
    }
    const headers = SECURITY_HEADERS;
    const arrival: Arrival = { request, response, headers, address, log, isGuest };
    // Most answers are given at once; only what waits for something makes a promise.
    try {
      this.#answer(arrival)?.catch((error: unknown) => this.#fail(arrival, error));
    } catch (error) {
      this.#fail(arrival, error);
    }
  }

  #answer(arrival: Arrival): Promise<void> | undefined {
    const { access, forwarder } = this.#deps;
    const { request, response, address } = arrival;
    const method = request.method ?? 'GET';
    const target = parseTarget(request.url ?? '/');
    arrival.target = target;
    const { path, segments, query } = target;
    if (!PROBES.has(path)) access.checkHost(request);
    arrival.headers = access.headersFor(request);
    if (forwarder !== undefined && !this.#router.has(method, segments)) {
      return forwarder.forward(request, response, address);
    }
    if (method === 'OPTIONS') {
      this.#answerOptions(arrival, target);
      return undefined;
    }
    const { route, params } = this.#router.match(method, segments, path);
    if (route.method !== 'GET') access.checkOrigin(request);
    const handle = (caller: Caller): void | Promise<void> => {
      const { headers, isGuest } = arrival;
      const letGo = (): void => this.#letGo(arrival);
      const what = { request, response, headers, method, path, query, params, address, isGuest };
      return route.handle({ ...what, caller, letGo });
    };
    const caller = this.#admit(route, request, query, params.get('table'));
    return (caller instanceof Caller ? handle(caller) : caller.then(handle)) ?? undefined;
  }

  /** An event stream is open: what is left is its socket, or its HTTP/2 stream. */
  #letGo({ request, log }: Arrival): void {
    const carrier = carrierOf(request);
    this.#responses.delete(carrier);
    this.#streams.add(carrier);
    // Opening a stream clears a socket of the listeners it has had so far.
    if (request.stream === undefined) this.#forgetAtClose(request.socket);
    if (log !== undefined) carrier.once('close', () => log(200));
  }

  #fail(arrival: Arrival, error: unknown): void {
    const { clock, log, retryAfter } = this.#deps;
    if (!(error instanceof SseTableError)) {
      log.error('a request failed', { method: arrival.request.method, error });
    }
    const allowed = (): string[] => this.#router.allowed(arrival.target?.segments ?? []);
    sendError(arrival, error, clock, errorHeaders(error, { retryAfter, allowed }));
  }

  #forgetAtClose(socket: Socket): void {
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Who asks, where nothing need be looked at; else checks the token and what it grants. */
  #admit(
    route: Route,
    request: HttpRequest,
    query: URLSearchParams,
    tableInPath: string | undefined,
  ): Caller | Promise<Caller> {
    const { auth } = this.#deps;
    const { permission, table = tableInPath } = route;
    const isNeeded = permission === 'token';
    if (permission === 'open' || (!isNeeded && !auth.isConfigured)) return ANYONE;
    return auth.caller({ request, query, permission, table }).then((caller) => {
      if (isNeeded) caller.require('sse:write', table);
      else if (permission !== 'any') caller.require(permission, table);
      return caller;
    });
  }

  #answerOptions(arrival: Arrival, target: Target): void {
    const { access } = this.#deps;
    const { request } = arrival;
    const isServerWide = target.path === '*';
    const methods = isServerWide
      ? ['GET', 'HEAD', 'OPTIONS']
      : this.#router.allowed(target.segments);
    if (methods.length === 0) this.#router.match('OPTIONS', target.segments, target.path);
    const isPreflight =
      request.headers.origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined;
    if (isPreflight) access.checkOrigin(request);
    sendEmpty(arrival, 204, {
      Allow: methods.join(', '),
      ...(isPreflight ? access.preflight(request, methods) : {}),
    });
  }
}
