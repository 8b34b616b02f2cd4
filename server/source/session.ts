/**
 * A Session: a named run of the demo's generator, with a lifetime.
 *
 * @see SPEC 1, 3.3
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { SessionRequest } from './session-request.ts';

export type SessionState = 'running' | 'stopped' | 'expired';

/** How a running session is left. */
export type SessionEnd = Exclude<SessionState, 'running'>;

export interface SessionDeps {
  clock: Clock;
  /** One operation of the generator. */
  step: () => void;
  /** Called once. */
  onEnd: (session: Session, reason: SessionEnd) => void;
}

/** Runs from its making until it is stopped or its time is over. */
export class Session {
  /** 16 letters and digits. */
  readonly id: string;
  readonly request: SessionRequest;
  readonly startedAtMs: number;
  readonly #onEnd: SessionDeps['onEnd'];
  readonly #cancelSteps: Cancel;
  readonly #cancelExpiry: Cancel;
  #state: SessionState = 'running';
  #generationCount = 0;

  constructor(id: string, request: SessionRequest, { clock, step, onEnd }: SessionDeps) {
    this.id = id;
    this.request = request;
    this.startedAtMs = clock.now();
    this.#onEnd = onEnd;
    this.#cancelSteps = clock.every(request.intervalMs, () => {
      this.#generationCount++; // first, since the event of the step carries it
      step();
    });
    this.#cancelExpiry = clock.after(request.maxSessionMs, () => this.#end('expired'));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Operations so far. */
  get generationCount(): number {
    return this.#generationCount;
  }

  /** When it ends by itself, in ms since the Unix epoch. */
  get expiresAtMs(): number {
    return this.startedAtMs + this.request.maxSessionMs;
  }

  /** Stops it; harmless when it has ended. */
  stop(): void {
    this.#end('stopped');
  }

  #end(reason: SessionEnd): void {
    if (this.#state !== 'running') return;
    this.#state = reason;
    this.#cancelSteps();
    this.#cancelExpiry();
    this.#onEnd(this, reason);
  }
}
