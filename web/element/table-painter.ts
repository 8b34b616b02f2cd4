/**
 * Draws the rows of a table when the schedule says so: brings the columns up to date, has the scroller
 * paint the window, and remembers what has been shown.
 *
 * @see FRONTEND 2, 3
 */

import type { MountedTable } from '../feature/table-feature.ts';
import type { Feed } from '../feed/feed.ts';
import { type HeldRow, Rows } from '../feed/rows.ts';
import { ColumnLayout } from '../grid/column-layout.ts';
import type { ColumnOptions, ViewColumn } from '../grid/columns.ts';
import { browserDrawPage, DrawSchedule } from '../grid/draw-schedule.ts';
import { type ExportFormat, exportRows } from '../grid/export.ts';
import { createMatch, type Filters } from '../grid/filter.ts';
import { Grid } from '../grid/grid.ts';
import { watchReading } from '../grid/reading.ts';
import { RowList } from '../grid/row-list.ts';
import { findParts, Scroller } from '../grid/scroller.ts';
import { createCompare, type SortKey } from '../grid/sort.ts';
import { Wording } from '../wording/wording.ts';

/** The table, as its painter sees it. */
export interface PainterHost {
  /** Where column widths are written as custom properties. */
  readonly style: CSSStyleDeclaration;
  isPaused(): boolean;
  /** The page's own columns; undefined: all of the stream's. */
  declaredColumns(): readonly ColumnOptions[] | undefined;
  /** The columns to show, in their order. */
  arrange(columns: readonly ViewColumn[]): readonly ViewColumn[];
  onSort(field: string, keepsOthers: boolean): void;
  onSelect(): void;
  /** Row changes were drawn. */
  onChanges(changes: number): void;
  /** After each draw, which took `drawMs`. */
  onDrawn(drawMs: number): void;
  /** What the shell shows has changed. */
  requestUpdate(): void;
}

/** The painter of one table. */
export class TablePainter {
  readonly schedule = new DrawSchedule(
    browserDrawPage,
    () => {
      this.#draw();
      return this.#mounted?.scroller.isFading === true;
    },
    (drawMs) => this.#host.onDrawn(drawMs),
  );
  readonly layout = new ColumnLayout();
  readonly #host: PainterHost;
  #wording = new Wording('en');
  #feed: Feed | undefined;
  #leaveFeed: (() => void) | undefined;
  #rows = new Rows();
  #list = new RowList(this.#rows);
  /** A paused table shows what it showed. */
  #isFrozen = false;
  #isRead = false;
  #moved = 0;
  #sort: readonly SortKey[] = [];
  #filters: Filters = {};
  #search = '';
  #mounted: MountedTable | undefined;
  /** Rows shown and rows there were at the last draw. */
  readonly size = { shown: 0, total: 0 };
  #hasDrawn = false;
  /** `Rows.changes` at the last draw. */
  #drawnChanges = 0;
  #marks = false;

  constructor(host: PainterHost) {
    this.#host = host;
  }

  get rows(): Rows {
    return this.#rows;
  }

  get wording(): Wording {
    return this.#wording;
  }

  set wording(wording: Wording) {
    this.#wording = wording;
    this.#query();
    this.forgetColumns();
  }

  /** The snapshot, or its first part, has been drawn. */
  get hasDrawn(): boolean {
    return this.#hasDrawn;
  }

  /** Row changes merged but not drawn yet. */
  get waiting(): number {
    return this.#rows.changes - this.#drawnChanges;
  }

  /** The rows in the order they are shown. */
  get list(): RowList {
    return this.#list;
  }

  /** Rows that wait for the reader before they come, go or move. */
  get moved(): number {
    return this.#moved;
  }

  /** Shows rows that are wanted, in an order. */
  setQuery(sort: readonly SortKey[], filters: Filters, search: string): void {
    this.#sort = sort;
    this.#filters = filters;
    this.#search = search;
    this.#query();
    this.scrollToIndex(0);
  }

  /** Rows take the places they have by now, though someone reads. */
  apply(): void {
    this.#list.apply();
    this.#setMoved(0);
    this.schedule.requestNow();
  }

