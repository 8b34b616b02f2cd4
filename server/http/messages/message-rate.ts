/**
 * How many messages one user may send a second: a bucket for each that fills again with time.
 *
 * @see SPEC 7 "messages per user"
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';

const MS_PER_SECOND = 1_000;

/** Users who have sent of late. Past it full buckets are forgotten, which changes nothing. */
const MAX_BUCKETS = 10_000;

interface Bucket {
  left: number;
  atMs: number;
}

/** The buckets of all users. */
export class MessageRate {
  readonly #clock: Clock;
  /** 0: no limit. */
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();
  #limited = 0;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** Messages refused since the start. */
  get limited(): number {
    return this.#limited;
  }

  /** @throws {SseTableError} `too_many`: the user has sent as many as may be. */
  take(user: string): void {
    const perSecond = this.#perSecond;
    if (perSecond === 0) return;
    const nowMs = this.#clock.now();
    const bucket = this.#bucketOf(user, nowMs);
    const filled = ((nowMs - bucket.atMs) / MS_PER_SECOND) * perSecond;
    bucket.left = Math.min(perSecond, bucket.left + filled);
    bucket.atMs = nowMs;
    if (bucket.left < 1) {
      this.#limited++;
      throw new SseTableError(
        'too_many',
        `more than ${perSecond} messages a second; wait a moment, or raise --message-rate`,
      );
    }
    bucket.left--;
  }

  #bucketOf(user: string, nowMs: number): Bucket {
    let bucket = this.#buckets.get(user);
    if (bucket === undefined) {
      if (this.#buckets.size >= MAX_BUCKETS) this.#forgetFull(nowMs);
      bucket = { left: this.#perSecond, atMs: nowMs };
      this.#buckets.set(user, bucket);
    }
    return bucket;
  }

  /** After a second without a message a bucket is full again. */
  #forgetFull(nowMs: number): void {
    for (const [user, { atMs }] of this.#buckets) {
      if (nowMs - atMs >= MS_PER_SECOND) this.#buckets.delete(user);
    }
  }
}
