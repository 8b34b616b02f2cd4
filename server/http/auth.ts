/**
 * Tokens: reads a JWT from the request, verifies it through `jose`, and says what its bearer may do.
 *
 * @see SPEC 8, 10 "JWT"
 */
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type Asking, callerOf, type Verdict } from './authorize.ts';
import { ANYONE, Caller } from './caller.ts';
import type { HttpRequest } from './message.ts';

const COOKIE_NAME = 'sse_table_token';

/** Longer is no token of ours; verifying it would only cost time. */
const MAX_TOKEN_LENGTH = 8 * 1024; // 8 KiB

export interface AuthOptions {
  /** Tokens signed with it by HS256. */
  jwtSecret: string | undefined;
  /** Where the keys for RS256 and ES256 are. */
  jwksUrl: string | undefined;
  /** Whether `?token=` is looked at. */
  tokenInQuery: boolean;
  /** Has the last word, if there is one. */
  authorize?: ((asking: Asking) => Verdict | Promise<Verdict>) | undefined;
}

type Verify = (token: string) => Promise<JWTPayload>;

export class Auth {
  readonly #options: AuthOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  #verify: Promise<Verify> | undefined;

  constructor(options: AuthOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether anything is checked; else all is open but what asks for a token by itself. */
  get isConfigured(): boolean {
    return this.#checksTokens || this.#options.authorize !== undefined;
  }

  /**
   * Who sends this request.
   * @throws {SseTableError} `unauthorized` without a token or with a bad one; `token_expired`;
   * `forbidden` where `authorize` says no.
   */
  async caller(asked: Omit<Asking, 'caller'>): Promise<Caller> {
    const { authorize } = this.#options;
    if (authorize === undefined) return this.#bearer(asked);
    const caller = this.#checksTokens ? await this.#bearer(asked) : undefined;
    return callerOf(await authorize({ ...asked, caller }), caller);
  }

  get #checksTokens(): boolean {
    return this.#options.jwtSecret !== undefined || this.#options.jwksUrl !== undefined;
  }

  /** Who bears the token of this request. */
  async #bearer({ request, query, permission }: Omit<Asking, 'caller'>): Promise<Caller> {
    if (!this.#checksTokens) {
      if (permission !== 'token') return ANYONE;
      throw new SseTableError(
        'unauthorized',
        'this needs a token, and the server has no way to check one; start it with --jwt-secret or --jwks-url',
      );
    }
    const token = this.#tokenOf(request, query);
    if (token === undefined) {
      throw new SseTableError(
        'unauthorized',
        'a token is needed: send Authorization: Bearer <token>',
      );
    }
    if (token.length > MAX_TOKEN_LENGTH) {
      throw new SseTableError('unauthorized', `the token is longer than ${MAX_TOKEN_LENGTH} bytes`);
    }
    this.#verify ??= this.#createVerify();
    const verify = await this.#verify;
    const payload = await verify(token);
    const expiresAtMs = payload.exp === undefined ? undefined : payload.exp * 1_000;
    return new Caller(permissionsOf(payload), expiresAtMs, payload.sub);
  }

  #tokenOf({ headers }: HttpRequest, query: URLSearchParams): string | undefined {
    const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return bearer;
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [name = '', value = ''] = pair.trim().split('=');
      if (name === COOKIE_NAME && value !== '') return value;
    }
    return this.#options.tokenInQuery ? (query.get('token') ?? undefined) : undefined;
  }

  /** Loads `jose` and the keys: only servers that check tokens pay for them. */
  async #createVerify(): Promise<Verify> {
    const { createRemoteJWKSet, errors, jwtVerify } = await import('jose');
    const { jwtSecret, jwksUrl } = this.#options;
    const secret = jwtSecret === undefined ? undefined : new TextEncoder().encode(jwtSecret);
    const keySet = jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl));

    const verifyWithKey = async (token: string, alg: unknown): Promise<JWTPayload> => {
      const currentDate = new Date(this.#clock.now());
      // The algorithm goes with the kind of key, so that a public key never serves as a secret.
      if (alg === 'HS256' && secret !== undefined) {
        return (await jwtVerify(token, secret, { algorithms: [alg], currentDate })).payload;
      }
      if ((alg === 'RS256' || alg === 'ES256') && keySet !== undefined) {
        const key: JWTVerifyGetKey = keySet;
        return (await jwtVerify(token, key, { algorithms: [alg], currentDate })).payload;
      }
      throw new SseTableError(
        'unauthorized',
        `the token's algorithm is not accepted; sign with ${accepted(this.#options)}`,
      );
    };

    return async (token) => {
      try {
        return await verifyWithKey(token, algorithmOf(token));
      } catch (error) {
        if (error instanceof SseTableError) throw error;
        const fault = faultOf(error, errors);
        if (fault !== undefined) throw fault;
        this.#log.error('the key set for tokens could not be read', { error });
        throw new SseTableError('overloaded', 'tokens cannot be checked at the moment; try again');
      }
    };
  }
}

/** What the token's header names; undefined for what is no token. */
function algorithmOf(token: string): unknown {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(),
    );
    return typeof header === 'object' && header !== null && Reflect.get(header, 'alg');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What `jose` found wrong with the token; undefined where the keys could not be had. */
function faultOf(error: unknown, errors: typeof import('jose').errors): SseTableError | undefined {
  if (error instanceof errors.JWTExpired) {
    return new SseTableError('token_expired', 'the token has expired; get a new one');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new SseTableError('unauthorized', `the token's claim "${error.claim}" does not hold`);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return new SseTableError('unauthorized', 'the token is signed with an unknown key');
  }
  const isAboutToken =
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported;
  return isAboutToken
    ? new SseTableError('unauthorized', 'the token is malformed or its signature is wrong')
    : undefined;
}

function accepted({ jwtSecret, jwksUrl }: AuthOptions): string {
  const names = [
    ...(jwtSecret === undefined ? [] : ['HS256']),
    ...(jwksUrl === undefined ? [] : ['RS256', 'ES256']),
  ];
  return names.join(' or ');
}

/** From `permissions` (an array) and `scope` (words). */
function permissionsOf({ permissions, scope }: JWTPayload): ReadonlySet<string> {
  const listed = Array.isArray(permissions) ? permissions : [];
  const words = typeof scope === 'string' ? scope.split(' ') : [];
  return new Set([...listed, ...words].filter((word) => typeof word === 'string' && word !== ''));
}
