/**
 * The Channels of a server: made on demand, shared by all who ask for the same, let go when idle.
 *
 * @see SPEC 1, 7
 */
import type { Cancel } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { RowSet } from '../table/row-set.ts';
import type { Table } from '../table/table.ts';
import { LiveView } from '../table/view/live-view.ts';
import type { View } from '../table/view/view.ts';
import { ViewIndex } from '../table/view/view-index.ts';
import type { EndReason } from '../wire/event.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import { type Counters, createCounters } from './counters.ts';
import { type Decorate, tableFraming } from './encoder.ts';
import { type FeedFormat, feedFraming } from './feed-encoder.ts';
import type { FramingOf } from './framing.ts';
import { GeneratorChannel, type GeneratorChannelOptions } from './generator-channel.ts';
import { boundRings, MAX_FULL_RINGS } from './ring-bound.ts';

/** How often stalls, lifetimes, idle channels and full rings are looked for. */
const SWEEP_MS = 1_000;

/** A channel without subscribers goes on filling its ring this long, so that who returns can resume. */
const IDLE_MS = 60_000;

/** Feeds streamed at once: each chat has its own. Past it one that nobody reads leaves. */
const MAX_FEEDS = 10_000;

/** While overloaded, changes are gathered for so many times longer: fewer, larger writes… */
const OVERLOAD_FACTOR = 8;

/** …and for so many times this much, in ms, where they would hardly be gathered otherwise. */
const OVERLOAD_LEAST_FLUSH_MS = 16;

/** Which of a table's streams. */
export interface Variant {
  /** Each change carries all rows. */
  full: boolean;
  /** undefined: the whole table. */
  view?: View | undefined;
}

/** What a route says of its generators; the rest is the server's. */
export type GeneratorsOptions = Pick<
  GeneratorChannelOptions,
  'timeoutMs' | 'restart' | 'onFailure'
> & { heartbeatMs: number | undefined };

/** How a table is streamed as a feed. */
export interface FeedVariant {
  /** undefined: all rows. */
  view: View | undefined;
  format: FeedFormat;
}

export interface ChannelsOptions extends Omit<ChannelOptions, 'counters'> {
  /** Channels of views, all tables together. */
  maxViews: number;
}

/** A sweep of `Counters` and what there is now. */
export interface ChannelStats extends Counters {
  channels: number;
  /** Those of them that stream a view. */
  views: number;
  subscribers: number;
  /** Rows waiting for the next flush. */
  pending: number;
  /** For how long changes are gathered while busy; longer while overloaded. */
  flushMs: number;
  /** Frames that the slowest subscriber is behind. */
  maxLag: number;
  /** Bytes held in rings. */
  ringBytes: number;
}

/** All channels of a server. */
export class Channels {
  readonly #options: ChannelOptions;
  readonly #maxViews: number;
  readonly #shared = new Map<string, Channel>();
  readonly #views = new Map<string, Channel>();
  readonly #feeds = new Map<string, Channel>();
  readonly #indexes = new WeakMap<Table, ViewIndex>();
  readonly #own = new Set<Channel>();
  /** What feeds are called in statistics. */
  readonly #feedNames = new WeakMap<Channel, string>();
  readonly #generators = new Set<GeneratorChannel>();
  /** Of tables that are no more, until their last subscriber has read the end. */
  readonly #leaving = new Set<Channel>();
  readonly #counters: Counters = createCounters();
  readonly #stopSweeping: Cancel;
  #flushMs: number;

  constructor({ maxViews, ...options }: ChannelsOptions) {
    this.#options = { ...options, counters: this.#counters };
    this.#maxViews = maxViews;
    this.#flushMs = options.flushMs;
    const everyMs = Math.min(SWEEP_MS, options.stallTimeoutMs / 2);
    this.#stopSweeping = options.clock.every(everyMs, () => this.#sweep());
  }

