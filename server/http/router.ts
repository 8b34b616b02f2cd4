/**
 * Routes: method and path pattern to handler.
 *
 * @see SPEC 3
 */
import { SseTableError } from '../base/errors.ts';
import type { Permission } from './caller.ts';
import type { Exchange, Params } from './exchange.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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

/** Where a path may have come to, segment by segment. */
interface Place {
  readonly literals: Map<string, Place>;
  /** What any segment but an empty one leads to. */
  parameter: Place | undefined;
  /** What a path that ends here may be, by method. */
  readonly ends: Map<string, End>;
}

interface End {
  route: Route;
  /** The names of the pattern's parameters, and which segments they are. */
  parameters: readonly { name: string; index: number }[];
}

/** Finds routes by walking the segments of a path: as long as the path, however many routes there are. */
export class Router {
  readonly #root = createPlace();

  /** Where a literal and a parameter fit, the literal wins. */
  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  /** @throws {TypeError} where its method and path, whatever its parameters are named, are taken. */
  add(route: Route): void {
    const parameters: { name: string; index: number }[] = [];
    let place = this.#root;
    for (const [index, part] of route.pattern.slice(1).split('/').entries()) {
      if (part.startsWith(':')) {
        parameters.push({ name: part.slice(1), index });
        place = place.parameter ??= createPlace();
      } else {
        const next = place.literals.get(part) ?? createPlace();
        place.literals.set(part, next);
        place = next;
      }
    }
    const taken = place.ends.get(route.method)?.route.pattern;
    if (taken !== undefined) {
      throw new TypeError(`${route.method} ${route.pattern} is taken already, by ${taken}`);
    }
    place.ends.set(route.method, { route, parameters });
  }

  /**
   * @throws {SseTableError} `not_found`; `method_not_allowed` (see `allowed`).
   */
  match(method: string, segments: readonly string[], path: string): Match {
    const found = this.#find(method, segments);
    if (found !== undefined) {
      const params = new Map<string, string>();
      for (const { name, index } of found.parameters) params.set(name, segments[index] ?? '');
      return { route: found.route, params };
    }
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
    collect(this.#root, segments, 0, methods);
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods];
  }

  #find(method: string, segments: readonly string[]): End | undefined {
    return find(this.#root, segments, 0, method === 'HEAD' ? 'GET' : method);
  }
}

function createPlace(): Place {
  return { literals: new Map(), parameter: undefined, ends: new Map() };
}

/** A literal that leads nowhere with this method leaves the way by the parameter. */
function find(
  place: Place,
  segments: readonly string[],
  depth: number,
  method: string,
): End | undefined {
  const segment = segments[depth];
  if (segment === undefined) return place.ends.get(method);
  const literal = place.literals.get(segment);
  const found = literal && find(literal, segments, depth + 1, method);
  if (found !== undefined || place.parameter === undefined || segment === '') return found;
  return find(place.parameter, segments, depth + 1, method);
}

function collect(
  place: Place,
  segments: readonly string[],
  depth: number,
  methods: Set<string>,
): void {
  const segment = segments[depth];
  if (segment === undefined) {
    for (const method of place.ends.keys()) {
      methods.add(method);
      if (method === 'GET') methods.add('HEAD');
    }
    return;
  }
  const literal = place.literals.get(segment);
  if (literal !== undefined) collect(literal, segments, depth + 1, methods);
  if (place.parameter !== undefined && segment !== '') {
    collect(place.parameter, segments, depth + 1, methods);
  }
}
