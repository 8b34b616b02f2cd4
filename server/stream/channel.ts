/**
 * A Channel: the ordered stream of one view of a table. It encodes each change once, appends it once
 * to its Ring, and lets its Subscribers write from their cursors.
 *
 * @see SPEC 1, 3.2; DESIGN 1
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/random.ts';
import type { Applied, Table, TableListener } from '../table/table.ts';
import type { EndReason, HeartbeatEvent, ResumedEvent } from '../wire/event.ts';
import { parseEventId } from '../wire/event-id.ts';
import { retryText } from '../wire/frame.ts';
import type { Counters } from './counters.ts';
import { type Decorate, Encoder } from './encoder.ts';
import { encodeChunk, type Frame } from './frame.ts';
import { Pending } from './pending.ts';
import { Ring } from './ring.ts';
import type { Sink } from './sink.ts';
import type { Snapshot } from './snapshot.ts';
import { SnapshotShelf } from './snapshot-shelf.ts';
import { Subscriber } from './subscriber.ts';
import { encodeSync, type SyncStep } from './sync.ts';

/** Distinct rows waiting that are worth a flush at once, whatever the window. */
const MAX_PENDING_ROWS = 4_096;

/** Catch-up chunks kept between two flushes, for clients that come back together: at most 4 MiB. */
const MAX_SYNC_STEPS = 64;

/** A retry or lifetime differs by up to this share between clients, so that they do not come back at once. */
const JITTER_SHARE = 0.3;

/** How a channel behaves; times in ms. */
export interface ChannelOptions {
  clock: Clock;
  random: Random;
  counters: Counters;
  ringFrames: number;
  ringBytes: number;
  flushMs: number;
  heartbeatMs: number;
  stallTimeoutMs: number;
  /** 0: streams last as long as the client wants. */
  maxLifetimeMs: number;
  retryMs: number;
}

/** How a client joins. */
export interface Join {
  lastEventId: string | undefined;
  /** When the client's token expires, in ms since the epoch. */
  expiresAtMs?: number | undefined;
}

/** The ordered stream of one view. */
export class Channel implements TableListener {
  readonly table: Table;
  readonly ring: Ring;
  readonly counters: Counters;
  readonly #options: ChannelOptions;
  readonly #encoder: Encoder;
  readonly #subscribers = new Set<Subscriber>();
  readonly #pending = new Pending();
  readonly #shelf: SnapshotShelf;
  readonly #syncSteps = new Map<number, SyncStep>();
  readonly #later = new Set<Subscriber>();
  readonly #stopListening: () => void;
  readonly #stopHeartbeat: Cancel;
  /** Changes of the `apply` under way. */
  #applying: Applied[] = [];
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #lastUsedMs: number;
  #cancelFlush: Cancel | undefined;
  #cancelLater: Cancel | undefined;