  /**
   * The channel of a table, or of a view of it, that all who ask for the same share.
   * @throws {SseTableError} `too_many`: a new view, and `maxViews` others have subscribers.
   */
  of(table: Table, { full, view }: Variant): Channel {
    const name = JSON.stringify([table.name, full, view?.canonical]);
    const { heartbeatMs } = this.#options;
    const channels = view === undefined ? this.#shared : this.#views;
    return this.#obtain(channels, name, table, view, (rows) =>
      this.#make(rows, tableFraming(rows, { full }), heartbeatMs),
    );
  }

  /**
   * The channel of a feed, shared in the same way.
   * @throws {SseTableError} as `of`.
   */
  feed(table: Table, { view, format }: FeedVariant): Channel {
    const name = JSON.stringify([table.name, format.name, format.history, view?.canonical]);
    return this.#obtain(this.#feeds, name, table, view, (rows) => {
      const channel = this.#make(rows, feedFraming(rows, format), format.heartbeatMs);
      this.#feedNames.set(channel, format.name);
      return channel;
    });
  }

  /** Subscribers of feeds, by the feeds' names; those of one name together. */
  feedSizes(): Map<string, number> {
    const sizes = new Map<string, number>();
    for (const channel of this.#all()) {
      const name = this.#feedNames.get(channel);
      if (name === undefined || channel.subscribers === 0) continue;
      sizes.set(name, (sizes.get(name) ?? 0) + channel.subscribers);
    }
    return sizes;
  }

  /** A channel of the caller's own, to be given back with `release`. */
  create(table: Table, decorate: Decorate & { heartbeatMs: number }): Channel {
    const { heartbeatMs, ...rest } = decorate;
    const channel = this.#make(table, tableFraming(table, rest), heartbeatMs);
    this.#own.add(channel);
    return channel;
  }

  /** Closes a channel made by `create`. */
  release(channel: Channel): void {
    if (this.#own.delete(channel)) channel.close();
  }

  /** The streams of a route that are made by generators; they last as long as the server. */
  generate(options: GeneratorsOptions): GeneratorChannel {
    const { heartbeatMs = this.#options.heartbeatMs } = options;
    const channel = new GeneratorChannel({ ...this.#options, ...options, heartbeatMs });
    this.#generators.add(channel);
    return channel;
  }

  /** Resolves when every generator whose stream has ended has cleaned up. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#generators, (channel) => channel.settled()));
  }

  /** Gathers changes for longer, or as usual again. */
  setOverloaded(isOverloaded: boolean): void {
    const { flushMs } = this.#options;
    this.#flushMs = isOverloaded
      ? OVERLOAD_FACTOR * Math.max(flushMs, OVERLOAD_LEAST_FLUSH_MS)
      : flushMs;
    for (const channel of this.#all()) channel.setFlushMs(this.#flushMs);
  }

  /** Ends the streams of a table and of its views: another takes its place, or none. */
  retire(table: Table): void {
    for (const channels of [this.#shared, this.#views, this.#feeds]) {
      for (const [name, channel] of channels) {
        if (channel.table.name !== table.name) continue;
        channels.delete(name);
        channel.end('lifetime', 'the table was loaded anew; connect again');
        this.#leaving.add(channel);
      }
    }
  }

  /** Ends every stream. */
  end(reason: EndReason, message: string): void {
    for (const channel of this.#all()) channel.end(reason, message);
    for (const channel of this.#generators) channel.end(reason, message);
  }

  /** Closes every channel. */
  close(): void {
    this.#stopSweeping();
    for (const channel of this.#all()) channel.close();
    for (const channel of this.#generators) channel.close();
    this.#shared.clear();
    this.#views.clear();
    this.#feeds.clear();
    this.#own.clear();
    this.#leaving.clear();
  }

  /** Counters since the start, and what there is now. */
  stats(): ChannelStats {
    const stats = {
      ...this.#counters,
      channels: 0,
      views: this.#views.size,
      subscribers: 0,
      pending: 0,
      flushMs: this.#flushMs,
      maxLag: 0,
      ringBytes: 0,
    };
    for (const channel of this.#all()) {
      stats.channels++;
      stats.subscribers += channel.subscribers;
      stats.pending += channel.pending;
      stats.maxLag = Math.max(stats.maxLag, channel.maxLag);
      stats.ringBytes += channel.ring.bytes;
    }
    for (const channel of this.#generators) stats.subscribers += channel.subscribers;
    return stats;
  }

  *#all(): Generator<Channel> {
    yield* this.#shared.values();
    yield* this.#views.values();
    yield* this.#feeds.values();
    yield* this.#own;
    yield* this.#leaving;
  }

  #obtain(
    channels: Map<string, Channel>,
    name: string,
    table: Table,
    view: View | undefined,
    make: (rows: RowSet) => Channel,
  ): Channel {
    let channel = channels.get(name);
    if (channel === undefined) {
      if (channels === this.#views) this.#makeRoom(channels, this.#maxViews);
      if (channels === this.#feeds) this.#makeRoom(channels, MAX_FEEDS);
      channel = make(view === undefined ? table : new LiveView(table, view, this.#indexOf(table)));
      channels.set(name, channel);
    }
    return channel;
  }

  #make(rows: RowSet, framingOf: FramingOf, heartbeatMs: number): Channel {
    return new Channel(rows, framingOf, { ...this.#options, heartbeatMs, flushMs: this.#flushMs });
  }

  #indexOf(table: Table): ViewIndex {
    let index = this.#indexes.get(table);
    if (index === undefined) {
      index = new ViewIndex(table);
      this.#indexes.set(table, index);
    }
    return index;
  }

  /** Lets the view go that has been without subscribers for longest, if there are too many. */
  #makeRoom(channels: Map<string, Channel>, max: number): void {
    if (channels.size < max) return;
    let oldest: [name: string, channel: Channel] | undefined;
    for (const entry of channels) {
      if (entry[1].subscribers > 0) continue;
      if (oldest === undefined || entry[1].lastUsedMs < oldest[1].lastUsedMs) oldest = entry;
    }
    if (oldest === undefined) {
      this.#counters.viewsRefused++;
      throw new SseTableError(
        'too_many',
        `${max} distinct views are being watched; ` +
          'watch one of them, try again later, or raise --max-views',
      );
    }
    this.#counters.viewsEvicted++;
    channels.delete(oldest[0]);
    oldest[1].close();
  }

  #sweep(): void {
    for (const channel of this.#all()) channel.sweep();
    for (const channel of this.#generators) channel.sweep();
    const maxBytes = MAX_FULL_RINGS * this.#options.ringBytes;
    this.#counters.ringsTrimmed += boundRings(this.#all(), maxBytes);
    this.#letGoOfIdle(this.#shared);
    this.#letGoOfIdle(this.#views);
    this.#letGoOfIdle(this.#feeds);
    for (const channel of this.#leaving) {
      if (channel.subscribers > 0) continue;
      this.#leaving.delete(channel);
      channel.close();
    }
  }

  #letGoOfIdle(channels: Map<string, Channel>): void {
    const idleBeforeMs = this.#options.clock.now() - IDLE_MS;
    for (const [name, channel] of channels) {
      if (channel.lastUsedMs >= idleBeforeMs) continue;
      channels.delete(name);
      channel.close();
    }
  }
}
