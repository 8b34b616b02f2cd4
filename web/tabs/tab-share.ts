/**
 * One feed's share in a connection of all tabs: leads, follows, and changes over without a gap.
 *
 * A leader that is closed gives its lock to the next tab, which resumes from its own last event; a
 * follower that got as far goes on, another one takes a snapshot. A leader that is frozen answers no ping,
 * and its lock is taken.
 *
 * @see FRONTEND 4 "one per browser across tabs", SPEC 3.2 "Resume"
 */
import { type ConnectionOptions, type Outcome, runConnection } from '../feed/connection.ts';
import type { Feed } from '../feed/feed.ts';
import type { Page } from '../feed/page.ts';
import type { EventHandlers } from '../feed/read-events.ts';
import { Following } from './following.ts';
import { Leading } from './leading.ts';
import { TabLock } from './tab-lock.ts';
import type { TabMessage } from './tab-message.ts';
import { Place } from './tab-place.ts';

/** A follower looks after its leader so often; hidden tabs' timers may be slower. */
const WATCH_PERIOD_MS = 1_000;

/** Silence after which a leader is asked for a sign of life. */
const PING_AFTER_MS = 4_000;

/** A leader that has not answered by then is frozen; time enough for one that is busy drawing. */
const ANSWER_MS = 3_000;

/** However much it hears, a follower shows so often that it is there. */
const SHOW_PERIOD_MS = 50_000;

/** A back-off that is over by then is over. */
const TIMER_SLACK_MS = 100;

/** What of the browser it needs. */
export interface TabShareDeps {
  locks: LockManager;
  openChannel(name: string): BroadcastChannel;
  page: Page;
  /** Unique to this share. */
  me: string;
  /** Calls `fn` when the page is about to be frozen. @returns its undo. */
  onFreeze(fn: () => void): () => void;
  /** Resolves when the page runs (again). */
  thawed(): Promise<void>;
}

/** The share of one feed, from its first connection to its last. */
export class TabShare {
  readonly #name: string;
  readonly #feed: Feed;
  readonly #deps: TabShareDeps;
  readonly #lock: TabLock;
  #channel: BroadcastChannel | undefined;
  #stopWatching: (() => void)[] = [];
  #leading: Leading | undefined;
  #following: Following | undefined;
  /** Ends what this tab does now, for it to do the other thing; frozen, to do nothing. */
  #interrupt: (() => void) | undefined;
  /** The last sign of life of a leader, over all connections of this feed: a leader's silence outlasts one. */
  #heardAt = 0;
  #pingedAt: number | undefined;
  /** When the leader was last shown that this follower is there. */
  #shownAt = 0;
  /** When the feed meant to connect again; sooner means that somebody cannot wait. */
  #dueAt: number | undefined;
  /** The connection under way, to be gone before another begins. */
  #running: Promise<void> = Promise.resolve();
  #runs = 0;

