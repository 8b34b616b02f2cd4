/**
 * A Channel: the ordered stream of one view of a table. It encodes each change once, appends it once
 * to its Ring, and lets its Subscribers write from their cursors.
 *
 * @see SPEC 1, 3.2; DESIGN 1
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { Applied, TableListener } from '../table/applied.ts';
import type { RowSet } from '../table/row-set.ts';
import type { EndReason } from '../wire/event.ts';
import { parseEventId } from '../wire/event-id.ts';
import { retryText } from '../wire/frame.ts';
import { Audience } from './audience.ts';
import { type Coding, chunkedCoding, payloadCoding } from './coding.ts';
import type { Counters } from './counters.ts';
import { FlushWindow } from './flush-window.ts';
import { encodeAside, type Frame } from './frame.ts';
import type { Framing, FramingOf } from './framing.ts';
import { GzipCoding } from './gzip-coding.ts';
import { Packer, type SharedPacked } from './pack.ts';
import type { PendingChange } from './pending.ts';
import { Ring } from './ring.ts';
import type { Sink } from './sink.ts';
import type { Snapshot } from './snapshot.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import type { Join, Stream } from './stream.ts';
import { Subscriber } from './subscriber.ts';
import type { SyncStep } from './sync.ts';

/** Catch-up chunks kept between two flushes, for clients that come back together: at most 4 MiB. */
const MAX_SYNC_STEPS = 64;

/** A retry or lifetime differs by up to this share between clients, so that they do not come back at once. */
export const JITTER_SHARE = 0.3;

const CHANNEL_NAME_RADIX = 36;
const CHANNEL_NAMES = CHANNEL_NAME_RADIX ** 6;

/** How a channel behaves; times in ms. */
export interface ChannelOptions {
  clock: Clock;
  random: Random;
  counters: Counters;
  ringFrames: number;
  ringBytes: number;
  flushMs: number;
  /** What is applied was gathered before: each `apply` leaves at once, and as frames of its own. */
  isGathered?: boolean;
  heartbeatMs: number;
  stallTimeoutMs: number;
  /** 0: streams last as long as the client wants. */
  maxLifetimeMs: number;
  retryMs: number;
}

/** The ordered stream of one view. */
export class Channel implements TableListener, Stream<Subscriber> {
  /** What it streams: a table, or a view of one. */
  readonly table: RowSet;
  readonly ring: Ring;
  readonly offersGzip = true;
  readonly counters: Counters;
  readonly #options: ChannelOptions;
  /** Tells this channel from others of the same table, in this process or another. */
  readonly #name: string;
  readonly #framing: Framing;
  readonly #audience: Audience;
  readonly #window: FlushWindow;
  readonly #packer = new Packer();
  readonly #shelf: SnapshotShelf;
  readonly #syncSteps = new Map<number, SyncStep>();
  readonly #stopListening: () => void;
  readonly #stopHeartbeat: Cancel;
  /** Changes of the `apply` under way. */
  #applying: Applied[] = [];
  #lastUsedMs: number;

