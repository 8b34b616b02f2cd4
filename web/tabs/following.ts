/**
 * A tab that follows another one's connection: its feed is told the same events in the same order, as
 * if the connection were its own.
 *
 * @see FRONTEND 4 "one per browser across tabs"
 */
import type { Outcome } from '../feed/connection.ts';
import { type EventHandlers, parseEvent } from '../feed/read-events.ts';
import type { SnapshotMessage, TabMessage } from './tab-message.ts';
import type { Place } from './tab-place.ts';

/** Events that may wait for a snapshot to be complete; more, and this tab connects by itself. */
const MAX_HELD = 20_000;

type Event = Extract<TabMessage, { type: 'event' }>;

export interface FollowingDeps {
  me: string;
  post(message: TabMessage): void;
  /** This tab's own channel. */
  openChannel(tab: string): BroadcastChannel;
}

/** How following ended: as the leader's connection did, or `alone`: this tab has to connect itself. */
export type FollowingEnd = Outcome | 'alone';

/** One connection as seen by one of its followers. */
export class Following {
  readonly #handlers: EventHandlers;
  readonly #place: Place;
  readonly #deps: FollowingDeps;
  readonly #settled = Promise.withResolvers<FollowingEnd>();
  #leader: string | undefined;
  #mode: 'joining' | 'snapshot' | 'following' = 'joining';
  /** The last event that this tab has, of the leader's connection. */
  #n = 0;
  #held: Event[] = [];
  #snapshot: BroadcastChannel | undefined;

  constructor(handlers: EventHandlers, place: Place, deps: FollowingDeps) {
    this.#handlers = handlers;
    this.#place = place;
    this.#deps = deps;
  }

  /**
   * Follows to the end.
   * @throws {SyntaxError} after a damaged event; {TypeError} when the connection failed.
   */
  run(isUrgent: boolean): Promise<FollowingEnd> {
    this.#join(isUrgent);
    return this.#settled.promise;
  }

  /** Lets go; `run()` stays unsettled. */
  leave(): void {
    this.#snapshot?.close();
    this.#snapshot = undefined;
  }

  /** A message of another tab. What goes wrong in it ends `run()`. */
  take(message: TabMessage): void {
    try {
      this.#take(message);
    } catch (error) {
      this.#settled.reject(error);
    }
  }

  #take(message: TabMessage): void {
    switch (message.type) {
      case 'lead':
        this.#leader = message.from;
        this.#join(false);
        break;
      case 'welcome':
        if (message.to === this.#deps.me) this.#onWelcome(message);
        break;
      case 'event':
        if (message.from === this.#leader) this.#onEvent(message);
        break;
      case 'retry':
        this.#handlers.onRetry(message.retryMs);
        break;
      case 'over':
        if (message.from === this.#leader) this.#settled.resolve(message.outcome);
        break;
      case 'failed':
        if (message.from !== this.#leader) break;
        throw message.isDamaged ? new SyntaxError(message.message) : new TypeError(message.message);
    }
  }

  #join(isUrgent: boolean): void {
    this.leave();
    this.#mode = 'joining';
    this.#held = [];
    const { me, post } = this.#deps;
    post({ type: 'join', from: me, lastEventId: this.#place.id, isUrgent });
  }

  #onWelcome({ from, how, n, isLive }: Extract<TabMessage, { type: 'welcome' }>): void {
    this.#leader = from;
    this.#n = n;
    if (how === 'alone') {
      this.#settled.resolve('alone');
    } else if (how === 'go on') {
      this.#mode = 'following';
      // The feed is live once it has been told something.
      if (isLive) this.#handlers.onEvent({ type: 'resumed', missed: 0 }, undefined, '');
    } else if (how === 'snapshot') {
      this.#mode = 'snapshot';
      this.#takeSnapshot();
    }
  }

  #takeSnapshot(): void {
    const channel = this.#deps.openChannel(this.#deps.me);
    const ask = (): void => channel.postMessage({ type: 'next' } satisfies SnapshotMessage);
    channel.onmessage = ({ data }: MessageEvent<SnapshotMessage>) => {
      if (data.type !== 'part' || this.#snapshot !== channel) return;
      try {
        this.#handlers.onBytes();
        this.#deliver(data.text, data.id);
        if (data.isLast) this.#catchUp();
        else ask();
      } catch (error) {
        this.#settled.reject(error);
      }
    };
    this.#snapshot = channel;
    ask();
  }

  #catchUp(): void {
    this.leave();
    this.#mode = 'following';
    const held = this.#held;
    this.#held = [];
    for (const event of held) this.#onEvent(event);
  }

  #onEvent(event: Event): void {
    this.#handlers.onBytes();
    if (this.#mode === 'snapshot') {
      if (event.n <= this.#n) return;
      this.#held.push(event);
      if (this.#held.length > MAX_HELD) this.#settled.resolve('alone');
    } else if (this.#mode === 'following') {
      if (event.n <= this.#n) return;
      if (event.n === this.#n + 1) {
        this.#n = event.n;
        this.#deliver(event.text, event.id);
      } else {
        this.#join(false); // some are missing: this tab was away
      }
    }
  }

  #deliver(text: string, id: string | undefined): void {
    const parse = this.#handlers.parse ?? parseEvent;
    this.#handlers.onEvent(parse(text, undefined), id, text);
  }
}