  constructor(table: Table, decorate: Decorate, options: ChannelOptions) {
    this.table = table;
    this.counters = options.counters;
    this.ring = new Ring({
      maxFrames: options.ringFrames,
      maxBytes: options.ringBytes,
      seq: table.seq,
    });
    this.#options = options;
    this.#encoder = new Encoder(table, decorate);
    this.#shelf = new SnapshotShelf({
      table,
      ring: this.ring,
      counters: options.counters,
      head: () => ({
        ...(decorate.sessionId !== undefined && { session_id: decorate.sessionId }),
        table: table.name,
        key: table.key,
        columns: table.columns,
        heartbeat_ms: options.heartbeatMs,
        timestamp: new Date(options.clock.now()).toISOString(),
      }),
      idOf: (seq) => this.#encoder.idOf(seq),
    });
    this.#lastUsedMs = options.clock.now();
    this.#stopListening = table.listen(this);
    this.#stopHeartbeat = options.clock.every(options.heartbeatMs, () => this.#heartbeat());
  }

  /** Clients connected. */
  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Changes waiting for the next flush. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Frames that the slowest subscriber is behind. */
  get maxLag(): number {
    let max = 0;
    for (const subscriber of this.#subscribers) max = Math.max(max, subscriber.lag);
    return max;
  }

  /** When it last had a subscriber, in ms since the epoch. */
  get lastUsedMs(): number {
    return this.#subscribers.size > 0 ? this.#options.clock.now() : this.#lastUsedMs;
  }

  /**
   * Takes in a client whose response head has been written: `retry:`, then the frames it missed,
   * what changed meanwhile, or a snapshot.
   */
  join(sink: Sink, { lastEventId, expiresAtMs }: Join): Subscriber {
    const { clock, random, maxLifetimeMs, retryMs } = this.#options;
    const nowMs = clock.now();
    const subscriber = new Subscriber(this, sink, {
      nowMs,
      expiresAtMs: expiresAtMs ?? Number.POSITIVE_INFINITY,
      lifetimeEndsAtMs:
        maxLifetimeMs === 0
          ? Number.POSITIVE_INFINITY
          : nowMs + jitter(maxLifetimeMs, JITTER_SHARE, random),
    });
    const retry = encodeChunk(retryText(jitter(retryMs, JITTER_SHARE, random)));
    subscriber.writeAside(sink.chunked ? retry.bytes : retry.payload);
    // What is pending goes to those who are here: the newcomer starts after it.
    this.flush();
    this.#place(subscriber, lastEventId);
    this.#subscribers.add(subscriber);
    subscriber.pump();
    return subscriber;
  }

  /** The client has gone. */
  leave(subscriber: Subscriber): void {
    subscriber.left();
    this.#subscribers.delete(subscriber);
    this.#later.delete(subscriber);
    this.#lastUsedMs = this.#options.clock.now();
  }

  onChange(applied: Applied): void {
    this.#applying.push(applied);
  }

  onApplied(batchUpdate: string | undefined): void {
    const applied = this.#applying;
    this.#applying = [];
    // A batch_update can only say what rows are, not that some are gone.
    if (batchUpdate !== undefined && applied.every(({ after }) => after !== undefined)) {
      this.flush();
      this.#pushBatchUpdate(applied, batchUpdate);
      return;
    }
    for (const change of applied) this.#pending.add(change);
    if (this.#pending.size >= MAX_PENDING_ROWS) this.flush();
    else this.#scheduleFlush();
  }

  /** Encodes what is pending, appends it to the ring and lets every subscriber write. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#pending.size === 0) return;
    const { changes, taken } = this.#pending.take(this.table.key);
    this.counters.changesMerged += taken - changes.length;
    this.#push(this.#encoder.encode(changes, this.#options.clock.now()));
    this.ring.advanceTo(this.table.seq);
  }

  /** A snapshot that the ring continues, encoded if there is none fresh enough. */
  snapshotNow(): Snapshot {
    this.flush();
    const { snapshot, discarded } = this.#shelf.fresh(this.#options.clock.now());
    if (discarded !== undefined) {
      for (const subscriber of this.#subscribers) {
        if (subscriber.snapshot !== discarded) continue;
        this.counters.snapshotsRestarted++;
        subscriber.startSnapshot(snapshot);
      }
    }
    this.counters.inits++;
    return snapshot;
  }

  /** Encodes one frame more of `snapshot` and tells its readers, soon. */
  encodeSnapshot(snapshot: Snapshot): void {
    this.#shelf.wanted.add(snapshot);
    this.#scheduleLater();
  }

  /**
   * The next chunk of what changed after `seq`.
   * @returns undefined when a snapshot is cheaper, or the only way.
   */
  syncAfter(seq: number): SyncStep | undefined {
    this.flush();
    const { table } = this;
    if (seq < table.floorSeq || table.countSince(seq) > table.size / 2 + 1) return undefined;
    let step = this.#syncSteps.get(seq);
    if (step === undefined) {
      step = encodeSync(table, seq, (reached) => this.#encoder.idOf(reached));
      this.counters.syncs++;
      if (this.#syncSteps.size < MAX_SYNC_STEPS) this.#syncSteps.set(seq, step);
    }
    return step;
  }

  /** Gives `subscriber` another turn once the others have had theirs. */
  pumpLater(subscriber: Subscriber): void {
    this.#later.add(subscriber);
    this.#scheduleLater();
  }

  /** Drops the stalled, sends home those whose time is up. Called every second or so. */
  sweep(): void {
    const nowMs = this.#options.clock.now();
    for (const subscriber of this.#subscribers) {
      if (subscriber.stalledMs(nowMs) >= this.#options.stallTimeoutMs) {
        this.counters.stalled++;
        subscriber.sink.destroy();
        this.leave(subscriber);
      } else if (nowMs >= subscriber.expiresAtMs) {
        const message = 'the token has expired; get a new one and connect again';
        subscriber.writeAside(
          this.#bytesFor(subscriber, this.#encoder.encodeError('token_expired', message)),
        );
        this.#finish(subscriber, this.#encoder.encodeEnd('unauthorized', message));
      } else if (nowMs >= subscriber.lifetimeEndsAtMs) {
        const message = 'this stream has lasted its time; connect again to go on';
        this.#finish(subscriber, this.#encoder.encodeEnd('lifetime', message));
      }
    }
    this.#shelf.tidy(nowMs, this.#subscribers);
  }

  /** `end` to every subscriber, after what is pending; then each connection closes. */
  end(reason: EndReason, message: string): void {
    this.flush();
    const frame = this.#encoder.encodeEnd(reason, message);
    for (const subscriber of this.#subscribers) this.#finish(subscriber, frame);
  }

  /** Lets go of the table and of time. Subscribers left are dropped. */
  close(): void {
    this.#stopListening();
    this.#stopHeartbeat();
    this.#cancelFlush?.();
    this.#cancelLater?.();
    for (const subscriber of this.#subscribers) subscriber.sink.destroy();
  }

  #place(subscriber: Subscriber, lastEventId: string | undefined): void {
    const id = lastEventId === undefined ? undefined : parseEventId(lastEventId);
    const known = id !== undefined && id.epoch === this.table.epoch && id.seq <= this.table.seq;
    if (!known) {
      subscriber.startSnapshot(this.snapshotNow());
      return;
    }
    const index = this.ring.indexAfter(id.seq);
    if (index === undefined) {
      subscriber.startSync(id.seq);
      return;
    }
    this.counters.resumes++;
    const missed: ResumedEvent = { type: 'resumed', missed: this.ring.changesFrom(index) };
    subscriber.writeAside(this.#bytesFor(subscriber, this.#encoder.encodeAside(missed)));
    subscriber.startLive(index, id.seq);
  }

  #scheduleFlush(): void {
    if (this.#cancelFlush !== undefined) return;
    const { clock, flushMs } = this.#options;
    const waitMs = Math.max(0, this.#lastFlushMs + flushMs - clock.now());
    this.#cancelFlush = clock.after(waitMs, () => this.flush());
  }

  #scheduleLater(): void {
    if (this.#cancelLater !== undefined) return;
    this.#cancelLater = this.#options.clock.after(0, () => this.#runLater());
  }

  #runLater(): void {
    this.#cancelLater = undefined;
    for (const snapshot of this.#shelf.wanted) {
      this.#shelf.wanted.delete(snapshot);
      snapshot.encodeNext();
      for (const subscriber of this.#subscribers) {
        if (subscriber.snapshot === snapshot) this.#later.add(subscriber);
      }
    }
    const turn = [...this.#later];
    this.#later.clear();
    for (const subscriber of turn) subscriber.pump();
  }

  #pushBatchUpdate(applied: readonly Applied[], message: string): void {
    const rows = applied.flatMap(({ after }) => (after === undefined ? [] : [after]));
    const { seq } = this.table;
    this.#push([this.#encoder.encodeBatchUpdate(rows, message, seq, this.#options.clock.now())]);
  }

  #push(frames: readonly Frame[]): void {
    if (frames.length === 0) return;
    for (const frame of frames) this.ring.push(frame);
    this.counters.framesEncoded += frames.length;
    this.#syncSteps.clear();
    for (const subscriber of this.#subscribers) subscriber.pump();
    // Taken after the writes, so that the window leaves time for everything else under full load.
    this.#lastFlushMs = this.#options.clock.now();
  }

  #heartbeat(): void {
    if (this.#subscribers.size === 0) return;
    const event: HeartbeatEvent = {
      type: 'heartbeat',
      timestamp: Math.floor(this.#options.clock.now() / 1_000),
      version: this.#encoder.idOf(this.ring.headSeq),
    };
    const frame = this.#encoder.encodeAside(event);
    for (const subscriber of this.#subscribers) {
      if (subscriber.idle) subscriber.writeAside(this.#bytesFor(subscriber, frame));
    }
  }

  #finish(subscriber: Subscriber, frame: Frame): void {
    subscriber.finish(this.#bytesFor(subscriber, frame));
    this.leave(subscriber);
  }

  #bytesFor(subscriber: Subscriber, frame: Frame): Buffer {
    return subscriber.sink.chunked ? frame.chunk : frame.payload;
  }
}
