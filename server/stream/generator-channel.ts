/**
 * A GeneratorChannel: the streams of one route, each from a generator of its client's own. There is
 * no history to share, so its ring stays empty and nothing is packed; who is stalled, whose token has
 * expired and who is told the end is the Audience's work, as in any channel.
 *
 * @see SPEC 4
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import { jitter, type Random } from '../base/random.ts';
import type { EndReason, StreamEvent } from '../wire/event.ts';
import { GONE_ID } from '../wire/event-id.ts';
import { frameText, retryText } from '../wire/frame.ts';
import { Audience } from './audience.ts';
import { JITTER_SHARE } from './channel.ts';
import { chunkedCoding, payloadCoding } from './coding.ts';
import type { Counters } from './counters.ts';
import { encodeAside, type Frame } from './frame.ts';
import { GeneratorRun, type Items } from './generator-run.ts';
import { Ring } from './ring.ts';
import type { Sink } from './sink.ts';
import type { Join } from './stream.ts';
import { Subscriber, type SubscriberHost } from './subscriber.ts';

/**
 * Makes the client remember GONE_ID, without an event that a page would see: an EventSource comes
 * back after every end, and would start the generator again and again.
 */
const FINISHED = encodeAside(`id: ${GONE_ID}\n\n`);

const MS_PER_SECOND = 1_000;

export interface GeneratorChannelOptions {
  clock: Clock;
  random: Random;
  counters: Counters;
  heartbeatMs: number;
  stallTimeoutMs: number;
  retryMs: number;
  /** How long a generator may take, in ms; undefined: as long as it likes. */
  timeoutMs: number | undefined;
  /** Who comes back after the end starts the generator anew. */
  restart: boolean;
  /** A generator has thrown what only the log may see. */
  onFailure: (error: unknown) => void;
}

/** The streams of one route. */
export class GeneratorChannel implements SubscriberHost {
  readonly ring = new Ring({ maxFrames: 1, maxBytes: 1, seq: 0 });
  readonly counters: Counters;
  readonly #options: GeneratorChannelOptions;
  readonly #audience: Audience;
  readonly #runs = new Map<Subscriber, GeneratorRun>();
  /** Runs whose client has gone, until they have cleaned up. */
  readonly #leaving = new Set<GeneratorRun>();
  readonly #stopHeartbeat: Cancel;

  constructor(options: GeneratorChannelOptions) {
    const { clock, counters, stallTimeoutMs, heartbeatMs } = options;
    this.#options = options;
    this.counters = counters;
    const framing = { encodeError, encodeEnd };
    this.#audience = new Audience({ clock, counters, stallTimeoutMs, framing });
    this.#stopHeartbeat = clock.every(heartbeatMs, () => this.#heartbeat());
  }

  /** Clients connected. */
  get subscribers(): number {
    return this.#audience.size;
  }

  /** Starts a generator for a client whose response head has been written. */
  join(sink: Sink, { expiresAtMs }: Join, start: (signal: AbortSignal) => Items): GeneratorRun {
    const { clock, random, retryMs, timeoutMs, onFailure } = this.#options;
    const subscriber = new Subscriber(this, sink, sink.chunked ? chunkedCoding : payloadCoding, {
      nowMs: clock.now(),
      expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY,
      lifetimeEndsAtMs: Number.POSITIVE_INFINITY, // to come back would be to begin again
    });
    subscriber.writeAside(encodeAside(retryText(jitter(retryMs, JITTER_SHARE, random))));
    this.#audience.add(subscriber);
    const run = new GeneratorRun({
      clock,
      subscriber,
      start,
      onEnd: (failure) => {
        cancelTimeout?.();
        subscriber.finish(this.#lastWords(failure));
      },
      onLateError: onFailure,
    });
    const cancelTimeout =
      timeoutMs === undefined ? undefined : clock.after(timeoutMs, () => this.#timeOut(run));
    this.#runs.set(subscriber, run);
    this.#leaving.add(run);
    void run.done.then(() => {
      cancelTimeout?.();
      this.#leaving.delete(run);
    });
    return run;
  }

  /** The client has gone. */
  leave({ subscriber }: GeneratorRun): void {
    this.#audience.remove(subscriber);
    this.#runs.get(subscriber)?.cancel();
    this.#runs.delete(subscriber);
  }

  /** Drops the stalled, sends home those whose token has expired. Called every second or so. */
  sweep(): void {
    this.#audience.sweep();
    this.#cancelFinished();
  }

  /** `end` to every client, after what was gathered; then each connection closes. */
  end(reason: EndReason, message: string): void {
    for (const run of this.#runs.values()) run.flush();
    this.#audience.finish(encodeEnd(reason, message));
    this.#cancelFinished();
  }

  /** Resolves when every generator has cleaned up. */
  async settled(): Promise<void> {
    await Promise.all(Array.from(this.#leaving, (run) => run.done));
  }

  /** Lets go of time. Clients left are dropped. */
  close(): void {
    this.#stopHeartbeat();
    this.#audience.close();
    for (const run of this.#runs.values()) run.cancel();
  }

  pumpLater(): void {}

  encodeLater(): void {}

  syncAfter(): undefined {
    return undefined;
  }

  snapshotNow(): never {
    throw new TypeError('a generator has no snapshot');
  }

  #lastWords(failure: { error: unknown } | undefined): Frame | undefined {
    if (failure === undefined) return this.#options.restart ? undefined : FINISHED;
    const { error } = failure;
    if (error instanceof SseTableError) return encodeError(error.code, error.message);
    this.#options.onFailure(error);
    return encodeError('internal', "the stream met an unexpected error; it is in the server's log");
  }

  #timeOut(run: GeneratorRun): void {
    const { timeoutMs, restart } = this.#options;
    const message = `the stream has had its ${Number(timeoutMs) / MS_PER_SECOND} s`;
    run.flush();
    const json = JSON.stringify({ type: 'timeout', message });
    run.subscriber.finish(encodeAside(frameText(json, restart ? undefined : GONE_ID)));
    run.cancel();
  }

  /** To each client that has heard nothing for a while. */
  #heartbeat(): void {
    const { clock, heartbeatMs } = this.#options;
    const nowMs = clock.now();
    const timestamp = Math.floor(nowMs / MS_PER_SECOND);
    const text = frameText(JSON.stringify({ type: 'heartbeat', timestamp }));
    for (const run of this.#runs.values()) {
      const isSilent = nowMs - run.wroteAtMs >= heartbeatMs / 2;
      if (isSilent && run.subscriber.isIdle) run.write(text);
    }
  }

  #cancelFinished(): void {
    for (const run of this.#runs.values()) if (run.subscriber.isGone) run.cancel();
  }
}

function encode(event: StreamEvent): Frame {
  return encodeAside(frameText(JSON.stringify(event)));
}

function encodeError(code: string, message: string): Frame {
  return encode({ type: 'error', code, message });
}

function encodeEnd(reason: EndReason, message: string): Frame {
  return encode({ type: 'end', reason, message });
}
