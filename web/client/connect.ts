/**
 * `connect(src)`: a stream for any page or framework, with the states and calls that people know from
 * `useSSE`. Reconnects and resumes as the elements do: it is the same feed underneath.
 *
 * @see SPEC 5, FRONTEND 4
 */
import type { Row } from '../../server/wire/change.ts';
import { type Outcome, runConnection } from '../feed/connection.ts';
import { Feed, type FeedState } from '../feed/feed.ts';
import type { FeedOptions, Run } from '../feed/feed-options.ts';
import type { Problem } from '../feed/read-events.ts';
import type { Rows } from '../feed/rows.ts';
import { type Message, readMessage } from './read-message.ts';
import { RecentMessages } from './recent-messages.ts';
import { RowCopies } from './row-copies.ts';

/** Enough for what a page shows of a feed; more is a table's business. */
const DEFAULT_MAX_MESSAGES = 100;

/** Listeners are told at most so often: about once a frame. */
const NOTIFY_PERIOD_MS = 16;

/** Not messages to anyone: signs of life, and snapshots, which are in `rows`. */
const SILENT_TYPES: ReadonlySet<string> = new Set([
  'heartbeat',
  'init',
  'rows',
  'ready',
  'resumed',
  'sync',
]);

export interface ConnectOptions extends Pick<FeedOptions, 'credentials' | 'fetch' | 'page'> {
  /** Milliseconds, doubled with each failed attempt and jittered; by default what the server asks for. */
  reconnectInterval?: number | undefined;
  /** Attempts that may fail in a row before it gives up; no end by default. */
  maxReconnectAttempts?: number | undefined;
  /** How many of the last messages are kept: 100. */
  maxMessages?: number | undefined;
  /** Connect at once; true unless said otherwise. */
  autoConnect?: boolean | undefined;
  /** Each message as it comes. Rows in it are live: copy what you keep. */
  onMessage?: ((message: Message) => void) | undefined;
  onConnected?: (() => void) | undefined;
  onDisconnected?: (() => void) | undefined;
  /** What is wrong, whenever that changes. */
  onError?: ((problem: Problem) => void) | undefined;
}

/** What a client knows at one moment; the same object until something changes. */
export interface Snapshot {
  readonly connected: boolean;
  readonly state: FeedState | 'closed';
  /** The last messages, the oldest first; without heartbeats and snapshots. */
  readonly messages: readonly Message[];
  /** The rows of the table, if the stream is one's, as copies: unchanged rows stay the same objects. */
  readonly rows: readonly Row[];
  readonly error: Problem | undefined;
  /** Connections that failed since the last event. */
  readonly reconnectAttempts: number;
}

/** A connection to one stream. */
export class Client {
  readonly src: string;
  readonly #options: ConnectOptions;
  readonly #feed: Feed;
  readonly #messages: RecentMessages;
  readonly #copies: RowCopies;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot | undefined;
  #notifying: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #wasConnected = false;
  #lastProblem: Problem | undefined;

  constructor(src: string, options: ConnectOptions = {}) {
    this.src = src;
    this.#options = options;
    this.#messages = new RecentMessages(options.maxMessages ?? DEFAULT_MAX_MESSAGES);
    this.#feed = new Feed(src, { ...options, run: this.#run });
    this.#copies = new RowCopies(this.#feed.rows);
    this.#feed.on('state', () => this.#check());
    this.#feed.on('event', (event) => this.#onMessage({ ...event }));
    if (options.autoConnect !== false) this.connect();
  }

  /** Events arrive, or did until a moment ago. */
  get connected(): boolean {
    return this.#isOpen && (this.#feed.state === 'live' || this.#feed.state === 'stale');
  }

  /** `closed` before `connect()` and after `disconnect()`. */
  get state(): FeedState | 'closed' {
    return this.#isOpen ? this.#feed.state : 'closed';
  }

  get messages(): readonly Message[] {
    return this.snapshot.messages;
  }

  /** The rows held, live; `snapshot.rows` has copies. */
  get rows(): Rows {
    return this.#feed.rows;
  }

  get error(): Problem | undefined {
    return this.#feed.problem;
  }

  get reconnectAttempts(): number {
    return this.#feed.attempts;
  }

  /** All of it at one moment. */
  get snapshot(): Snapshot {
    this.#snapshot ??= {
      connected: this.connected,
      state: this.state,
      messages: this.#messages.list(),
      rows: this.#copies.list(),
      error: this.error,
      reconnectAttempts: this.reconnectAttempts,
    };
    return this.#snapshot;
  }

  /** Connects; at once where it waits for the next attempt, or has given up. */
  connect(): void {
    if (this.#isOpen) {
      this.#feed.retryNow();
      return;
    }
    this.#isOpen = true;
    this.#feed.open();
    this.#check();
  }

  /** Disconnects for good; `connect()` resumes where it was. */
  disconnect(): void {
    this.#isOpen = false;
    this.#feed.close();
    this.#check();
  }

  clearMessages(): void {
    this.#messages.clear();
    this.#changed();
  }

  /** Calls `fn` after changes of `snapshot`, about once a frame at the most. @returns its undo. */
  subscribe(fn: () => void): () => void {
    this.#listeners.add(fn);
    return () => this.#listeners.delete(fn);
  }

  /** One connection: with any kind of event, an interval of the caller's, and an end to trying. */
  readonly #run: Run = async (src, options, handlers, feed) => {
    const { reconnectInterval, maxReconnectAttempts = Number.POSITIVE_INFINITY } = this.#options;
    if (reconnectInterval !== undefined) handlers.onRetry(reconnectInterval);
    const gaveUp = (problem: Problem | undefined): Outcome => ({ kind: 'final', problem });
    try {
      if (feed.attempts > maxReconnectAttempts) return gaveUp(feed.problem);
      const outcome = await runConnection(src, options, {
        ...handlers,
        parse: (text, name) => {
          const message = readMessage(text, name);
          if (!SILENT_TYPES.has(message.type)) this.#messages.push(text, name);
          return message;
        },
        onRetry: reconnectInterval === undefined ? handlers.onRetry : () => undefined,
      });
      if (outcome.kind === 'final' || feed.attempts < maxReconnectAttempts) return outcome;
      return gaveUp(outcome.kind === 'refused' ? outcome.problem : feed.problem);
    } catch (error) {
      if (options.signal.aborted || feed.attempts < maxReconnectAttempts) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return gaveUp({ code: 'unreachable', message });
    } finally {
      // The feed draws its conclusions first.
      queueMicrotask(() => queueMicrotask(() => this.#check()));
    }
  };

  #onMessage(message: Message): void {
    if (!SILENT_TYPES.has(message.type)) this.#options.onMessage?.(message);
    this.#check();
  }

  /** Tells what is new of connection and problem. */
  #check(): void {
    const { connected, error } = this;
    if (connected !== this.#wasConnected) {
      this.#wasConnected = connected;
      if (connected) this.#options.onConnected?.();
      else this.#options.onDisconnected?.();
    }
    if (error !== this.#lastProblem) {
      this.#lastProblem = error;
      if (error !== undefined) this.#options.onError?.(error);
    }
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = undefined;
    if (this.#listeners.size === 0) return;
    this.#notifying ??= setTimeout(() => {
      this.#notifying = undefined;
      for (const fn of this.#listeners) fn();
    }, NOTIFY_PERIOD_MS);
  }
}

/**
 * Connects to a stream.
 * @param src absolute, or relative to the page.
 */
export function connect(src: string, options: ConnectOptions = {}): Client {
  return new Client(src, options);
}