  /** @param name of the stream among all tabs: its address and whose it is. */
  constructor(name: string, feed: Feed, deps: TabShareDeps) {
    this.#name = name;
    this.#feed = feed;
    this.#deps = deps;
    this.#lock = new TabLock(name, deps.locks, {
      onLead: () => this.#interrupt?.(),
      onLost: () => this.#interrupt?.(),
    });
  }

  /**
   * One connection of the feed, own or another tab's.
   * @throws what `runConnection` throws.
   */
  async run(src: string, options: ConnectionOptions, handlers: EventHandlers): Promise<Outcome> {
    const before = this.#running;
    const done = Promise.withResolvers<void>();
    this.#running = done.promise;
    this.#runs++;
    try {
      await before;
      await this.#deps.thawed();
      options.signal.throwIfAborted();
      return await this.#run(src, options, handlers);
    } finally {
      this.#runs--;
      done.resolve();
      // The feed says first whether it will be back.
      this.#deps.page.after(0, () => this.#rest());
    }
  }

  async #run(src: string, options: ConnectionOptions, handlers: EventHandlers): Promise<Outcome> {
    const dueAt = this.#dueAt ?? 0;
    let isUrgent = options.now() < dueAt - TIMER_SLACK_MS;
    this.#open();
    try {
      await this.#lock.claim();
    } catch {
      return runConnection(src, options, handlers); // no locks here: a connection of its own
    }
    const place = new Place(options.lastEventId);
    const noting: EventHandlers = {
      ...handlers,
      onEvent: (event, id, text) => {
        place.pass(event, id);
        handlers.onEvent(event, id, text);
      },
    };
    for (;;) {
      options.signal.throwIfAborted();
      if (this.#channel === undefined) return { kind: 'over' }; // frozen
      const outcome = this.#lock.isHeld
        ? await this.#lead(src, options, noting, place)
        : await this.#follow(options.signal, noting, place, isUrgent);
      isUrgent = false;
      if (outcome === 'alone') {
        this.#close();
        return runConnection(src, { ...options, lastEventId: place.id }, noting);
      }
      if (outcome !== undefined) return outcome;
    }
  }

  /** @returns undefined when another tab took over. */
  async #lead(
    src: string,
    options: ConnectionOptions,
    handlers: EventHandlers,
    place: Place,
  ): Promise<Outcome | undefined> {
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    const leading = new Leading(this.#feed, place, this.#tabDeps());
    this.#leading = leading;
    this.#interrupt = () => stop.abort();
    try {
      return await leading.run(src, { ...options, lastEventId: place.id, signal }, handlers);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      return undefined;
    } finally {
      this.#leading = undefined;
      this.#interrupt = undefined;
    }
  }

  /** @returns undefined when this tab is to lead. */
  async #follow(
    signal: AbortSignal,
    handlers: EventHandlers,
    place: Place,
    isUrgent: boolean,
  ): Promise<Outcome | 'alone' | undefined> {
    const following = new Following(handlers, place, this.#tabDeps());
    const ended = Promise.withResolvers<undefined>();
    const onAbort = () => ended.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#following = following;
    this.#interrupt = () => ended.resolve(undefined);
    this.#shownAt = this.#deps.page.now();
    try {
      return await Promise.race([following.run(isUrgent), ended.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      following.leave();
      this.#following = undefined;
      this.#interrupt = undefined;
    }
  }

  #tabDeps() {
    return {
      me: this.#deps.me,
      post: (message: TabMessage) => this.#channel?.postMessage(message),
      openChannel: (tab: string) => this.#deps.openChannel(`${this.#name} ${tab}`),
    };
  }

  #open(): void {
    if (this.#channel !== undefined) return;
    const { page, onFreeze, openChannel } = this.#deps;
    const channel = openChannel(this.#name);
    channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#take(data);
    this.#channel = channel;
    this.#heardAt = page.now();
    this.#pingedAt = undefined;
    this.#stopWatching = [
      page.every(WATCH_PERIOD_MS, () => this.#watch()),
      // Frozen, it could neither lead nor follow, only gather what it is sent.
      onFreeze(() => this.#close()),
    ];
  }

  #close(): void {
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
    this.#channel?.close();
    this.#channel = undefined;
    this.#lock.release();
    this.#interrupt?.();
  }

  /** No connection is under way: waits for the next with what it has, or is done. */
  #rest(): void {
    if (this.#runs > 0) return;
    this.#dueAt = this.#feed.retryAt;
    if (this.#dueAt === undefined) this.#close();
  }

  #take(message: TabMessage): void {
    if (message.type !== 'ping' && message.type !== 'join') {
      // Only a leader says anything else.
      this.#heardAt = this.#deps.page.now();
      this.#pingedAt = undefined;
    }
    const isMine = this.#lock.isHeld;
    if (message.type === 'ping') {
      this.#leading?.hear();
      if (isMine) this.#channel?.postMessage({ type: 'pong', from: this.#deps.me });
    } else if (message.type === 'join') {
      this.#leading?.join(message.from, message.lastEventId);
      if (isMine && message.isUrgent) this.#feed.retryNow();
    } else if (message.type === 'lead' && this.#following === undefined && !isMine) {
      // The leader tries again, so this tab need not wait any longer.
      if (this.#runs === 0) this.#feed.retryNow();
    }
    this.#following?.take(message);
  }

  #watch(): void {
    if (this.#following === undefined) return;
    const now = this.#deps.page.now();
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt < ANSWER_MS) return;
      this.#pingedAt = undefined;
      this.#heardAt = now;
      this.#lock.steal();
    } else if (now - this.#heardAt >= PING_AFTER_MS) {
      this.#pingedAt = now;
      this.#ping(now);
    } else if (now - this.#shownAt >= SHOW_PERIOD_MS) {
      this.#ping(now);
    }
  }

  #ping(now: number): void {
    this.#shownAt = now;
    this.#channel?.postMessage({ type: 'ping', from: this.#deps.me });
  }
}