  /** Shows the rows of another feed from now on, or none. */
  setFeed(feed: Feed | undefined): void {
    this.#leaveFeed?.();
    const rows = feed?.rows ?? new Rows();
    const offRows = rows.on('change', () => this.schedule.request());
    const offEvent = feed?.on('event', ({ type }) => {
      if (type === 'init') this.skipMarks();
    });
    this.#leaveFeed = () => {
      offRows();
      offEvent?.();
    };
    this.#feed = feed;
    this.#rows = rows;
    this.#isFrozen = false;
    this.#list.close();
    this.#list = new RowList(rows);
    this.#query();
    this.#drawnChanges = rows.changes;
    this.#hasDrawn = false;
    this.skipMarks();
    this.forgetColumns();
  }

  /** Finds its elements in the shell. @throws {TypeError} where one is missing. */
  mount(root: ParentNode): MountedTable {
    const parts = findParts(root);
    const scroller = new Scroller(parts, () => this.schedule.requestNow());
    scroller.setColumns(this.layout.columns);
    const painter = this;
    const grid = new Grid(
      {
        get list() {
          return painter.list;
        },
        get columnCount() {
          return painter.layout.columns.length;
        },
        onHeading: (column, keepsOthers) => {
          const { field, sortable } = this.layout.columns[column] ?? {};
          if (field !== undefined && sortable) this.#host.onSort(field, keepsOthers);
        },
        onSelect: () => this.#host.onSelect(),
        copyText: (rows) => this.export('tsv', rows),
        requestDraw: () => this.schedule.requestNow(),
      },
      parts,
      scroller,
    );
    this.#mounted = { parts, scroller, grid };
    return this.#mounted;
  }

  get grid(): Grid | undefined {
    return this.#mounted?.grid;
  }

  /** Rows as text, by default all that are shown, in their order. */
  export(format: ExportFormat, rows: Iterable<HeldRow> = this.#list): string {
    const data = Array.from(rows, ({ row }) => row);
    return exportRows(data, this.layout.columns, format);
  }

  /** Not all rows are in the DOM. */
  get isWindowed(): boolean {
    return this.#mounted?.scroller.isWhole === false;
  }

  /** Draws from now on. @returns the undo. */
  connect(): () => void {
    const mounted = this.#mounted;
    if (mounted === undefined) return () => undefined;
    const { parts, scroller, grid } = mounted;
    const undo = [
      scroller.connect(),
      watchReading({ ...parts, hasActiveCell: () => grid.hasActiveRow() }, (isRead) =>
        this.#setRead(isRead),
      ),
      grid.connect(),
    ];
    this.schedule.request();
    return () => {
      this.schedule.cancel();
      for (const step of undo) step();
    };
  }

  /** The next draw marks nothing as changed: after a snapshot, or after being hidden. */
  skipMarks(): void {
    this.#marks = false;
  }

  /** Lets go of what a paused table went on showing. */
  thaw(): void {
    this.#isFrozen = false;
  }

  /** The columns are resolved again at the next draw. */
  forgetColumns(): void {
    this.layout.forget();
    this.schedule.request();
  }

  /** Once a second. `ages`: time to write times again that age. */
  tick(ages: boolean): void {
    this.#setMoved(this.#list.isHeld && !this.#isFrozen ? this.#list.moved : 0);
    if (!ages || !this.layout.columns.some(({ formatName }) => formatName === 'relative')) return;
    this.#mounted?.scroller.invalidate();
    this.schedule.request();
  }

  scrollToIndex(index: number): void {
    this.#mounted?.scroller.scrollToIndex(index);
  }

  #query(): void {
    const { usable } = this.#wording;
    const collator = new Intl.Collator(usable, { numeric: true });
    const compare = createCompare(this.#sort, collator);
    this.#list.setQuery(compare, createMatch(this.#filters, this.#search));
    this.#list.apply();
  }

  #setRead(isRead: boolean): void {
    if (isRead === this.#isRead) return;
    this.#isRead = isRead;
    this.schedule.requestNow();
  }

  #setMoved(moved: number): void {
    if (moved === this.#moved) return;
    this.#moved = moved;
    this.#host.requestUpdate();
  }

  #draw(): void {
    if (this.#mounted === undefined) return;
    const { scroller, grid } = this.#mounted;
    const host = this.#host;
    const rows = this.#rows;
    if (
      this.layout.update(
        rows,
        () => host.declaredColumns(),
        this.#wording,
        (some) => host.arrange(some),
      )
    ) {
      scroller.setColumns(this.layout.columns);
      this.#marks = false;
      host.requestUpdate();
    }
    this.layout.applyWidths(rows, host.style);
    const isLoading = this.#feed?.loaded !== undefined;
    const flash =
      this.#marks && !isLoading ? { now: performance.now(), since: this.#drawnChanges } : undefined;
    const list = this.#list;
    const isLocked = this.#isRead || (scroller.isAway && list.isSorted);
    list.isHeld = this.#isFrozen || (isLocked && this.#hasDrawn && !isLoading);
    list.update();
    if (!list.isHeld) this.#setMoved(0);
    scroller.draw(list, flash, this.#isFrozen);
    grid.mark();
    if (this.#isFrozen) {
      host.requestUpdate(); // the count of what waits
      return;
    }
    this.#marks = !isLoading && rows.size > 0;
    const { size, waiting: changes } = this;
    this.#drawnChanges = rows.changes;
    if (changes > 0) host.onChanges(changes);
    const isFirst = !this.#hasDrawn && this.#feed?.init !== undefined;
    if (rows.size !== size.total || list.size !== size.shown || isLoading || isFirst) {
      size.total = rows.size;
      size.shown = list.size;
      this.#hasDrawn ||= isFirst;
      host.requestUpdate();
    }
    // A table that starts paused shows its first snapshot all the same.
    this.#isFrozen = host.isPaused() && this.#hasDrawn && !isLoading;
    if (this.#isFrozen) list.isHeld = true;
  }
}
