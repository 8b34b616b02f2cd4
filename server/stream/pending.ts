/**
 * Changes waiting for the next flush, merged: the last state of each row wins.
 *
 * It keeps what clients hold (the row at the start of the window) and what the table holds now; the
 * change to send is the difference of the two. So add+update is an add, add+delete nothing,
 * update+delete a delete, and delete+add an update with all columns.
 *
 * @see SPEC 10 "Within a flush"
 */

import type { Applied } from '../table/applied.ts';
import { difference, keyOnly } from '../table/merge.ts';
import { type Change, type Key, keyId, type Row } from '../wire/change.ts';

interface Waiting {
  /** The row as clients hold it; undefined when they do not. */
  held: Row | undefined;
  /** The newest change of the key. */
  newest: Applied;
  /** More than one change came together, so the newest alone does not say it all. */
  merged: boolean;
  /** The row went away and came back: it is sent with all its columns. */
  returned: boolean;
  message: string | undefined;
}

/** A change to send, with the seq a client has reached once it holds it. */
export interface PendingChange {
  change: Change;
  seq: number;
}

/** The merged changes of one flush window. */
export class Pending {
  readonly #waiting = new Map<Key, Waiting>();
  #taken = 0;
  #newestSeq = 0;

  /** Distinct keys waiting. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a change that the table has applied. */
  add(applied: Applied): void {
    this.#taken++;
    this.#newestSeq = applied.seq;
    const id = keyId(applied.key);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      this.#waiting.set(id, {
        held: applied.before,
        newest: applied,
        merged: false,
        returned: false,
        message: applied.message,
      });
      return;
    }
    waiting.returned ||= applied.type === 'add' && waiting.held !== undefined;
    waiting.merged = true;
    waiting.newest = applied;
    if (waiting.held !== undefined || waiting.message === undefined) {
      waiting.message = applied.message;
    }
    // Sent in the order of last change, so that the seq of each one sent covers all before it.
    this.#waiting.delete(id);
    this.#waiting.set(id, waiting);
  }

  /**
   * Empties the window.
   * @returns the changes to send in order of seq, and how many changes they stand for. The last one
   * says the newest seq of all, also where that change came to nothing: who has it has them all.
   */
  take(key: string): { changes: PendingChange[]; taken: number } {
    const changes: PendingChange[] = [];
    for (const waiting of this.#waiting.values()) {
      const change = waiting.merged ? mergedChange(waiting, key) : singleChange(waiting.newest);
      if (change === undefined) continue;
      if (waiting.message !== undefined) change.message = waiting.message;
      changes.push({ change, seq: waiting.newest.seq });
    }
    const last = changes.at(-1);
    if (last !== undefined) last.seq = this.#newestSeq;
    const taken = this.#taken;
    this.#waiting.clear();
    this.#taken = 0;
    return { changes, taken };
  }
}

function singleChange({ type, data, removed }: Applied): Change {
  return type === 'update' && removed !== undefined ? { type, data, removed } : { type, data };
}

function mergedChange({ held, newest, returned }: Waiting, key: string): Change | undefined {
  const now = newest.after;
  if (held === undefined) return now === undefined ? undefined : { type: 'add', data: now };
  if (now === undefined) return { type: 'delete', data: keyOnly(held, key) };
  const changed = difference(held, now, key);
  if (changed === undefined) return undefined;
  const data = returned ? now : changed.data;
  const { removed } = changed;
  return removed === undefined ? { type: 'update', data } : { type: 'update', data, removed };
}
