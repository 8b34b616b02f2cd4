/**
 * The tab that holds the connection: passes each event on, and brings newcomers to where it is.
 *
 * @see FRONTEND 4 "one per browser across tabs"
 */
import type { StreamEvent } from '../../server/wire/event.ts';
import { type ConnectionOptions, type Outcome, runConnection } from '../feed/connection.ts';
import type { Feed } from '../feed/feed.ts';
import type { EventHandlers } from '../feed/read-events.ts';
import { sendSnapshot } from './snapshot-sender.ts';
import type { TabMessage, Welcome } from './tab-message.ts';
import type { Place } from './tab-place.ts';

/** Followers ask for a sign of life at least once a minute, hidden ones too. */
const FOLLOWERS_GONE_MS = 180_000;

export interface LeadingDeps {
  me: string;
  post(message: TabMessage): void;
  /** A newcomer's own channel. */
  openChannel(tab: string): BroadcastChannel;
}

/** One connection that other tabs follow. */
export class Leading {
  readonly #feed: Feed;
  readonly #place: Place;
  readonly #deps: LeadingDeps;
  /** Newcomers until there are rows for them, with their last events. */
  readonly #waiting = new Map<string, string | undefined>();
  readonly #snapshots = new Map<string, () => void>();
  /** Events of this connection so far. */
  #n = 0;
  #heardAt = Number.NEGATIVE_INFINITY;
  #now: () => number = Date.now;

  constructor(feed: Feed, place: Place, deps: LeadingDeps) {
    this.#feed = feed;
    this.#place = place;
    this.#deps = deps;
  }

  /**
   * Connects and reads to the end.
   * @throws what `runConnection` throws.
   */
  async run(src: string, options: ConnectionOptions, handlers: EventHandlers): Promise<Outcome> {
    const { me, post } = this.#deps;
    this.#now = options.now;
    post({ type: 'lead', from: me });
    try {
      const outcome = await runConnection(src, options, {
        ...handlers,
        onRetry: (retryMs) => {
          handlers.onRetry(retryMs);
          post({ type: 'retry', from: me, retryMs });
        },
        onEvent: (event, id, text) => this.#pass(event, id, text, handlers),
      });
      post({ type: 'over', from: me, outcome });
      return outcome;
    } catch (error) {
      if (!options.signal.aborted) {
        const isDamaged = error instanceof SyntaxError || error instanceof RangeError;
        post({ type: 'failed', from: me, isDamaged, message: String(error) });
      }
      throw error;
    } finally {
      for (const end of this.#snapshots.values()) end();
    }
  }

  /** A tab shows that it is there. */
  hear(): void {
    this.#heardAt = this.#now();
  }

  /** A tab wants to follow from `lastEventId` on. */
  join(tab: string, lastEventId: string | undefined): void {
    this.hear();
    this.#snapshots.get(tab)?.();
    this.#snapshots.delete(tab);
    const how = this.#welcomeFor(lastEventId);
    if (how === 'wait') this.#waiting.set(tab, lastEventId);
    this.#welcome(tab, how);
  }

  #pass(event: StreamEvent, id: string | undefined, text: string, handlers: EventHandlers): void {
    // A snapshot of the server's own serves all who wait.
    if (event.type === 'init') this.#welcomeWaiting('go on');
    this.#n++;
    // Nobody there: the next one to come is told the number, and one who was away sees that it lacks some.
    if (this.#now() - this.#heardAt < FOLLOWERS_GONE_MS) {
      this.#deps.post({ type: 'event', from: this.#deps.me, n: this.#n, text, id });
    }
    handlers.onEvent(event, id, text);
    if (this.#waiting.size > 0) this.#welcomeWaiting();
  }

  #welcomeWaiting(how?: Welcome): void {
    for (const [tab, lastEventId] of this.#waiting) {
      const now = how ?? this.#welcomeFor(lastEventId);
      if (now === 'wait') continue;
      this.#waiting.delete(tab);
      this.#welcome(tab, now);
    }
  }

  #welcomeFor(lastEventId: string | undefined): Welcome {
    const isSame = lastEventId === this.#place.id;
    if (this.#n === 0) return isSame ? 'go on' : 'wait';
    if (isSame && lastEventId !== undefined) return 'go on';
    const { init, loaded } = this.#feed;
    if (init === undefined) return 'alone';
    return loaded === undefined ? 'snapshot' : 'wait';
  }

  #welcome(tab: string, how: Welcome): void {
    const { me, post, openChannel } = this.#deps;
    if (how === 'snapshot') {
      this.#snapshots.set(tab, sendSnapshot(this.#feed, this.#place.id, openChannel(tab)));
    }
    post({ type: 'welcome', from: me, to: tab, how, n: this.#n, isLive: this.#n > 0 });
  }
}
