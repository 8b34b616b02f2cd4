/**
 * One connection to a stream: reads it, merges it into Rows, and keeps it alive through cuts, refusals,
 * sleep and half-open peers. Never two connections at once.
 *
 * `fetch` and not EventSource, because EventSource hides statuses, gives up for ever on 429 and 503,
 * and loses the last event id when it is made anew.
 *
 * @see SPEC 3.2, FRONTEND 4 "Honest freshness"
 */
import type { EndEvent, InitEvent, StreamEvent } from '../../server/wire/event.ts';
import { backOffMs, DEFAULT_RETRY_MS } from './back-off.ts';
import { type Outcome, runConnection } from './connection.ts';
import { Emitter } from './emitter.ts';
import type { FeedOptions, Run } from './feed-options.ts';
import type { FeedState } from './feed-state.ts';
import { browserPage, type Page } from './page.ts';
import type { EventHandlers, Problem } from './read-events.ts';
import { Rows } from './rows.ts';
import { meaningOfSilence } from './silence.ts';

export type { FeedState } from './feed-state.ts';

/** How often silence is measured. */
const WATCH_PERIOD_MS = 1_000;

/** After these ends there is nothing to come back for. */
const FINAL_REASONS: readonly string[] = ['stopped', 'expired', 'unauthorized'];

/** What a feed tells, and with which arguments. */
type FeedEvents = {
  /** After each event was merged. */
  event: [event: StreamEvent, id: string | undefined];
  /** After each change of it. */
  state: [state: FeedState];
};

/** The live connection to one `src`. Starts with `open()`. */
export class Feed {
  readonly src: string;
  readonly rows = new Rows();
  /** Silence in milliseconds after which the state is `stale`; undefined: 2.5 heartbeats. */
  staleAfterMs: number | undefined = undefined;
  /** The newest event received whole, by its id: where a new connection goes on. Only read it. */
  lastEventId: string | undefined = undefined;

  readonly #fetch: typeof fetch;
  readonly #page: Page;
  readonly #random: () => number;
  readonly #credentials: RequestCredentials;
  readonly #runOnce: Run;
  readonly #emitter = new Emitter<FeedEvents>();

  #state: FeedState = 'connecting';
  #attempts = 0;
  #lastEventAt = 0;
  #lastByteAt = 0;
  #retryMs = DEFAULT_RETRY_MS;
  #retryAt: number | undefined;
  /** A Retry-After asked for the wait: coming online or into view does not cut it short. */
  #waitIsOwed = false;
  #problem: Problem | undefined;
  #end: EndEvent | undefined;
  #init: InitEvent | undefined;
  #heartbeatMs: number | undefined;
  #loaded: { loaded: number; total: number } | undefined;
  #wasOnline = true;
  #wasVisible = true;
  #connection: AbortController | undefined;
  #cancelRetry: (() => void) | undefined;
  #stopWatching: (() => void)[] = [];

