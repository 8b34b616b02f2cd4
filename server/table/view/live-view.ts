/**
 * A LiveView: a table seen through a View, as a RowSet that a Channel streams.
 *
 * A row that comes into the view is an `add`, one that leaves it a `delete`, whatever happened to it
 * in the table. It costs nothing while nobody listens.
 *
 * @see SPEC 1 "View", 3.1 "Views"
 */
import type { Key, Row } from '../../wire/change.ts';
import type { Column } from '../../wire/event.ts';
import type { Applied, TableListener } from '../applied.ts';
import { type Difference, difference, keyOnly } from '../merge.ts';
import { keyOf } from '../row.ts';
import type { RowSet, RowState } from '../row-set.ts';
import { MatchingRows, type Members, type Move } from './members.ts';
import { TopRows } from './top-rows.ts';
import type { Pin, View } from './view.ts';
import type { ViewIndex, ViewListener } from './view-index.ts';

/** A table seen through a view. */
export class LiveView implements RowSet, ViewListener {
  readonly name: string;
  readonly key: string;
  readonly epoch: string;
  readonly pin: Pin | undefined;
  readonly #table: RowSet;
  readonly #view: View;
  readonly #index: ViewIndex;
  readonly #listeners: TableListener[] = [];
  /** Only while somebody listens: then the index says how the rows move. */
  #members: Members | undefined;
  #leaveIndex: (() => void) | undefined;

  /** @param index of that table. */
  constructor(table: RowSet, view: View, index: ViewIndex) {
    this.name = table.name;
    this.key = table.key;
    this.epoch = view.epochOf(table.epoch);
    this.pin = view.pin;
    this.#table = table;
    this.#view = view;
    this.#index = index;
  }

  get seq(): number {
    return this.#table.seq;
  }

  get floorSeq(): number {
    return this.#table.floorSeq;
  }

  get lostSeq(): number {
    return this.#table.lostSeq;
  }

  get size(): number {
    return this.#members?.size ?? this.#view.rowsOf(this.#table).length;
  }

  get columns(): Column[] {
    return this.#view.columnsOf(this.#table.columns);
  }

  get(key: Key): Row | undefined {
    const row = this.#inside(this.#table.get(key));
    return row && this.#view.project(row);
  }

  seqOf(key: Key): number | undefined {
    return this.get(key) && this.#table.seqOf(key);
  }

  rows(): Row[] {
    const rows = this.#members?.rows() ?? this.#view.rowsOf(this.#table);
    return this.#view.isProjected ? rows.map((row) => this.#view.project(row)) : rows;
  }

  /**
   * What changed in the table, told as the view has it: a row outside is one that is gone, even if
   * it was never inside. Complete only without a limit, where one change moves other rows as well.
   */
  *changesSince(seq: number): Generator<RowState> {
    for (const { key, row, seq: changedAt } of this.#table.changesSince(seq)) {
      const isInside = row !== undefined && this.#view.matches(row);
      yield { key, row: isInside ? this.#view.project(row) : undefined, seq: changedAt };
    }
  }

  countSince(seq: number): number {
    return this.#view.limit === undefined ? this.#table.countSince(seq) : Number.POSITIVE_INFINITY;
  }

  listen(listener: TableListener): () => void {
    if (this.#listeners.length === 0) this.#start();
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index < 0) return;
      this.#listeners.splice(index, 1);
      if (this.#listeners.length === 0) this.#stop();
    };
  }

  onChange(applied: Applied): boolean {
    const before = this.#inside(applied.before);
    const after = this.#inside(applied.after);
    if (this.#members === undefined || (before === undefined && after === undefined)) return false;
    let hasHeard = false;
    for (const move of this.#members.move(before, after)) {
      const own = this.#appliedOf(move, applied);
      if (own === undefined) continue;
      hasHeard = true;
      for (const listener of this.#listeners) listener.onChange(own);
    }
    return hasHeard;
  }

  onApplied(batchUpdate: string | undefined): void {
    for (const listener of this.#listeners) listener.onApplied(batchUpdate);
  }

  #start(): void {
    const { limit } = this.#view;
    this.#members =
      limit === undefined
        ? new MatchingRows(this.#view, this.#table)
        : new TopRows(this.#view, limit, this.#table);
    this.#leaveIndex = this.#index.add(this);
  }

  #stop(): void {
    this.#leaveIndex?.();
    this.#leaveIndex = undefined;
    this.#members = undefined;
  }

  #inside(row: Row | undefined): Row | undefined {
    return row !== undefined && this.#view.matches(row) ? row : undefined;
  }

  /** The table's change as the view has it; undefined when no selected column has changed. */
  #appliedOf({ before: from, after: to }: Move, applied: Applied): Applied | undefined {
    const before = from === undefined ? undefined : this.#view.project(from);
    const after = to === undefined ? undefined : this.#view.project(to);
    const row = after ?? before;
    const said = this.#said(before, after, applied);
    if (row === undefined || said === undefined) return undefined;
    const type = before === undefined ? 'add' : after === undefined ? 'delete' : 'update';
    // The message was written for what happened in the table, which may be something else.
    const isTheSame = type === applied.type && from === applied.before && to === applied.after;
    return {
      seq: applied.seq,
      type,
      key: keyOf(row, this.key),
      before,
      after,
      data: said.data,
      removed: said.removed,
      message: isTheSame ? applied.message : undefined,
    };
  }

  #said(before: Row | undefined, after: Row | undefined, applied: Applied): Difference | undefined {
    if (after === undefined) {
      return before && { data: keyOnly(before, this.key), removed: undefined };
    }
    if (before === undefined) return { data: after, removed: undefined };
    // With all columns selected the difference is the table's own.
    return this.#view.isProjected ? difference(before, after, this.key) : applied;
  }
}
