/**
 * One request and its response on their way through the server.
 *
 * @see SPEC 3
 */
import type { Caller } from './caller.ts';
import type { Answerable } from './head.ts';
import type { HttpRequest } from './message.ts';

/** Decoded path parameters by name: `/api/tables/:table` gives `table`. */
export type Params = ReadonlyMap<string, string>;

export interface Exchange extends Answerable {
  readonly method: string;
  /** As sent, without the query: for messages and the access log. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: Params;
  /** Where the client is: the address that limits count by. */
  readonly address: string;
  /** It came through another server, in which this one is mounted: the socket is not ours. */
  readonly isGuest: boolean;
  /** Who asks, and what they may do. */
  readonly caller: Caller;
  /**
   * Lets go of what the server keeps for the answer; called once a stream is open, because
   * these objects would be most of an idle connection's memory.
   */
  letGo(): void;
}

/** A path parameter that the route's pattern names. */
export function param(exchange: Exchange, name: string): string {
  const value = exchange.params.get(name);
  if (value === undefined) throw new TypeError(`the route has no parameter :${name}`);
  return value;
}

/** The address of the client's end of the socket; IPv4 in its own form, not mapped into IPv6. */
export function addressOf(request: HttpRequest): string {
  const address = request.socket.remoteAddress ?? 'unknown';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
