/**
 * Streams of a program: a generator's items are the events.
 *
 * @see SPEC 4
 */
import type { Exchange } from '../http/exchange.ts';
import { sendEmpty } from '../http/respond.ts';
import type { Route } from '../http/router.ts';
import { lastEventIdOf, type StreamDoor } from '../http/serve-stream.ts';
import type { GeneratorChannel } from '../stream/generator-channel.ts';
import type { GeneratorRun, Items } from '../stream/generator-run.ts';
import { GONE_ID } from '../wire/event-id.ts';
import type { EventFields } from '../wire/event-text.ts';
import { type Asked, askedOf } from './asked.ts';
import type { Pattern } from './pattern.ts';

/** What a generator may yield: a string is sent as it is, `EventFields` field by field, all else as JSON. */
export type Item = object | string | number | boolean | null;

/**
 * Yielded objects that look like `EventFields`, with a field that is wrong; never, if there are none.
 * A wrong field would otherwise only be found when it is sent.
 */
export type WrongFields<Yielded> = Yielded extends { data: unknown }
  ? Exclude<keyof Yielded, keyof EventFields> extends never
    ? Yielded extends EventFields
      ? never
      : Yielded
    : never
  : never;

/** What a generator is given. */
export interface SseAsked<Path extends string> extends Asked<Path> {
  /** Aborted when the client leaves, the time is up or the server closes: pass it to what you wait for. */
  readonly signal: AbortSignal;
  /** What a client that comes back had last, if its events had ids. */
  readonly lastEventId: string | undefined;
}

export type SseGenerator<Path extends string, Yielded> = (
  asked: SseAsked<Path>,
) => (Iterable<Yielded> | AsyncIterable<Yielded>) &
  ([WrongFields<Yielded>] extends [never] ? unknown : { wrongFields: WrongFields<Yielded> });

export interface SseOptions {
  /** How long one stream may take, in ms; then it gets a `timeout` event and ends. Default: no limit. */
  timeout?: number | undefined;
  /** Time between heartbeats while the generator is silent, in ms. Default: option `heartbeat`. */
  heartbeat?: number | undefined;
  /**
   * A client that comes back after the end starts the generator anew, as an EventSource does by
   * itself. Default: it is told that there is no more.
   */
  restart?: boolean | undefined;
  /** What the caller must be allowed; `open`: nothing. Default: `sse:read`. */
  permission?: 'open' | 'sse:read' | 'sse:write' | 'admin' | undefined;
}

/** Makes the route. @param channel where its streams are. */
export function sseRoute<Path extends Pattern>(
  pattern: Path,
  generator: (asked: SseAsked<Path>) => Items,
  permission: Route['permission'],
  { door, channel }: { door: StreamDoor; channel: GeneratorChannel },
): Route {
  async function handle(exchange: Exchange): Promise<void> {
    const { request, query } = exchange;
    const lastEventId = lastEventIdOf(request, query);
    if (lastEventId === GONE_ID) {
      door.check(request);
      sendEmpty(exchange, 204);
      return;
    }
    const asked = askedOf<Path>(exchange);
    const start = (signal: AbortSignal): Items => generator({ ...asked, signal, lastEventId });
    await door.serve(exchange, () => ({
      offersGzip: false,
      join: (sink, join) => channel.join(sink, join, start),
      leave: (run: GeneratorRun) => channel.leave(run),
    }));
  }

  return { method: 'GET', pattern, permission, handle };
}
