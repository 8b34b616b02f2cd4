/**
 * A Subscriber: one client's connection, a cursor and a sink. It has no queue of its own: it writes
 * from its cursor until the sink says enough, and goes on at drain.
 *
 * Three phases: `snapshot` (frames of a Snapshot), `live` (frames of the Ring), and `sync` when the
 * ring has moved past the cursor (the latest state of each row changed since).
 *
 * @see SPEC 1, 3.2; DESIGN 1
 */
import type { Coding } from './coding.ts';
import type { Counters } from './counters.ts';
import type { Frame } from './frame.ts';
import type { Ring } from './ring.ts';
import type { Sink } from './sink.ts';
import type { Snapshot } from './snapshot.ts';
import type { SyncStep } from './sync.ts';

/** Bytes one subscriber may write before the others get their turn. */
const MAX_TURN_BYTES = 512 * 1_024;

/** What a subscriber asks of its channel. */
export interface SubscriberHost {
  readonly ring: Ring;
  readonly counters: Counters;
  /** A snapshot that the ring continues. */
  snapshotNow(): Snapshot;
  /** Encodes one frame more of `snapshot`, soon, and lets its readers write it. */
  encodeLater(snapshot: Snapshot): void;
  /** The next chunk of what changed after `seq`; undefined when a snapshot is cheaper. */
  syncAfter(seq: number): SyncStep | undefined;
  /** Another turn for `subscriber`, once the others have had theirs. */
  pumpLater(subscriber: Subscriber): void;
}

/** A cursor and a sink. */
export class Subscriber {
  readonly sink: Sink;
  /** When it must leave for good: its token expires. Milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** When it is asked to come back. Milliseconds since the epoch. */
  readonly lifetimeEndsAtMs: number;
  readonly #host: SubscriberHost;
  readonly #coding: Coding;
  /** Index in the ring of the next frame to write. */
  #cursor = 0;
  /** While catching up: everything up to this seq has been written. */
  #seq = 0;
  #syncing = false;
  #snapshot: Snapshot | undefined;
  #snapshotIndex = 0;
  #isPumping = false;
  #blocked = false;
  #gone = false;
  #writtenBytes = 0;
  #acceptedBytes = 0;
  #progressAtMs: number;

  constructor(
    host: SubscriberHost,
    sink: Sink,
    coding: Coding,
    times: { nowMs: number; expiresAtMs: number; lifetimeEndsAtMs: number },
  ) {
    this.#host = host;
    this.sink = sink;
    this.#coding = coding;
    this.expiresAtMs = times.expiresAtMs;
    this.lifetimeEndsAtMs = times.lifetimeEndsAtMs;
    this.#progressAtMs = times.nowMs;
  }

  /** The snapshot being written, if any. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** It takes gzip. */
  get isGzip(): boolean {
    return this.#coding.isGzip;
  }

  /** Frames between the cursor and the newest one. */
  get lag(): number {
    if (this.#snapshot !== undefined || this.#syncing) return 0;
    return this.#host.ring.head - this.#cursor;
  }

  /** Nothing is written any more. */
  get isGone(): boolean {
    return this.#gone;
  }

  /** Has everything and can take more: worth a heartbeat. */
  get isIdle(): boolean {
    return (
      !this.#blocked &&
      !this.#gone &&
      !this.#syncing &&
      this.#snapshot === undefined &&
      this.#cursor === this.#host.ring.head
    );
  }

  /** Begins with a snapshot; also the way out for one that can be served in no other way. */
  startSnapshot(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    this.#snapshotIndex = 0;
    this.#syncing = false;
  }

  /** Begins with the frame at `index` of the ring, having everything up to `seq`. */
  startLive(index: number, seq: number): void {
    this.#cursor = index;
    this.#coding.jump();
    this.#seq = seq;
    this.#snapshot = undefined;
    this.#syncing = false;
  }

  /** Begins with what has changed since `seq`. */
  startSync(seq: number): void {
    this.#seq = seq;
    this.#syncing = true;
    this.#snapshot = undefined;
  }

  /** Writes what there is, until the sink has enough or it is the others' turn. */
  pump(): void {
    // Asked for more, the channel flushes, and a flush pumps everyone: this one is at it already.
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#pumpOn();
    this.#isPumping = false;
  }

  #pumpOn(): void {
    let turn = 0;
    while (!this.#blocked && !this.#gone) {
      const bytes = this.#next();
      if (bytes === undefined) return;
      turn += bytes.length;
      this.#write(bytes);
      if (turn >= MAX_TURN_BYTES) {
        this.#host.pumpLater(this);
        return;
      }
    }
  }

