/**
 * A worker's end of the pipe to the primary: its copies of the tables come this way, and what only
 * the primary can decide is asked.
 *
 * @see SPEC 9 "--workers N"
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { type ErrorCode, SseTableError } from '../base/errors.ts';
import { type Downward, encodeMessage, readMessages, type Upward } from './message.ts';
import type { Replicas } from './replicas.ts';

/** Answers wait this long for the copies to follow, and are then given all the same. */
const MAX_REACH_MS = 2_000;

export interface UplinkDeps {
  clock: Clock;
  /** The private pipe. */
  pipe: Duplex;
  /** What takes the tables in; asked for when the first of them comes. */
  replicas: () => Replicas;
  onHello: (settings: unknown) => void;
  /** The certificate's files have changed. */
  onReload: () => void;
  /** End all streams and leave. */
  onStop: () => void;
  /** The primary is gone, or what it says does not fit. */
  onLost: (error: Error) => void;
}

/** The primary, as a worker knows it. */
export class Uplink {
  readonly #deps: UplinkDeps;
  readonly #asked = new Map<number, PromiseWithResolvers<void>>();
  #asks = 0;

  constructor(deps: UplinkDeps) {
    this.#deps = deps;
    const { pipe } = deps;
    const lose = (): void => deps.onLost(new Error('the primary process is gone'));
    pipe.on('error', lose);
    pipe.on('close', lose);
    readMessages<Downward>(pipe, (message) => {
      try {
        this.#take(message);
      } catch (error) {
        deps.onLost(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Says the last thing; resolves when it has gone. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#deps.pipe.end(resolve));
  }

  /** Says something that needs no answer. */
  tell(message: Upward): void {
    if (this.#deps.pipe.writable) this.#deps.pipe.write(encodeMessage(message));
  }

  /**
   * Asks whether one more stream may be opened from `address`.
   * @returns what says that it is gone.
   * @throws {SseTableError} `overloaded` or `too_many`, naming the limit.
   */
  async enter(address: string): Promise<() => void> {
    const { ask, answer } = this.#ask();
    this.tell({ type: 'enter', ask, address });
    await answer;
    return () => this.tell({ type: 'leave', ask });
  }

  /** Resolves when the copies are whole for the first time. */
  async whole(): Promise<void> {
    const { ask, answer } = this.#ask();
    this.tell({ type: 'reach', ask });
    await answer;
  }

  /**
   * Resolves when the copies hold everything that the primary has applied by now; after a while in
   * any case.
   */
  async reach(): Promise<void> {
    const { ask, answer } = this.#ask();
    this.tell({ type: 'reach', ask });
    const cancel = this.#deps.clock.after(MAX_REACH_MS, () => this.#answer(ask));
    await answer;
    cancel();
  }

  #ask(): { ask: number; answer: Promise<void> } {
    const ask = ++this.#asks;
    const asked = Promise.withResolvers<void>();
    this.#asked.set(ask, asked);
    return { ask, answer: asked.promise };
  }

  #answer(ask: number, problem?: { code: ErrorCode; message: string }): void {
    const asked = this.#asked.get(ask);
    this.#asked.delete(ask);
    if (problem === undefined) asked?.resolve();
    else asked?.reject(new SseTableError(problem.code, problem.message));
  }

  #take(message: Downward): void {
    const { replicas, onHello, onReload, onStop } = this.#deps;
    switch (message.type) {
      case 'hello':
        onHello(message.settings);
        break;
      case 'load':
        replicas().load(message);
        break;
      case 'states':
        replicas().states(message);
        break;
      case 'live':
        replicas().live(message);
        break;
      case 'drop':
        replicas().drop(message);
        break;
      case 'changes':
        replicas().changes(message);
        break;
      case 'entered':
      case 'reached':
        this.#answer(message.ask);
        break;
      case 'refused':
        this.#answer(message.ask, message);
        break;
      case 'reload':
        onReload();
        break;
      case 'stop':
        onStop();
        break;
    }
  }
}
