/**
 * What a program's handlers are given of a request.
 *
 * @see SPEC 4
 */
import type { Caller } from '../http/caller.ts';
import type { Exchange } from '../http/exchange.ts';
import type { HttpRequest } from '../http/message.ts';
import type { PathParams } from './pattern.ts';

export interface Asked<Path extends string> {
  /** Decoded; their names are those of the pattern. */
  readonly params: PathParams<Path>;
  readonly query: URLSearchParams;
  /** Of node:http, or node:http2. */
  readonly request: HttpRequest;
  /** Who asks, and what they may do: as their token says, or `authorize`. */
  readonly caller: Caller;
}

/** The part of an exchange that a handler sees; `Path` is the pattern of the route that was found. */
export function askedOf<Path extends string>(exchange: Exchange): Asked<Path> {
  const { query, request, caller } = exchange;
  // The router has found a value for each name in the pattern.
  const params = Object.fromEntries(exchange.params) as PathParams<Path>;
  return { params, query, request, caller };
}