  constructor(table: RowSet, framingOf: FramingOf, options: ChannelOptions) {
    this.table = table;
    this.counters = options.counters;
    this.ring = new Ring({
      maxFrames: options.ringFrames,
      maxBytes: options.ringBytes,
      seq: table.seq,
    });
    this.#options = options;
    this.#name = nameOf(options.random);
    this.#framing = framingOf(this.#name, options.heartbeatMs);
    this.#audience = new Audience({
      clock: options.clock,
      counters: options.counters,
      framing: this.#framing,
      stallTimeoutMs: options.stallTimeoutMs,
    });
    this.#shelf = new SnapshotShelf({
      ring: this.ring,
      counters: options.counters,
      framing: this.#framing,
    });
    this.#window = new FlushWindow({
      clock: options.clock,
      flushMs: options.flushMs,
      key: table.key,
      send: (changes, taken) => this.#send(changes, taken),
    });
    this.#lastUsedMs = options.clock.now();
    this.#stopListening = table.listen(this);
    this.#stopHeartbeat = options.clock.every(options.heartbeatMs, () => this.#heartbeat());
  }

  /** Clients connected. */
  get subscribers(): number {
    return this.#audience.size;
  }

  /** Changes waiting for the next flush. */
  get pending(): number {
    return this.#window.size;
  }

  /** Frames that the slowest subscriber is behind. */
  get maxLag(): number {
    return this.#audience.maxLag;
  }

  /** When it last had a subscriber, in ms since the epoch. */
  get lastUsedMs(): number {
    return this.#audience.size > 0 ? this.#options.clock.now() : this.#lastUsedMs;
  }

  /**
   * Takes in a client whose response head has been written: `retry:`, then the frames it missed,
   * what changed meanwhile, or a snapshot.
   */
  join(sink: Sink, { lastEventId, gzip, expiresAtMs }: Join): Subscriber {
    const { clock, random, maxLifetimeMs, retryMs } = this.#options;
    const nowMs = clock.now();
    const subscriber = new Subscriber(this, sink, this.#codingOf(sink, gzip === true), {
      nowMs,
      expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY,
      lifetimeEndsAtMs:
        maxLifetimeMs === 0
          ? Number.POSITIVE_INFINITY
          : nowMs + jitter(maxLifetimeMs, JITTER_SHARE, random),
    });
    subscriber.start();
    subscriber.writeAside(encodeAside(retryText(jitter(retryMs, JITTER_SHARE, random))));
    // What is pending goes to those who are here: the newcomer starts after it.
    this.flush();
    this.#place(subscriber, lastEventId);
    this.#audience.add(subscriber);
    subscriber.pump();
    return subscriber;
  }

  /** The client has gone. */
  leave(subscriber: Subscriber): void {
    this.#audience.remove(subscriber);
    this.#lastUsedMs = this.#options.clock.now();
  }

  onChange(applied: Applied): void {
    if (this.#framing.tells(applied)) this.#applying.push(applied);
  }

  onApplied(batchUpdate: string | undefined): void {
    const applied = this.#applying;
    if (applied.length === 0) return;
    this.#applying = [];
    // A batch_update can only say what rows are, not that some are gone.
    if (batchUpdate !== undefined && applied.every(({ after }) => after !== undefined)) {
      this.flush();
      if (this.#pushBatchUpdate(applied, batchUpdate)) return;
    }
    this.#window.add(applied);
    if (this.#options.isGathered === true) this.flush();
  }

  /** Gathers changes for this long from now on. */
  setFlushMs(flushMs: number): void {
    this.#window.setFlushMs(flushMs);
  }

  /** Sends what is pending, now. */
  flush(): void {
    this.#window.flush();
  }

  /** A snapshot that the ring continues, encoded if there is none fresh enough. */
  snapshotNow(): Snapshot {
    this.flush();
    const { snapshot, discarded } = this.#shelf.fresh(this.#options.clock.now());
    if (discarded !== undefined) {
      for (const reader of this.#audience.readersOf(discarded)) {
        this.counters.snapshotsRestarted++;
        reader.startSnapshot(snapshot);
      }
    }
    this.counters.inits++;
    return snapshot;
  }

  /** Encodes one frame more of `snapshot`, soon. */
  encodeLater(snapshot: Snapshot): void {
    this.#audience.encodeLater(snapshot);
  }

  /**
   * The next chunk of what changed after `seq`.
   * @returns undefined when a snapshot is cheaper, or the only way.
   */
  syncAfter(seq: number): SyncStep | undefined {
    this.flush();
    let step = this.#syncSteps.get(seq);
    if (step === undefined) {
      step = this.#framing.encodeSync(seq, this.ring.headSeq);
      if (step === undefined) return undefined;
      this.counters.syncs++;
      if (this.#syncSteps.size < MAX_SYNC_STEPS) this.#syncSteps.set(seq, step);
    }
    return step;
  }

  /** Gives `subscriber` another turn once the others have had theirs. */
  pumpLater(subscriber: Subscriber): void {
    this.#audience.pumpLater(subscriber);
  }

  /** Drops the stalled, sends home those whose time is up. Called every second or so. */
  sweep(): void {
    this.#audience.sweep();
    this.#shelf.tidy(this.#options.clock.now(), (snapshot) => this.#audience.isRead(snapshot));
  }

  /** `end` to every subscriber, after what is pending; then each connection closes. */
  end(reason: EndReason, message: string): void {
    this.flush();
    this.#audience.finish(this.#framing.encodeEnd(reason, message));
  }

  /** Lets go of the table and of time. Subscribers left are dropped. */
  close(): void {
    this.#stopListening();
    this.#stopHeartbeat();
    this.#window.stop();
    this.#audience.close();
  }

  #place(subscriber: Subscriber, lastEventId: string | undefined): void {
    const id = lastEventId === undefined ? undefined : parseEventId(lastEventId);
    const known = id !== undefined && id.epoch === this.table.epoch && id.seq <= this.table.seq;
    if (!known) {
      const unknown = lastEventId === undefined ? undefined : this.#framing.encodeUnknown();
      if (unknown !== undefined) subscriber.writeAside(unknown);
      subscriber.startSnapshot(this.snapshotNow());
      return;
    }
    const isOurs = id.channel === undefined || id.channel === this.#name;
    const index = isOurs ? this.ring.indexAfter(id.seq) : undefined;
    const missed = index === undefined ? undefined : this.ring.changesFrom(index);
    const resumed = this.#framing.encodeResumed(missed, this.#options.clock.now());
    if (resumed !== undefined) subscriber.writeAside(resumed);
    if (index === undefined) {
      subscriber.startSync(id.seq);
      return;
    }
    this.counters.resumes++;
    subscriber.startLive(index, id.seq);
  }

  #send(changes: readonly PendingChange[], taken: number): void {
    this.counters.changesMerged += taken - changes.length;
    this.#push(this.#framing.encode(changes, this.#options.clock.now()));
  }

  #pushBatchUpdate(applied: readonly Applied[], message: string): boolean {
    const rows = applied.flatMap(({ after }) => (after === undefined ? [] : [after]));
    const nowMs = this.#options.clock.now();
    const frame = this.#framing.encodeBatchUpdate(rows, message, this.table.seq, nowMs);
    if (frame !== undefined) this.#push([frame]);
    return frame !== undefined;
  }

  #push(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    const notice = this.#framing.notice(this.ring.headSeq);
    if (notice !== undefined) this.ring.push(notice, this.#packed(notice));
    for (const frame of frames) this.ring.push(frame, this.#packed(frame));
    this.counters.framesEncoded += frames.length;
    this.#syncSteps.clear();
    this.#audience.pump();
  }

  #codingOf(sink: Sink, gzip: boolean): Coding {
    if (gzip) return new GzipCoding(this.#packer, sink.chunked ? 'chunk' : 'payload');
    return sink.chunked ? chunkedCoding : payloadCoding;
  }

  /** Only while someone wants gzip: it is off the way of everyone else. */
  #packed(frame: Frame): SharedPacked | undefined {
    if (this.#audience.gzipSize > 0) return this.#packer.pack(frame.payload);
    this.#packer.skip();
    return undefined;
  }

  #heartbeat(): void {
    if (this.#audience.size === 0) return;
    const nowMs = this.#options.clock.now();
    this.#audience.tellIdle(this.#framing.encodeHeartbeat(this.ring.headSeq, nowMs));
  }
}

/** Six letters and digits: enough to tell the channels of one table apart. */
function nameOf(random: Random): string {
  return Math.floor(random() * CHANNEL_NAMES).toString(CHANNEL_NAME_RADIX);
}
