/**
 * Routes: method and path pattern to handler.
 *
 * @see SPEC 3
 */
import { SseTableError } from '../base/errors.ts';
import type { Permission } from './caller.ts';
import type { Exchange, Params } from './exchange.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/api/tables/:table`; a GET route also serves HEAD. */
  pattern: string;
  /**
   * What a token must grant when tokens are configured. `any`: a valid token, and the handler
   * looks further. `token`: a token is needed even where none are configured.
   */
  permission: Permission | 'open' | 'any' | 'token';
  /** The table that the permission is for, where the path has no `:table`. */
  table?: string;
  handle(exchange: Exchange): void | Promise<void>;
}

export interface Match {
  route: Route;
  params: Params;
}

interface Compiled {
  route: Route;
  /** A string to equal, or undefined with the parameter's name beside it. */
  segments: { literal: string | undefined; name: string }[];
}

export class Router {
  readonly #routes: Compiled[];

  /** The first route that fits wins, so literal paths go before parameters. */
  constructor(routes: readonly Route[]) {
    this.#routes = routes.map(compile);
  }

  /**
   * @throws {SseTableError} `not_found`; `method_not_allowed` (see `allowed`).
   */
  match(method: string, segments: readonly string[], path: string): Match {
    const found = this.#find(method, segments);
    if (found !== undefined) return found;
    const allowed = this.allowed(segments);
    const shown = JSON.stringify(path.slice(0, 200));
    if (allowed.length === 0) throw new SseTableError('not_found', `there is nothing at ${shown}`);
    throw new SseTableError(
      'method_not_allowed',
      `${method} is not possible on ${shown}; use ${allowed.join(', ')}`,
    );
  }

  /** Whether a route fits. */
  has(method: string, segments: readonly string[]): boolean {
    return this.#find(method, segments) !== undefined;
  }

  /** The methods that a path answers, for `Allow`; empty: nothing is there. */
  allowed(segments: readonly string[]): string[] {
    const methods = new Set<string>();
    for (const compiled of this.#routes) {
      if (fit(compiled, segments) === undefined) continue;
      methods.add(compiled.route.method);
      if (compiled.route.method === 'GET') methods.add('HEAD');
    }
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods];
  }

  #find(method: string, segments: readonly string[]): Match | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    for (const compiled of this.#routes) {
      if (compiled.route.method !== wanted) continue;
      const params = fit(compiled, segments);
      if (params !== undefined) return { route: compiled.route, params };
    }
    return undefined;
  }
}

function compile(route: Route): Compiled {
  const segments = route.pattern
    .slice(1)
    .split('/')
    .map((part) =>
      part.startsWith(':')
        ? { literal: undefined, name: part.slice(1) }
        : { literal: part, name: part },
    );
  return { route, segments };
}

function fit({ segments }: Compiled, path: readonly string[]): Params | undefined {
  if (segments.length !== path.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, { literal, name }] of segments.entries()) {
    const part = path[index];
    if (part === undefined) return undefined;
    if (literal === undefined) {
      if (part === '') return undefined;
      params.set(name, part);
    } else if (literal !== part) {
      return undefined;
    }
  }
  return params;
}
