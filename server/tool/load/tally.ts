/**
 * What all connections of a load test have received together.
 */
import type { ScannedEvent } from '../stream/event-scanner.ts';
import type { Failure } from '../stream/failure.ts';
import { readEventTime } from './event-time.ts';
import { Histogram } from './histogram.ts';

/** Reading JSON costs more than counting: of a flood of events, some are looked at. */
const MAX_LOOKS_PER_SECOND = 5_000;

/** Larger ones are snapshots, and not how a change comes. */
const MAX_LOOK_BYTES = 64 * 1024;

export class Tally {
  opened = 0;
  open = 0;
  /** Since the last `reset`. */
  events = 0;
  bytes = 0;
  comments = 0;
  /** Older than the connection they came on: snapshots and replays. */
  history = 0;
  /** Made later than they arrived: clocks that differ. */
  fromFuture = 0;
  latencyMs = new Histogram();
  /** Of time stamps in whole seconds; used where there are no finer ones. */
  coarseLatencyMs = new Histogram();
  /** Where the time stamps were found. */
  path: string | undefined;
  readonly openMs = new Histogram();
  readonly failures = new Map<string, { count: number; message: string }>();
  readonly #pathGiven: string | undefined;
  readonly #random: () => number;
  #untilLook = 1;
  #meanGap = 1;

  constructor(pathGiven: string | undefined, random: () => number) {
    this.#pathGiven = pathGiven;
    this.#random = random;
  }

  takeFailure({ kind, message }: Failure): void {
    const known = this.failures.get(kind);
    if (known === undefined) this.failures.set(kind, { count: 1, message });
    else known.count++;
  }

  takeEvent({ data }: ScannedEvent, openedAtMs: number, nowMs: number): void {
    this.events++;
    if (--this.#untilLook > 0 || data.length > MAX_LOOK_BYTES) return;
    // At random around the mean, so that it is not always the same connections.
    this.#untilLook = Math.round(this.#meanGap * 2 * this.#random());
    const time = readEventTime(data.toString(), this.#pathGiven);
    if (time === undefined) return;
    this.path ??= time.path;
    if (time.path !== this.path) return;
    if (time.atMs < openedAtMs) {
      this.history++;
      return;
    }
    const lateMs = nowMs - time.atMs;
    if (lateMs < 0) this.fromFuture++;
    const histogram = time.atMs % 1_000 === 0 ? this.coarseLatencyMs : this.latencyMs;
    histogram.add(Math.max(0, lateMs));
  }

  /** Looks at fewer events where many come. */
  setEventRate(perSecond: number): void {
    this.#meanGap = Math.max(1, perSecond / MAX_LOOKS_PER_SECOND);
  }

  /** What has come so far was the opening. */
  reset(): void {
    this.events = 0;
    this.bytes = 0;
    this.comments = 0;
    this.latencyMs = new Histogram();
    this.coarseLatencyMs = new Histogram();
  }
}
