/**
 * The Channels of a server: made on demand, shared by all who ask for the same, let go when idle.
 *
 * @see SPEC 1, 7
 */
import type { Cancel } from '../base/clock.ts';
import type { Table } from '../table/table.ts';
import type { EndReason } from '../wire/event.ts';
import { Channel, type ChannelOptions } from './channel.ts';
import { type Counters, createCounters } from './counters.ts';
import type { Decorate } from './encoder.ts';

/** How often stalls, lifetimes and idle channels are looked for. */
const SWEEP_MS = 1_000;

/** A channel without subscribers goes on filling its ring this long, so that who returns can resume. */
const IDLE_MS = 60_000;

/** A sweep of `Counters` and what there is now. */
export interface ChannelStats extends Counters {
  channels: number;
  subscribers: number;
  /** Rows waiting for the next flush. */
  pending: number;
  /** Frames that the slowest subscriber is behind. */
  maxLag: number;
  /** Bytes held in rings. */
  ringBytes: number;
}

/** All channels of a server. */
export class Channels {
  readonly #options: ChannelOptions;
  readonly #shared = new Map<string, Channel>();
  readonly #own = new Set<Channel>();
  readonly #counters: Counters = createCounters();
  readonly #stopSweeping: Cancel;

  constructor(options: Omit<ChannelOptions, 'counters'>) {
    this.#options = { ...options, counters: this.#counters };
    const everyMs = Math.min(SWEEP_MS, options.stallTimeoutMs / 2);
    this.#stopSweeping = options.clock.every(everyMs, () => this.#sweep());
  }

  /** The channel of a table that all its clients share. */
  of(table: Table, variant: { full: boolean }): Channel {
    const name = variant.full ? `${table.name}?full` : table.name;
    let channel = this.#shared.get(name);
    if (channel === undefined) {
      channel = new Channel(table, variant, this.#options);
      this.#shared.set(name, channel);
    }
    return channel;
  }

  /** A channel of the caller's own, to be given back with `release`. */
  create(table: Table, decorate: Decorate & { heartbeatMs: number }): Channel {
    const { heartbeatMs, ...rest } = decorate;
    const channel = new Channel(table, rest, { ...this.#options, heartbeatMs });
    this.#own.add(channel);
    return channel;
  }

  /** Closes a channel made by `create`. */
  release(channel: Channel): void {
    if (this.#own.delete(channel)) channel.close();
  }

  /** Ends every stream. */
  end(reason: EndReason, message: string): void {
    for (const channel of this.#all()) channel.end(reason, message);
  }

  /** Closes every channel. */
  close(): void {
    this.#stopSweeping();
    for (const channel of this.#all()) channel.close();
    this.#shared.clear();
    this.#own.clear();
  }

  /** Counters since the start, and what there is now. */
  stats(): ChannelStats {
    const stats = {
      ...this.#counters,
      channels: 0,
      subscribers: 0,
      pending: 0,
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
    return stats;
  }

  *#all(): Generator<Channel> {
    yield* this.#shared.values();
    yield* this.#own;
  }

  #sweep(): void {
    const idleBeforeMs = this.#options.clock.now() - IDLE_MS;
    for (const channel of this.#all()) channel.sweep();
    for (const [name, channel] of this.#shared) {
      if (channel.lastUsedMs >= idleBeforeMs) continue;
      this.#shared.delete(name);
      channel.close();
    }
  }
}
