/**
 * The shelf of one channel's snapshots: the newest is shared by all who join while the ring
 * continues it, and few old ones are kept for readers that are slow to finish.
 *
 * @see SPEC 3.2 "Snapshots are shared"; DESIGN 5 (a storm of clients costs one encoding)
 */
import type { Counters } from './counters.ts';
import type { Framing } from './framing.ts';
import type { Ring } from './ring.ts';
import { CHUNK_CHARS, type Snapshot } from './snapshot.ts';

/** Snapshots that still have readers; past it the readers of the oldest get the newest instead. */
const MAX_SNAPSHOTS = 3;

/** A snapshot nobody reads is kept this long for those who join next. */
const KEEP_MS = 2_000;

export interface SnapshotShelfOptions {
  ring: Ring;
  counters: Counters;
  framing: Framing;
}

/** The snapshots of one channel. */
export class SnapshotShelf {
  readonly #options: SnapshotShelfOptions;
  /** Oldest first; the last one is the one shared. */
  #snapshots: Snapshot[] = [];
  #madeAtMs = 0;

  constructor(options: SnapshotShelfOptions) {
    this.#options = options;
  }

  /**
   * The newest snapshot, made now unless the one at hand will do. Nothing may be pending.
   * @returns also the one that had to go to make room, if any: its readers need the new one.
   */
  fresh(nowMs: number): { snapshot: Snapshot; discarded: Snapshot | undefined } {
    const current = this.#snapshots.at(-1);
    if (current !== undefined && this.#isFresh(current)) {
      return { snapshot: current, discarded: undefined };
    }
    const { ring, counters, framing } = this.#options;
    const snapshot = framing.snapshot(ring.headSeq, nowMs);
    snapshot.encodeNext();
    counters.snapshotsEncoded++;
    this.#snapshots.push(snapshot);
    this.#madeAtMs = nowMs;
    const oldest = this.#snapshots.length > MAX_SNAPSHOTS ? this.#snapshots.shift() : undefined;
    return { snapshot, discarded: framing.replaces ? oldest : undefined };
  }

  /** Forgets snapshots without readers, but for a fresh newest one. */
  tidy(nowMs: number, isRead: (snapshot: Snapshot) => boolean): void {
    const newest = this.#snapshots.at(-1);
    this.#snapshots = this.#snapshots.filter(
      (snapshot) => (snapshot === newest && nowMs - this.#madeAtMs < KEEP_MS) || isRead(snapshot),
    );
  }

  #isFresh(snapshot: Snapshot): boolean {
    const { framing, ring } = this.#options;
    if (framing.replaces) return this.#isContinued(snapshot);
    return framing.shares && snapshot.seq === ring.headSeq;
  }

  /**
   * Whether a client may still start with `snapshot`: the ring goes on from its seq, and what has
   * happened since is small beside it. One being encoded always will do.
   */
  #isContinued(snapshot: Snapshot): boolean {
    if (!snapshot.done) return true;
    const { ring } = this.#options;
    const index = ring.indexAfter(snapshot.seq);
    if (index === undefined) return false;
    return ring.bytesFrom(index) <= Math.max(CHUNK_CHARS, snapshot.bytes / 2);
  }
}
