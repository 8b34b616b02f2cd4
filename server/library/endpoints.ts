/**
 * The Endpoints of a program: its streams and JSON routes beside those of the tables.
 *
 * @see SPEC 4
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Route } from '../http/router.ts';
import type { StreamDoor } from '../http/serve-stream.ts';
import type { Channels } from '../stream/channels.ts';
import { type JsonHandler, jsonRoute } from './json-route.ts';
import { LiveChannel, type LiveChannelOptions } from './live-channel.ts';
import { checkPattern, type Pattern } from './pattern.ts';
import { type Item, type SseGenerator, type SseOptions, sseRoute } from './sse-route.ts';

/** Adds a JSON route. @throws {TypeError} for a wrong or taken path. */
export type AddRoute = <Path extends Pattern>(
  pattern: Path,
  handler: JsonHandler<Path>,
  options?: RouteOptions,
) => void;

export interface RouteOptions {
  /** What the caller must be allowed; `open`: nothing. Default: `sse:read` to get, else `sse:write`. */
  permission?: SseOptions['permission'];
}

export interface EndpointsDeps {
  clock: Clock;
  log: Log;
  channels: Channels;
  door: StreamDoor;
  heartbeatMs: number;
  maxBodyBytes: number;
  /** A name for a new history. */
  epoch: () => string;
  /** @throws {TypeError} where that method and path are taken. */
  add: (route: Route) => void;
}

export class Endpoints {
  readonly #deps: EndpointsDeps;
  readonly #live = new Map<string, LiveChannel>();
  readonly get = this.#adder('GET');
  readonly post = this.#adder('POST');
  readonly put = this.#adder('PUT');
  readonly patch = this.#adder('PATCH');
  readonly delete = this.#adder('DELETE');

  constructor(deps: EndpointsDeps) {
    this.#deps = deps;
  }

  /**
   * Adds a stream. Each client has a generator of its own.
   * @throws {TypeError} for a wrong or taken path. @throws {RangeError} for a time that is none.
   */
  sse<Path extends Pattern, Yielded extends Item>(
    pattern: Path,
    generator: SseGenerator<Path, Yielded>,
    { timeout, heartbeat, restart = false, permission = 'sse:read' }: SseOptions = {},
  ): void {
    checkPattern(pattern);
    const { channels, door, log, add } = this.#deps;
    checkMs('timeout', timeout);
    checkMs('heartbeat', heartbeat);
    const channel = channels.generate({
      timeoutMs: timeout,
      heartbeatMs: heartbeat,
      restart,
      onFailure: (error) => log.error(`the generator of ${pattern} failed`, { error }),
    });
    add(sseRoute(pattern, generator, permission, { door, channel }));
  }

  /**
   * The channel of that name, made the first time: options of later calls change nothing.
   * @throws {TypeError} for a name that is none. @throws {RangeError} for a number that is none.
   */
  channel(name: string, options: LiveChannelOptions = {}): LiveChannel {
    const held = this.#live.get(name);
    if (held !== undefined) return held;
    const { channels, door, heartbeatMs, epoch, add } = this.#deps;
    const channel = new LiveChannel(name, options, { epoch: epoch(), channels, door, heartbeatMs });
    add(channel.route(options.permission ?? 'sse:read'));
    this.#live.set(name, channel);
    return channel;
  }

  /** Sends an event to all who listen to any channel. @throws {TypeError} as `LiveChannel.publish`. */
  broadcast(event: object): void {
    for (const channel of this.#live.values()) channel.publish(event);
  }

  #adder(method: Route['method']): AddRoute {
    return (
      pattern,
      handler,
      { permission = method === 'GET' ? 'sse:read' : 'sse:write' } = {},
    ) => {
      checkPattern(pattern);
      const { clock, maxBodyBytes, add } = this.#deps;
      add(jsonRoute(method, pattern, handler, { body: { clock, maxBodyBytes }, permission }));
    };
  }
}

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function checkMs(name: string, value: number | undefined): void {
  if (value === undefined || (value > 0 && value <= MAX_TIMER_MS)) return;
  throw new RangeError(`${name} ${value} is not a time in ms; try 30_000`);
}
