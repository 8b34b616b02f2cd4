/**
 * What a feature of `<sse-table>` that not every page needs is to the table, and the table to it. Each
 * is a file of its own, fetched when it is first wanted.
 *
 * @see FRONTEND 1, 4
 */
import type { Json } from '../../server/wire/change.ts';
import type { Feed } from '../feed/feed.ts';
import type { Rows } from '../feed/rows.ts';
import type { ColumnLayout } from '../grid/column-layout.ts';
import type { ViewColumn } from '../grid/columns.ts';
import type { DrawSchedule } from '../grid/draw-schedule.ts';
import type { Grid } from '../grid/grid.ts';
import type { RowList } from '../grid/row-list.ts';
import type { Scroller, ScrollerParts } from '../grid/scroller.ts';
import type { Wording } from '../wording/wording.ts';
import type { WriteRow } from './row-writer.ts';

/** The table's element, and those of its properties that features go by. */
export interface FeatureElement extends HTMLElement {
  readonly feed: Feed | undefined;
  /** Draws the shell again, the feature's templates among it. */
  requestUpdate(): void;
  label: string | undefined;
  sort: string | null | undefined;
  readonly write: WriteRow | undefined;
  readonly credentials: RequestCredentials | undefined;
  /** The name under which the arrangement of the columns is kept. */
  persist: string | null | undefined;
}

/** What is drawn, and by what. */
export interface FeatureView {
  readonly rows: Rows;
  readonly list: RowList;
  readonly layout: ColumnLayout;
  readonly wording: Wording;
  readonly schedule: DrawSchedule;
  /** The columns are resolved, and arranged, again at the next draw. */
  forgetColumns(): void;
}

/** What works on the elements of the shell, once there is one. */
export interface MountedTable {
  readonly parts: ScrollerParts;
  readonly scroller: Scroller;
  readonly grid: Grid;
}

/** What became of an edit: of one cell, or where `field` is missing of a row to be deleted. */
export interface EditDetail {
  key: string;
  field: string | undefined;
  /** What was written; undefined for a delete. */
  value: Json | undefined;
  /** Sent, seen on the stream, or taken back. */
  phase: 'pending' | 'confirmed' | 'rejected';
  /** Why it was taken back. */
  reason: string | undefined;
}

/** The table, as its features see it. */
export interface FeatureHost extends MountedTable {
  readonly element: FeatureElement;
  readonly view: FeatureView;
  onEdit(detail: EditDetail): void;
  /** Said once by screen readers, when they are free. */
  announce(text: string): void;
}

/** A feature at work on one table. What it leaves out, it has no part in. */
export interface TableFeature {
  /** At the end of the toolbar. */
  tools?(): unknown;
  /** Between the toolbar and the rows. */
  panel?(): unknown;
  /** The columns to show, in their order. */
  arrange?(columns: readonly ViewColumn[]): readonly ViewColumn[];
  /** After each draw, which took `drawMs`. */
  drawn?(drawMs: number): void;
  /** Leaves nothing behind. */
  close(): void;
}

/** The file of a feature. */
export interface FeatureModule {
  start(host: FeatureHost): TableFeature;
}
