/**
 * A LiveChannel: events of a program's own, to everyone who listens or to one user. What is kept is a
 * table whose oldest rows leave, and the stream is its feed: so clients resume, slow ones cost nothing,
 * and an event is encoded once for all.
 *
 * @see SPEC 4, 9 "sse:private"
 */
import type { Exchange } from '../http/exchange.ts';
import { EVERYONE, isOneOf } from '../http/messages/message-table.ts';
import type { Route } from '../http/router.ts';
import type { StreamDoor } from '../http/serve-stream.ts';
import type { Channels } from '../stream/channels.ts';
import { Table } from '../table/table.ts';
import { View } from '../table/view/view.ts';
import type { Json, Row } from '../wire/change.ts';
import { copyJson } from './copy-json.ts';
import type { SseOptions } from './sse-route.ts';

/** Events kept for those who come back. */
const DEFAULT_KEEP = 1_000;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface LiveChannelOptions {
  /** How many events are kept for clients that come back; the oldest leave. Default: 1,000. */
  keep?: number | undefined;
  /** How many of the latest a newcomer gets. Default: none. */
  history?: number | undefined;
  /** What the caller must be allowed; `open`: nothing. Default: `sse:read`. */
  permission?: SseOptions['permission'];
}

export interface LiveChannelDeps {
  epoch: string;
  channels: Channels;
  door: StreamDoor;
  heartbeatMs: number;
}

/** A channel in a program's hands; clients find it at `/api/channels/{name}`. */
export class LiveChannel {
  readonly name: string;
  readonly #table: Table;
  readonly #history: number;
  readonly #deps: LiveChannelDeps;
  #published = 0;

  /** @throws {TypeError} for a name that is none. @throws {RangeError} for a number that is none. */
  constructor(
    name: string,
    { keep = DEFAULT_KEEP, history = 0 }: LiveChannelOptions,
    deps: LiveChannelDeps,
  ) {
    if (!NAME.test(name)) {
      throw new TypeError(`channel "${name}": use letters, digits, ".", "_" and "-", at most 64`);
    }
    checkCount('keep', keep, 1);
    checkCount('history', history, 0);
    this.name = name;
    this.#history = history;
    this.#deps = deps;
    this.#table = new Table({
      name: `channel:${name}`,
      key: 'n',
      epoch: deps.epoch,
      maxRows: keep,
      whenFull: 'evict',
    });
  }

  /** Clients that listen. */
  get subscribers(): number {
    return this.#deps.channels.feedSizes().get(this.#table.name) ?? 0;
  }

  /**
   * Sends an event to all who listen, and keeps it for those who come back.
   * @param event plain JSON; it is copied.
   * @throws {TypeError} naming what JSON has no form of.
   */
  publish(event: object): void {
    this.#add(EVERYONE, event);
  }

  /**
   * Sends an event to the streams of one user, as tokens or `authorize` name them.
   * @throws {TypeError} as `publish`, and where that is no user.
   */
  private(user: string, event: object): void {
    if (user === '' || user === EVERYONE) throw new TypeError(`"${user}" is no user`);
    this.#add(user, event);
  }

  /** The events kept that were for everyone, the oldest first. */
  history(): Json[] {
    return this.#table
      .rows()
      .filter(({ to }) => to === EVERYONE)
      .map(({ event = null }) => event);
  }

  /** The route that streams it. */
  route(permission: Route['permission']): Route {
    const handle = (exchange: Exchange): Promise<void> =>
      this.#deps.door.serve(exchange, () => this.#streamFor(exchange.caller.user));
    return { method: 'GET', pattern: `/api/channels/${this.name}`, permission, handle };
  }

  #streamFor(user: string | undefined): ReturnType<Channels['feed']> {
    const { channels, heartbeatMs } = this.#deps;
    const where = [isOneOf('to', user === undefined ? [EVERYONE] : [EVERYONE, user])];
    return channels.feed(this.#table, {
      view: new View({ key: 'n', where, select: [], order: [], limit: undefined }),
      format: {
        name: this.#table.name,
        history: this.#history,
        heartbeatMs,
        connected: { message: `connected to ${this.name}` },
        eventOf: ({ event = null }: Row) => event,
      },
    });
  }

  #add(to: string, event: object): void {
    const data: Row = { n: ++this.#published, to, event: copyJson(event, 'event') };
    this.#table.apply([{ type: 'add', data }]);
  }
}

function checkCount(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= 1_000_000) return;
  throw new RangeError(`${name} is ${value}; give a whole number from ${least} to 1,000,000`);
}