  /** The sink can take more. */
  drained(): void {
    this.#blocked = false;
    this.pump();
  }

  /** Writes what comes before everything else. */
  start(): void {
    const head = this.#coding.head();
    if (head !== undefined) this.#write(head);
  }

  /** Writes a frame that is no part of the ring: retry, resumed, heartbeat, error. */
  writeAside(frame: Frame): void {
    if (!this.#gone) this.#write(this.#coding.aside(frame));
  }

  /** Writes a last event, if there is one, and closes. */
  finish(frame: Frame | undefined): void {
    if (this.#gone) return;
    if (frame !== undefined) this.#write(this.#coding.aside(frame));
    const trailer = this.#coding.trailer();
    if (trailer !== undefined) this.#write(trailer);
    this.#gone = true;
    this.sink.end();
  }

  /** The connection is gone: nothing is written any more. */
  left(): void {
    this.#gone = true;
    this.#snapshot = undefined;
  }

  /**
   * Milliseconds for which bytes have been waiting and the sink has accepted none.
   * Asked for now and then; it compares with the last time it was asked.
   */
  stalledMs(nowMs: number): number {
    const pending = this.sink.pendingBytes();
    const accepted = this.#writtenBytes - pending;
    if (pending === 0 || accepted !== this.#acceptedBytes) {
      this.#acceptedBytes = accepted;
      this.#progressAtMs = nowMs;
    }
    return nowMs - this.#progressAtMs;
  }

  #write(bytes: Buffer): void {
    this.#host.counters.bytesWritten += bytes.length;
    this.#writtenBytes += bytes.length;
    this.#blocked = !this.sink.write(bytes);
  }

  #next(): Buffer | undefined {
    if (this.#snapshot !== undefined) return this.#nextOfSnapshot(this.#snapshot);
    if (this.#syncing) return this.#nextOfSync();
    const { ring } = this.#host;
    if (this.#cursor === ring.head) return undefined;
    if (this.#cursor < ring.tail) {
      this.#host.counters.lapped++;
      this.startSync(this.#seq);
      return this.#nextOfSync();
    }
    const end = this.#coding.spanEnd(ring, this.#cursor);
    const bytes = this.#coding.span(ring, this.#cursor, end);
    this.#host.counters.framesWritten += end - this.#cursor;
    this.#cursor = end;
    this.#seq = ring.at(end - 1)?.seq ?? this.#seq;
    return bytes;
  }

  #nextOfSnapshot(snapshot: Snapshot): Buffer | undefined {
    const frame = snapshot.frames[this.#snapshotIndex];
    if (frame !== undefined) {
      this.#snapshotIndex++;
      return this.#coding.aside(frame);
    }
    if (!snapshot.done) {
      this.#host.encodeLater(snapshot);
      return undefined;
    }
    const index = this.#host.ring.indexAfter(snapshot.seq);
    if (index === undefined) this.startSync(snapshot.seq);
    else this.startLive(index, snapshot.seq);
    return this.#next();
  }

  #nextOfSync(): Buffer | undefined {
    const step = this.#host.syncAfter(this.#seq);
    if (step === undefined) {
      this.startSnapshot(this.#host.snapshotNow());
      return this.#next();
    }
    this.#seq = step.seq;
    if (step.last) this.startLive(this.#host.ring.head, step.seq);
    if (step.frame === undefined) return this.#next();
    return this.#coding.aside(step.frame);
  }
}
