/**
 * A RowSet: a keyed set of rows with a version, which a Channel can stream. A Table is one, and so is
 * a live view of one.
 *
 * @see SPEC 1 "Channel: the ordered stream of one view"; DESIGN 1
 */
import type { Key, Row } from '../wire/change.ts';
import type { Column } from '../wire/event.ts';
import type { TableListener } from './applied.ts';

/** The latest state of one key. */
export interface RowState {
  readonly key: Key;
  /** undefined: there is no such row. */
  readonly row: Row | undefined;
  /** seq of the last change. */
  readonly seq: number;
}

/** Rows, what changed since, and who is told. */
export interface RowSet {
  /** The table's. */
  readonly name: string;
  /** The key column. */
  readonly key: string;
  /** Names this history of these rows: an event id of another one says nothing here. */
  readonly epoch: string;
  /** Number of the table's newest change. */
  readonly seq: number;
  /** Rows in the set. */
  readonly size: number;
  /** The oldest seq from which `changesSince` is complete. */
  readonly floorSeq: number;
  /** The highest seq of a row that had to make room for others; 0: none had to. */
  readonly lostSeq: number;
  readonly columns: Column[];
  /** The row of `key`. Never mutate it. */
  get(key: Key): Row | undefined;
  /** seq of the last change of the row of `key`; undefined when there is none. */
  seqOf(key: Key): number | undefined;
  /** References to objects that are never mutated. */
  rows(): Row[];
  /** The latest state of each key that may have changed after `seq`, oldest change first. */
  changesSince(seq: number): Iterable<RowState>;
  /** How many states `changesSince(seq)` gives at most: the price of a catch-up. */
  countSince(seq: number): number;
  /** Tells `listener` of every change from now on. Returns the undo. */
  listen(listener: TableListener): () => void;
}