  constructor(src: string, options: FeedOptions = {}) {
    this.src = src;
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#page = options.page ?? browserPage;
    this.#random = options.random ?? Math.random;
    this.#credentials = options.credentials ?? 'same-origin';
    this.#runOnce = options.run ?? runConnection;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Connections that failed since the last event. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Milliseconds since the Unix epoch; 0 before the first event. */
  get lastEventAt(): number {
    return this.#lastEventAt;
  }

  /** When the next connection will be tried; undefined unless one is waited for. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  get end(): EndEvent | undefined {
    return this.#end;
  }

  /** The last `init`, without its rows: those are in `rows`. */
  get init(): InitEvent | undefined {
    return this.#init;
  }

  /** Progress of a chunked snapshot; undefined once it is complete. */
  get loaded(): { loaded: number; total: number } | undefined {
    return this.#loaded;
  }

  /** `event`: after each event was merged. `state`: after each change of it. @returns the undo. */
  on<Name extends keyof FeedEvents>(
    name: Name,
    fn: (...args: FeedEvents[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, fn);
  }

  /** Starts from rows that are known already, to be asked for what came after `id`. Before `open()`. */
  startFrom(init: InitEvent, id: string): void {
    this.rows.merge(init);
    this.#init = { ...init, data: [] };
    this.lastEventId = id;
  }

  /** Connects. @returns `close()`. */
  open(): () => void {
    if (this.#stopWatching.length === 0) {
      this.#wasOnline = this.#page.isOnline();
      this.#wasVisible = this.#page.isVisible();
      this.#stopWatching = [
        this.#page.watch(() => this.#onPageChange()),
        this.#page.every(WATCH_PERIOD_MS, () => this.#checkSilence()),
      ];
      this.#connect();
    }
    return () => this.close();
  }

  /** Disconnects for good: no listener is called any more by itself. */
  close(): void {
    for (const stop of this.#stopWatching) stop();
    this.#stopWatching = [];
    this.#disconnect();
  }

  /** Connects at once, also after an end. Does nothing while connected. */
  retryNow(): void {
    if (this.#stopWatching.length === 0 || this.#connection !== undefined) return;
    this.#connect();
  }

  #disconnect(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#retryAt = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.abort();
  }

  #connect(): void {
    this.#disconnect();
    const connection = new AbortController();
    this.#connection = connection;
    this.#end = undefined;
    this.#lastByteAt = this.#page.now();
    this.#setState(this.#lastEventAt === 0 && this.#attempts === 0 ? 'connecting' : 'reconnecting');
    // After an abort of ours the outcome is nobody's: whoever aborted has decided what comes next.
    this.#run(connection).then(
      (outcome) => {
        if (this.#connection === connection) this.#onOutcome(outcome);
      },
      (error: unknown) => {
        if (this.#connection === connection) this.#onFailure(error);
      },
    );
  }

  #run(connection: AbortController): Promise<Outcome> {
    const options = {
      fetch: this.#fetch,
      credentials: this.#credentials,
      signal: connection.signal,
      lastEventId: this.lastEventId,
      now: () => this.#page.now(),
    };
    const handlers: EventHandlers = {
      onBytes: () => {
        if (this.#connection !== connection) return;
        this.#lastByteAt = this.#page.now();
        if (this.#state === 'stale') this.#setState('live');
      },
      onRetry: (retryMs) => {
        this.#retryMs = retryMs;
      },
      onEvent: (event, id) => {
        if (this.#connection === connection) this.#onEvent(event, id);
      },
    };
    return this.#runOnce(this.src, options, handlers, this);
  }

  #onOutcome(outcome: Outcome): void {
    if (outcome.kind === 'over') {
      this.#reconnect();
      return;
    }
    this.#problem = outcome.problem ?? this.#problem;
    if (outcome.kind === 'final') this.#finish();
    else this.#reconnect(outcome.owedMs);
  }

  #onFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof SyntaxError || error instanceof RangeError) {
      // What cannot be read may have held a change: only a new snapshot closes that gap.
      this.lastEventId = undefined;
      this.#problem = { code: 'bad_event', message };
    } else {
      this.#problem ??= { code: 'unreachable', message };
    }
    this.#reconnect();
  }

  #onEvent(event: StreamEvent, id: string | undefined): void {
    this.#lastEventAt = this.#page.now();
    try {
      this.rows.merge(event);
    } catch (cause) {
      throw new SyntaxError(`an event that cannot be merged: ${cause}`, { cause });
    }
    if ('heartbeat_ms' in event) this.#heartbeatMs = event.heartbeat_ms;
    if (event.type === 'init') {
      // A chunked snapshot has no id until it is complete: interrupted, it must not be resumed.
      this.lastEventId = id;
      this.#init = { ...event, data: [] };
      this.#loaded = event.more ? { loaded: event.data.length, total: event.total } : undefined;
    } else if (event.type === 'rows') {
      this.#loaded = { loaded: event.loaded, total: event.total };
    } else if (event.type === 'ready') {
      this.#loaded = undefined;
    }
    this.lastEventId = id ?? this.lastEventId;
    if (event.type === 'error') {
      this.#problem = { code: event.code, message: event.message };
    } else if (event.type === 'end') {
      this.#end = event;
    } else {
      this.#attempts = 0;
      this.#problem = undefined;
      this.#setState('live');
    }
    this.#emitter.emit('event', event, id);
    if (event.type !== 'end') return;
    if (FINAL_REASONS.includes(event.reason)) this.#finish();
    else this.#reconnect();
  }

  /** Waits, then connects again. `owedMs`: the least wait the server asked for. */
  #reconnect(owedMs?: number): void {
    this.#disconnect();
    this.#attempts++;
    const delayMs = (owedMs ?? 0) + backOffMs(this.#attempts, this.#retryMs, this.#random);
    this.#waitIsOwed = owedMs !== undefined;
    this.#retryAt = this.#page.now() + delayMs;
    this.#cancelRetry = this.#page.after(delayMs, () => this.#connect());
    this.#setState(this.#page.isOnline() ? 'reconnecting' : 'offline');
  }

  #finish(): void {
    this.#disconnect();
    this.#loaded = undefined;
    this.#setState('ended');
  }

  #onPageChange(): void {
    const isOnline = this.#page.isOnline();
    const isVisible = this.#page.isVisible();
    const hasWoken = (isOnline && !this.#wasOnline) || (isVisible && !this.#wasVisible);
    this.#wasOnline = isOnline;
    this.#wasVisible = isVisible;
    if (this.#connection !== undefined) {
      this.#checkSilence();
    } else if (this.#state !== 'ended') {
      if (isOnline && hasWoken && !this.#waitIsOwed) this.#connect();
      else this.#setState(isOnline ? 'reconnecting' : 'offline');
    }
  }

  /** Runs each second, and at once when the page wakes: timers stand still while a laptop sleeps. */
  #checkSilence(): void {
    if (this.#connection === undefined) return;
    const silentMs = this.#page.now() - this.#lastByteAt;
    const meaning = meaningOfSilence(silentMs, this.#heartbeatMs, this.staleAfterMs);
    if (meaning === 'stale' && this.#state === 'live') this.#setState('stale');
    if (meaning !== 'dead') return;
    this.#problem ??= { code: 'silent', message: `no data for ${Math.round(silentMs / 1_000)} s` };
    this.#reconnect();
  }

  #setState(state: FeedState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#emitter.emit('state', state);
  }
}
