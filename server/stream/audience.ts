/**
 * The Audience of a channel: its subscribers, each given its turn, the stalled and expired seen off.
 *
 * @see SPEC 3.2 "Lifetime", "Write stall"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { Counters } from './counters.ts';
import type { Frame } from './frame.ts';
import type { Framing } from './framing.ts';
import type { Snapshot } from './snapshot.ts';
import type { Subscriber } from './subscriber.ts';

const EXPIRED = 'the token has expired; get a new one and connect again';
const LIFETIME = 'this stream has lasted its time; connect again to go on';

export interface AudienceOptions {
  clock: Clock;
  counters: Counters;
  framing: Pick<Framing, 'encodeEnd' | 'encodeError'>;
  stallTimeoutMs: number;
}

/** The subscribers of one channel. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #subscribers = new Set<Subscriber>();
  /** Those who have more to write once the others have had their turn. */
  readonly #later = new Set<Subscriber>();
  /** Snapshots of which a reader waits for the next frame. */
  readonly #wanted = new Set<Snapshot>();
  #gzipSize = 0;
  #cancelLater: Cancel | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Those who take gzip. */
  get gzipSize(): number {
    return this.#gzipSize;
  }

  /** Frames that the slowest is behind. */
  get maxLag(): number {
    let max = 0;
    for (const subscriber of this.#subscribers) max = Math.max(max, subscriber.lag);
    return max;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    if (subscriber.isGzip) this.#gzipSize++;
  }

  remove(subscriber: Subscriber): void {
    subscriber.left();
    const wasHere = this.#subscribers.delete(subscriber);
    if (wasHere && subscriber.isGzip) this.#gzipSize--;
    this.#later.delete(subscriber);
  }

  /** Lets everyone write what is new. */
  pump(): void {
    const isAnyLater = this.#later.size > 0;
    for (const subscriber of this.#subscribers) {
      // Who has a turn coming anyway does not get two.
      if (!isAnyLater || !this.#later.has(subscriber)) subscriber.pump();
    }
  }

  /** Gives `subscriber` another turn once the others have had theirs. */
  pumpLater(subscriber: Subscriber): void {
    this.#later.add(subscriber);
    this.#schedule();
  }

  /** Encodes one frame more of `snapshot`, soon, and lets its readers write it. */
  encodeLater(snapshot: Snapshot): void {
    this.#wanted.add(snapshot);
    this.#schedule();
  }

  /** Those who read `snapshot`. */
  *readersOf(snapshot: Snapshot): Generator<Subscriber> {
    for (const subscriber of this.#subscribers) {
      if (subscriber.snapshot === snapshot) yield subscriber;
    }
  }

  /** Whether anyone reads `snapshot`. */
  isRead(snapshot: Snapshot): boolean {
    return this.readersOf(snapshot).next().done !== true;
  }

  /** An event outside the history, to those who have everything else. */
  tellIdle(frame: Frame): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.isIdle) subscriber.writeAside(frame);
    }
  }

  /** A last event to everyone; then each connection closes. */
  finish(frame: Frame): void {
    for (const subscriber of this.#subscribers) this.#finish(subscriber, frame);
  }

  /** Drops the stalled, sends home those whose time is up. */
  sweep(): void {
    const { clock, counters, framing, stallTimeoutMs } = this.#options;
    const nowMs = clock.now();
    for (const subscriber of this.#subscribers) {
      if (subscriber.stalledMs(nowMs) >= stallTimeoutMs) {
        counters.stalled++;
        subscriber.sink.destroy();
        this.remove(subscriber);
      } else if (nowMs >= subscriber.expiresAtMs) {
        subscriber.writeAside(framing.encodeError('token_expired', EXPIRED));
        this.#finish(subscriber, framing.encodeEnd('unauthorized', EXPIRED));
      } else if (nowMs >= subscriber.lifetimeEndsAtMs) {
        this.#finish(subscriber, framing.encodeEnd('lifetime', LIFETIME));
      }
    }
  }

  /** Drops everyone and lets go of time. */
  close(): void {
    this.#cancelLater?.();
    for (const subscriber of this.#subscribers) subscriber.sink.destroy();
  }

  #finish(subscriber: Subscriber, frame: Frame): void {
    subscriber.finish(frame);
    this.remove(subscriber);
  }

  #schedule(): void {
    this.#cancelLater ??= this.#options.clock.after(0, () => this.#runLater());
  }

  #runLater(): void {
    this.#cancelLater = undefined;
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const snapshot of wanted) {
      snapshot.encodeNext();
      for (const reader of this.readersOf(snapshot)) this.#later.add(reader);
    }
    const turn = [...this.#later];
    this.#later.clear();
    for (const subscriber of turn) subscriber.pump();
  }
}
