/**
 * Who may talk to the server by where they come from: the `Host` check against DNS rebinding, the
 * `Origin` check, and CORS.
 *
 * @see SPEC 8, 10 "Host", "Origin"
 */
import { BlockList, isIP } from 'node:net';
import { SseTableError } from '../base/errors.ts';
import { type Headers, SECURITY_HEADERS } from './head.ts';
import { type HttpRequest, hostOf } from './message.ts';

/** How long a browser may remember a preflight: Chromium caps it at 2 h, Firefox at 24 h. */
const PREFLIGHT_MAX_AGE_S = 86_400; // 24 h

/** Request headers that pages of listed origins may send. */
const ALLOWED_HEADERS =
  'Accept, Authorization, Cache-Control, Content-Type, If-Match, If-None-Match, Last-Event-ID';

/** Response headers that such pages may read. */
const EXPOSED_HEADERS = 'ETag, Retry-After';

/** A server has few names; past these each request is looked at anew. */
const MAX_KNOWN_HOSTS = 64;

export interface AccessOptions {
  /** The address that the server listens on. */
  listenHost: () => string;
  /** Further names, of any port. */
  allowHosts: readonly string[];
  /** Listed origins; `*` is any. */
  corsOrigins: readonly string[];
}

/** Where a request comes from, as its `Origin` tells. */
export type OriginKind = 'none' | 'same' | 'listed' | 'foreign';

export class Access {
  readonly #options: AccessOptions;
  readonly #allowHosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #loopback = new BlockList();
  /** What goes with every answer, whoever asks. */
  readonly #headers: Headers;
  /** `Host` headers that were found right, as they were sent. */
  readonly #knownHosts = new Set<string>();

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#allowHosts = new Set(options.allowHosts.map((name) => name.toLowerCase()));
    this.#origins = new Set(options.corsOrigins.map((origin) => origin.replace(/\/$/, '')));
    // An answer that may be read by some origins only depends on who asks.
    this.#headers =
      this.#origins.size === 0 ? SECURITY_HEADERS : { ...SECURITY_HEADERS, Vary: 'Origin' };
    this.#loopback.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#loopback.addAddress('::1', 'ipv6');
  }

  /**
   * A page of evil.example can make its own name point to this address; its requests then still
   * say `Host: evil.example`.
   * @throws {SseTableError} `forbidden_host`, naming the fix; `bad_request` where HTTP/1.1 has none.
   */
  checkHost(request: HttpRequest): void {
    const host = hostOf(request);
    if (host === undefined) {
      // HTTP/1.0 proxies may send none; browsers always do, and this check is about browsers.
      if (request.httpVersion === '1.0') return;
      throw new SseTableError('bad_request', 'the request has no Host header');
    }
    if (this.#knownHosts.has(host)) return;
    const name = hostName(host);
    if (name !== undefined && this.#isOurs(name)) {
      if (this.#knownHosts.size < MAX_KNOWN_HOSTS) this.#knownHosts.add(host);
      return;
    }
    const shown = JSON.stringify(host.slice(0, 255));
    throw new SseTableError(
      'forbidden_host',
      `this server does not answer to the host ${shown}; start it with --allow-host ${name ?? '<name>'}`,
    );
  }

  /** Tells a page of the server's own, or of a listed origin, from a foreign one. */
  originOf(request: HttpRequest): OriginKind {
    const { headers } = request;
    const { origin } = headers;
    const host = hostOf(request);
    if (origin === undefined) {
      // A foreign page's <img> or <script> bears no Origin; browsers give it away nonetheless.
      const embedded = headers['sec-fetch-mode'] === 'no-cors';
      return embedded && headers['sec-fetch-site'] === 'cross-site' ? 'foreign' : 'none';
    }
    if (host !== undefined && isSameHost(origin, host)) return 'same';
    return this.#origins.has('*') || this.#origins.has(origin) ? 'listed' : 'foreign';
  }

  /**
   * Refuses what a page of an unlisted origin may not do: writes and streams.
   * @throws {SseTableError} `forbidden_origin`, naming the fix.
   */
  checkOrigin(request: HttpRequest): void {
    if (this.originOf(request) !== 'foreign') return;
    const origin = (request.headers.origin ?? 'of another site').slice(0, 255);
    throw new SseTableError(
      'forbidden_origin',
      `the origin ${origin} is not listed; start the server with --cors ${origin}`,
    );
  }

  /** What goes with every answer to `request`: with CORS, what lets a page of a listed origin read it. */
  headersFor(request: HttpRequest): Headers {
    const { origin } = request.headers;
    if (origin === undefined || this.originOf(request) !== 'listed') return this.#headers;
    return {
      ...this.#headers,
      // "Any" must not mean that any page may use the visitor's cookie.
      ...(this.#origins.has(origin)
        ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' }
        : { 'Access-Control-Allow-Origin': '*' }),
      'Access-Control-Expose-Headers': EXPOSED_HEADERS,
    };
  }

  /** What a preflight is told, beside the CORS headers. */
  preflight(request: HttpRequest, methods: readonly string[]): Headers {
    const headers: Record<string, string> = {
      'Access-Control-Allow-Methods': methods.join(', '),
      'Access-Control-Allow-Headers': ALLOWED_HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_MAX_AGE_S),
    };
    // A public page that reaches into the visitor's own network asks for this too.
    if (request.headers['access-control-request-private-network'] === 'true') {
      headers['Access-Control-Allow-Private-Network'] = 'true';
    }
    return headers;
  }

  #isOurs(name: string): boolean {
    if (name === 'localhost' || this.#allowHosts.has(name) || this.#allowHosts.has('*'))
      return true;
    const listenHost = this.#options.listenHost().toLowerCase();
    if (name === listenHost) return true;
    const version = isIP(name);
    if (version === 0) return false;
    if (this.#loopback.check(name, version === 4 ? 'ipv4' : 'ipv6')) return true;
    // Whoever listens on every address is reached by any of them, and no DNS answer can fake one.
    return listenHost === '0.0.0.0' || listenHost === '::';
  }
}

/** The name in a Host header, in small letters, without port, brackets and final dot. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/@]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '');
}

/** Whether a page of `origin` was served under `host`: the scheme may differ behind a TLS proxy. */
function isSameHost(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  if (page === null || page.host === '') return false;
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}
