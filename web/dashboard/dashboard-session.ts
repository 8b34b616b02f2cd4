/**
 * One run of the demo generator as the page sees it: started, followed, stopped, expired, and found
 * again after a reload.
 *
 * @see SPEC 3.3, FRONTEND 5
 */
import type { StreamEvent } from '../../server/wire/event.ts';
import type { FeedState } from '../feed/feed.ts';
import { ApiError, startSession, stopSession } from './dashboard-api.ts';

/** `gone`: the server no longer knows it, after a restart say. */
export type SessionPhase =
  | 'idle'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'expired'
  | 'gone';

const STORAGE_NAME = 'sse-table.session';

/** Asked of the server with each start, so that the page can count down. */
const MAX_SESSION_S = 300;

interface Kept {
  id: string;
  expiresAt: number;
}

/** The session of this tab. */
export class DemoSession {
  readonly #onChange: () => void;
  readonly #onProblem: (error: unknown) => void;
  #phase: SessionPhase = 'idle';
  #kept: Kept | undefined;
  #generated: number | undefined;

  /**
   * @param on.change after each change of what the getters say.
   * @param on.problem with what a start or stop failed with.
   */
  constructor(on: { change: () => void; problem: (error: unknown) => void }) {
    this.#onChange = on.change;
    this.#onProblem = on.problem;
    this.#kept = readKept();
    if (this.#kept !== undefined) this.#phase = 'running';
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  /** The id of the running session, or of the last one while its rows are still shown. */
  get id(): string | undefined {
    return this.#kept?.id;
  }

  get isRunning(): boolean {
    return this.#phase === 'running' || this.#phase === 'stopping';
  }

  /** Changes the generator made, as far as the stream has told. */
  get generated(): number | undefined {
    return this.#generated;
  }

  /** Milliseconds left, 0 at the least; undefined when it is not running. */
  remainingMs(now: number): number | undefined {
    if (this.#kept === undefined || !this.isRunning) return undefined;
    return Math.max(0, this.#kept.expiresAt - now);
  }

  /** The address of its stream; undefined where the table's own stream is the one to show. */
  get src(): string | undefined {
    return this.#kept === undefined ? undefined : `/api/stream/${this.#kept.id}`;
  }

  /** Starts a new session, with a change each `intervalMs`. */
  async start(intervalMs: number): Promise<void> {
    if (this.#phase === 'starting' || this.isRunning) return;
    const before = this.#phase;
    this.#set('starting');
    try {
      const id = await startSession({ interval_ms: intervalMs, max_session_s: MAX_SESSION_S });
      this.#kept = { id, expiresAt: Date.now() + MAX_SESSION_S * 1_000 };
      this.#generated = 0;
      keep(this.#kept);
      this.#set('running');
    } catch (error) {
      this.#set(before);
      this.#onProblem(error);
    }
  }

  /** Stops it. Nothing is lost by that, so nobody is asked. */
  async stop(): Promise<void> {
    const id = this.#kept?.id;
    if (id === undefined || this.#phase !== 'running') return;
    this.#set('stopping');
    try {
      await stopSession(id);
      // The stream's own `end` may have come first.
      if (this.#kept?.id === id && this.isRunning) this.#finish('stopped');
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unknown_session') {
        this.#finish('gone');
      } else if (this.isRunning) {
        this.#set('running');
        this.#onProblem(error);
      }
    }
  }

  /** Takes note of an event of its stream. */
  onEvent(event: StreamEvent): void {
    if (event.type === 'end') {
      if (event.reason === 'stopped') this.#finish('stopped');
      else if (event.reason === 'expired') this.#finish('expired');
    } else if (event.type === 'error') {
      if (event.code === 'invalid_session') this.#finish('gone');
    } else if ('generation_count' in event && event.generation_count !== undefined) {
      this.#generated = event.generation_count;
      this.#onChange();
    }
  }

  /** Takes note of its stream's state: one that ends without a word had ended while we were away. */
  onState(state: FeedState): void {
    if (state !== 'ended' || !this.isRunning) return;
    this.#finish(this.remainingMs(Date.now()) === 0 ? 'expired' : 'gone');
  }

  #finish(phase: 'stopped' | 'expired' | 'gone'): void {
    if (!this.isRunning) return;
    keep(undefined);
    if (phase === 'gone') this.#kept = undefined;
    this.#set(phase);
  }

  #set(phase: SessionPhase): void {
    this.#phase = phase;
    this.#onChange();
  }
}

/** What an earlier load of this tab kept; storage may be switched off, or hold anything. */
function readKept(): Kept | undefined {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(STORAGE_NAME) ?? 'null');
    if (typeof value !== 'object' || value === null) return undefined;
    if (!('id' in value) || typeof value.id !== 'string') return undefined;
    if (!('expiresAt' in value) || typeof value.expiresAt !== 'number') return undefined;
    return /^[A-Za-z0-9]+$/.test(value.id)
      ? { id: value.id, expiresAt: value.expiresAt }
      : undefined;
  } catch {
    return undefined;
  }
}

function keep(session: Kept | undefined): void {
  try {
    if (session === undefined) sessionStorage.removeItem(STORAGE_NAME);
    else sessionStorage.setItem(STORAGE_NAME, JSON.stringify(session));
  } catch (error) {
    console.info('this browser keeps no session over a reload', error);
  }
}
