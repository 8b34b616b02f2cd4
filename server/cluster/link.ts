/**
 * The primary's end of the pipe to one worker: what is sent to it, how far it may fall behind, and
 * what it asks.
 *
 * @see SPEC 9 "--workers N"; STYLE 13
 */
import type { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import { type Following, OutOfReach } from './following.ts';
import { type Downward, encodeMessage, readMessages, type Upward } from './message.ts';
import type { Batch } from './table-feed.ts';

/**
 * Bytes that may wait for a worker. Batches are shared, so that slow workers together cost little
 * more than one; past it a worker gets the latest state of what it missed, once it can take it.
 */
const MAX_BACKLOG_BYTES = 16 * 1_024 * 1_024; // 16 MiB

/** From here on those who read rows as fast as they can are asked to wait. */
const PRESSURE_BYTES = 1_024 * 1_024; // 1 MiB

/** A worker that accepts nothing for so long hangs. */
const STALL_MS = 10_000;

const SWEEP_MS = 1_000;

export interface LinkDeps {
  clock: Clock;
  /** The private pipe. */
  pipe: Duplex;
  /** Bytes that may wait in it. */
  maxBacklogBytes?: number;
  /** Sends what has been gathered, so that links have been given all that tables hold. */
  flush: () => void;
  /** It can take more than before. */
  onEased: () => void;
  /** It had too much waiting, and is given the latest state instead. */
  onBehind: () => void;
  /** It is of no use any more. */
  onLost: (reason: string) => void;
  onMessage: (message: Exclude<Upward, { type: 'reach' }>) => void;
}

/** One worker, as the primary's tables know it. */
export class Link {
  readonly #deps: LinkDeps;
  readonly #followings = new Map<string, Following>();
  /** Copies that need more than batches. */
  readonly #late = new Set<Following>();
  /** Questions to be answered once all copies are whole. */
  #reaching: number[] = [];
  readonly #stopSweeping: Cancel;
  #isBlocked = false;
  #isClosed = false;
  #writtenBytes = 0;
  #acceptedBytes = 0;
  #progressAtMs: number;

  constructor(deps: LinkDeps) {
    const { clock, pipe } = deps;
    this.#deps = deps;
    this.#progressAtMs = clock.now();
    this.#stopSweeping = clock.every(SWEEP_MS, () => this.#sweep());
    pipe.on('drain', () => {
      this.#isBlocked = false;
      this.#catchUp();
      deps.onEased();
    });
    // What follows an error is the worker's end, which tells the reason.
    pipe.on('error', () => this.close());
    pipe.on('close', () => this.close());
    readMessages<Upward>(pipe, (message) => {
      if (message.type === 'reach') this.#reach(message.ask);
      else deps.onMessage(message);
    });
  }

  /** Whether much is waiting for this worker. */
  get isPressed(): boolean {
    return this.#late.size > 0 || this.#deps.pipe.writableLength > PRESSURE_BYTES;
  }

  /** Gives the worker a copy of a table, and then its changes. */
  follow(following: Following): void {
    const { name } = following.table;
    const before = this.#followings.get(name);
    if (before !== undefined) this.#late.delete(before);
    this.#followings.set(name, following);
    this.#late.add(following);
    this.#catchUp();
  }

  /** The table is no more. */
  drop(name: string): void {
    const following = this.#followings.get(name);
    if (following !== undefined) this.#late.delete(following);
    this.#followings.delete(name);
    this.tell({ type: 'drop', table: name });
  }

  /** Changes, for the copy that is whole up to where they begin. */
  send({ table, from, to, bytes }: Batch): void {
    const following = this.#followings.get(table.name);
    if (following?.table !== table || !following.isNext(from)) return;
    const { pipe, maxBacklogBytes = MAX_BACKLOG_BYTES, onBehind } = this.#deps;
    if (pipe.writableLength > maxBacklogBytes) {
      onBehind();
      following.fellBehind();
      this.#late.add(following);
      return;
    }
    following.sent(to);
    this.#write(bytes);
  }

  /** Sends a message of its own. */
  tell(message: Downward): void {
    this.#write(encodeMessage(message));
  }

  /** Refuses what the worker has asked. */
  refuse(ask: number, code: ErrorCode, message: string): void {
    this.tell({ type: 'refused', ask, code, message });
  }

  /** Lets go of the pipe. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopSweeping();
    this.#late.clear();
    this.#followings.clear();
    this.#deps.pipe.destroy();
  }

  #reach(ask: number): void {
    this.#deps.flush();
    this.#reaching.push(ask);
    this.#catchUp();
  }

  #catchUp(): void {
    try {
      for (const following of this.#late) {
        while (!following.isLive) {
          if (this.#isBlocked || this.#isClosed) return;
          this.#deps.flush();
          this.#write(following.next());
        }
        this.#late.delete(following);
      }
    } catch (error) {
      if (!(error instanceof OutOfReach)) throw error;
      this.#deps.onLost('it has missed more than the history remembers');
      return;
    }
    const reached = this.#reaching;
    this.#reaching = [];
    for (const ask of reached) this.tell({ type: 'reached', ask });
  }

  #write(bytes: Buffer): void {
    if (this.#isClosed || bytes.length === 0) return;
    this.#writtenBytes += bytes.length;
    if (!this.#deps.pipe.write(bytes)) this.#isBlocked = true;
  }

  #sweep(): void {
    const nowMs = this.#deps.clock.now();
    const waiting = this.#deps.pipe.writableLength;
    const accepted = this.#writtenBytes - waiting;
    if (waiting === 0 || accepted !== this.#acceptedBytes) {
      this.#acceptedBytes = accepted;
      this.#progressAtMs = nowMs;
    } else if (nowMs - this.#progressAtMs >= STALL_MS) {
      this.#deps.onLost(`it has read nothing for ${STALL_MS / 1_000} s`);
    }
  }
}
