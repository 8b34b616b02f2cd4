/**
 * Ties a table to the feed of its address, and tells its states and problems one by one.
 *
 * @see FRONTEND 4 "Honest freshness"
 */
import type { InitEvent } from '../../server/wire/event.ts';
import type { Feed, FeedState } from '../feed/feed.ts';
import type { Problem } from '../feed/read-events.ts';
import { acquireFeed } from '../feed/shared-feed.ts';

/** Events after which the shell may look different. */
const SHELL_EVENTS: ReadonlySet<string> = new Set(['init', 'rows', 'ready', 'error', 'end']);

/** What the table wants to hear, and its own state: it may be paused. */
export interface FeedWatchHost {
  state(): FeedState;
  onState(state: FeedState, previous: FeedState): void;
  onProblem(problem: Problem): void;
  requestUpdate(): void;
}

/** The tie of one table. */
export class FeedWatch {
  readonly #host: FeedWatchHost;
  #feed: Feed | undefined;
  #leave: (() => void) | undefined;
  #lastState: FeedState | undefined;
  #lastProblem: Problem | undefined;
  #troubleSince = 0;

  constructor(host: FeedWatchHost) {
    this.#host = host;
  }

  get feed(): Feed | undefined {
    return this.#feed;
  }

  /** When the state left `live`, in ms since the Unix epoch. */
  get troubleSince(): number {
    return this.#troubleSince;
  }

  /** Leaves the old feed, if any, and joins another, if `address` is one. */
  join(
    address: string | null | undefined,
    credentials: RequestCredentials | null | undefined,
    staleAfterMs: number | null | undefined,
    known?: { init: InitEvent; id: string },
  ): void {
    this.#leave?.();
    this.#leave = undefined;
    this.#feed = undefined;
    this.#lastState = undefined;
    if (!address) return;
    const { feed, release } = acquireFeed(address, credentials ?? undefined, known);
    const offState = feed.on('state', () => this.check());
    const offEvent = feed.on('event', ({ type }) => {
      if (feed.problem !== this.#lastProblem || SHELL_EVENTS.has(type)) this.check();
    });
    this.#leave = () => {
      offState();
      offEvent();
      release();
    };
    this.#feed = feed;
    feed.staleAfterMs = staleAfterMs ?? feed.staleAfterMs;
    this.#troubleSince = Date.now();
    this.check();
  }

  /** Tells what is new of state and problem. */
  check(): void {
    const host = this.#host;
    const state = host.state();
    const previous = this.#lastState;
    if (state !== previous) {
      this.#lastState = state;
      if (previous === 'live' || previous === undefined) this.#troubleSince = Date.now();
      host.onState(state, previous ?? state);
    }
    const problem = this.#feed?.problem;
    if (problem !== this.#lastProblem) {
      this.#lastProblem = problem;
      if (problem !== undefined) host.onProblem(problem);
    }
    host.requestUpdate();
  }
}
