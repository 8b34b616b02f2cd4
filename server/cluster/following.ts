/**
 * How far one worker's copy of one table has come, and what it needs next: the same question as that
 * of any client, what changed since.
 *
 * @see SPEC 9 "--workers N"; DESIGN 1 "changesSince(seq) is the one mechanism"
 */
import type { RowState } from '../table/row-set.ts';
import type { Table } from '../table/table.ts';
import { encodeMessage } from './message.ts';

/** JSON characters of states in one message. */
const CHUNK_CHARS = 64 * 1_024;

/** A copy has missed deletes that the table has forgotten. */
export class OutOfReach extends Error {}

/** One worker's copy of one table, as the primary knows it. */
export class Following {
  readonly table: Table;
  /** The copy has had everything up to here. */
  #seq: number;
  /** The first reading of the whole table, once it has begun and while it lasts. */
  #reading: Iterator<RowState> | undefined;
  #phase: 'new' | 'reading' | 'since' | 'live' = 'new';
  /** The copy has been whole: it has readers, and cannot begin anew. */
  #hasLived = false;

  constructor(table: Table) {
    this.table = table;
    this.#seq = table.seq;
  }

  /** The copy has all but what is sent right now: batches go to it as they come. */
  get isLive(): boolean {
    return this.#phase === 'live';
  }

  /** Whether a batch that begins after `from` is the next thing that the copy needs. */
  isNext(from: number): boolean {
    return this.isLive && from === this.#seq;
  }

  /** A batch has been sent. */
  sent(to: number): void {
    this.#seq = to;
  }

  /** Batches are no longer sent: what they say is caught up later. */
  fellBehind(): void {
    this.#phase = 'since';
  }

  /**
   * The next bytes for a copy that is not live; with the last of them it is. No change may be waiting
   * to be sent in a batch.
   * @throws {OutOfReach} only a new copy can help.
   */
  next(): Buffer {
    if (this.#seq < this.table.floorSeq) {
      if (this.#hasLived) throw new OutOfReach();
      return this.#start();
    }
    switch (this.#phase) {
      case 'new':
        return this.#start();
      case 'reading':
        return this.#read();
      default:
        return this.#since();
    }
  }

  #start(): Buffer {
    const { name, key, epoch, seq } = this.table;
    // Read while the table changes: a state may be newer than this seq, and what the reading has
    // passed by is among the changes since.
    this.#seq = seq;
    this.#reading = this.table.states()[Symbol.iterator]();
    this.#phase = 'reading';
    return encodeMessage({ type: 'load', table: name, key, epoch });
  }

  #read(): Buffer {
    const states: string[] = [];
    let chars = 0;
    while (chars < CHUNK_CHARS) {
      const next = this.#reading?.next();
      if (next === undefined || next.done === true) {
        this.#reading = undefined;
        this.#phase = 'since';
        break;
      }
      chars += push(states, next.value);
    }
    return this.#encode(states);
  }

  #since(): Buffer {
    const { name, seq, floorSeq, columns } = this.table;
    const states: string[] = [];
    let chars = 0;
    for (const state of this.table.changesSince(this.#seq)) {
      if (chars >= CHUNK_CHARS) return this.#encode(states);
      chars += push(states, state);
      this.#seq = state.seq;
    }
    this.#seq = seq;
    this.#phase = 'live';
    this.#hasLived = true;
    const live = encodeMessage({ type: 'live', table: name, seq, floorSeq, columns });
    return Buffer.concat([this.#encode(states), live]);
  }

  #encode(states: readonly string[]): Buffer {
    if (states.length === 0) return Buffer.alloc(0);
    const head = JSON.stringify({ type: 'states', table: this.table.name }).slice(0, -1);
    return Buffer.from(`${head},"states":[${states.join(',')}]}\n`);
  }
}

function push(states: string[], { key, row, seq }: RowState): number {
  const json = `[${seq},${JSON.stringify(row ?? key)}]`;
  states.push(json);
  return json.length;
}
