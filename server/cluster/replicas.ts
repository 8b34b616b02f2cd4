/**
 * A worker's copies of the primary's tables: the same rows under the same event ids, so that a client
 * may resume at any worker.
 *
 * @see SPEC 9 "--workers N"
 */

import { keyOf } from '../table/row.ts';
import type { RowState } from '../table/row-set.ts';
import { Table } from '../table/table.ts';
import type { Tables } from '../table/tables.ts';
import { type Key, keyId } from '../wire/change.ts';
import type { Downward, StateMessage } from './message.ts';

type MessageOf<Type extends Downward['type']> = Extract<Downward, { type: Type }>;

/** A copy of which parts are still missing. */
interface Loading {
  key: string;
  epoch: string;
  states: Map<Key, RowState>;
}

/** Takes in what the primary sends of its tables. */
export class Replicas {
  readonly #tables: Tables;
  readonly #loading = new Map<string, Loading>();
  /** What a copy that is behind has been sent so far. */
  readonly #late = new Map<string, RowState[]>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  load({ table, key, epoch }: MessageOf<'load'>): void {
    this.#loading.set(table, { key, epoch, states: new Map() });
  }

  states({ table, states }: MessageOf<'states'>): void {
    const loading = this.#loading.get(table);
    if (loading === undefined) {
      const { key } = this.#tables.require(table);
      const late = this.#late.get(table) ?? [];
      for (const state of states) late.push(stateOf(state, key));
      this.#late.set(table, late);
      return;
    }
    for (const message of states) {
      const state = stateOf(message, loading.key);
      const id = keyId(state.key);
      // A row that came back has a new place in the order of appearance.
      if (loading.states.get(id)?.row === undefined) loading.states.delete(id);
      loading.states.set(id, state);
    }
  }

  live({ table: name, seq, floorSeq, columns }: MessageOf<'live'>): void {
    const loading = this.#loading.get(name);
    if (loading === undefined) {
      this.#tables.require(name).catchUp(this.#late.get(name) ?? [], seq);
      this.#late.delete(name);
      return;
    }
    this.#loading.delete(name);
    const { key, epoch, states } = loading;
    const maxRows = Number.POSITIVE_INFINITY; // the primary keeps to its own
    const table = new Table({ name, key, epoch, floorSeq, maxRows });
    table.restore(states.values(), columns);
    if (table.seq !== seq) table.catchUp([], seq);
    this.#tables.put(table);
  }

  drop({ table }: MessageOf<'drop'>): void {
    this.#loading.delete(table);
    this.#late.delete(table);
    this.#tables.remove(table);
  }

  /** @throws {RangeError} when this copy is not what the changes were made from. */
  changes({ table: name, from, changes, seqs, batchUpdate }: MessageOf<'changes'>): void {
    const table = this.#tables.require(name);
    const taken = table.seq === from ? table.apply(changes, { seqs, batchUpdate }) : 0;
    if (taken === changes.length) return;
    throw new RangeError(
      `the copy of table "${name}" is at ${table.seq}: ${changes.length} changes after ${from} do not fit`,
    );
  }
}

function stateOf([seq, rowOrKey]: StateMessage, key: string): RowState {
  return typeof rowOrKey === 'object'
    ? { key: keyOf(rowOrKey, key), row: rowOrKey, seq }
    : { key: rowOrKey, row: undefined, seq };
}
