/**
 * Gathers changes for grids that have no batching of their own: the last state of each row, handed over
 * every 100 ms.
 */
import type { Change, Key, Row } from '../../../server/wire/change.ts';
import { GATHER_MS } from './grid.ts';

/** What changed within 100 ms. */
export interface Gathered {
  /** Rows that are new. */
  added: Row[];
  /** The columns that changed of rows that are not. */
  updated: Row[];
  removed: Key[];
}

/** The keys a grid holds, and what is new since it was last told. */
export class Gather {
  readonly #flush: (gathered: Gathered) => void;
  readonly #added = new Map<Key, Row>();
  readonly #updated = new Map<Key, Row>();
  readonly #removed = new Set<Key>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(flush: (gathered: Gathered) => void) {
    this.#flush = flush;
  }

  take(changes: readonly Change[]): void {
    for (const change of changes) this.#take(change);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const gathered = {
        added: [...this.#added.values()],
        updated: [...this.#updated.values()],
        removed: [...this.#removed],
      };
      for (const kept of [this.#added, this.#updated, this.#removed]) kept.clear();
      this.#flush(gathered);
    }, GATHER_MS);
  }

  #take({ type, data }: Change): void {
    const id = keyOf(data);
    if (type === 'add') {
      this.#added.set(id, data);
    } else if (type === 'delete') {
      this.#updated.delete(id);
      if (!this.#added.delete(id)) this.#removed.add(id);
    } else {
      const row = this.#added.get(id) ?? this.#updated.get(id);
      if (row === undefined) this.#updated.set(id, data);
      else Object.assign(row, data);
    }
  }
}

/** The key of a row of the market. */
export function keyOf({ id }: Row): Key {
  return typeof id === 'number' ? id : String(id);
}
