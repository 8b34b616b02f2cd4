/**
 * Draws the rows of a table when the schedule says so: brings the columns up to date, has the scroller
 * paint the window, and remembers what has been shown.
 *
 * @see FRONTEND 2, 3
 */
import { ColumnLayout } from './column-layout.ts';
import type { ColumnOptions } from './columns.ts';
import { browserDrawPage, DrawSchedule } from './draw-schedule.ts';
import type { Feed } from './feed.ts';
import { FrozenView } from './frozen-view.ts';
import type { RowView } from './row-pool.ts';
import { Rows } from './rows.ts';
import { Scroller } from './scroller.ts';
import { Wording } from './wording.ts';

/** The table, as its painter sees it. */
export interface PainterHost {
  /** Where column widths are written as custom properties. */
  readonly style: CSSStyleDeclaration;
  isPaused(): boolean;
  /** The page's own columns; undefined: all of the stream's. */
  declaredColumns(): readonly ColumnOptions[] | undefined;
  /** Row changes were drawn. */
  onChanges(changes: number): void;
  /** What the shell shows has changed. */
  requestUpdate(): void;
}

/** The painter of one table. */
export class TablePainter {
  readonly schedule = new DrawSchedule(browserDrawPage, () => this.#draw());
  readonly layout = new ColumnLayout();
  readonly #host: PainterHost;
  #wording = new Wording('en');
  #feed: Feed | undefined;
  #leaveFeed: (() => void) | undefined;
  #rows = new Rows();
  #scroller: Scroller | undefined;
  #frozen: FrozenView | undefined;
  #shownSize = 0;
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
    this.forgetColumns();
  }

  /** Rows in the table at the last draw. */
  get shownSize(): number {
    return this.#shownSize;
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
  get view(): RowView {
    return this.#frozen ?? this.#rows;
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
    this.#frozen = undefined;
    this.#drawnChanges = rows.changes;
    this.#hasDrawn = false;
    this.skipMarks();
    this.forgetColumns();
  }

  /** Finds its elements in the shell. @throws {TypeError} where one is missing. */
  mount(root: ParentNode): void {
    const find = (selector: string): HTMLElement => {
      const element = root.querySelector(selector);
      if (element instanceof HTMLElement) return element;
      throw new TypeError(`the shell has no ${selector}`);
    };
    const parts = {
      box: find('.scroller'),
      header: find('.head'),
      spacer: find('.spacer'),
      body: find('.body'),
      probe: find('.probe'),
    };
    this.#scroller = new Scroller(parts, () => this.schedule.requestNow());
    this.#scroller.setColumns(this.layout.columns);
  }

  /** Draws from now on. @returns the undo. */
  connect(): () => void {
    const disconnect = this.#scroller?.connect();
    this.schedule.request();
    return () => {
      this.schedule.cancel();
      disconnect?.();
    };
  }

  /** The next draw marks nothing as changed: after a snapshot, or after being hidden. */
  skipMarks(): void {
    this.#marks = false;
  }

  /** Lets go of what a paused table went on showing. */
  thaw(): void {
    this.#frozen = undefined;
  }

  /** The columns are resolved again at the next draw. */
  forgetColumns(): void {
    this.layout.forget();
    this.schedule.request();
  }

  /** Writes every cell again where times are shown that age. */
  age(): void {
    if (!this.layout.columns.some((column) => column.ages)) return;
    this.#scroller?.invalidate();
    this.schedule.request();
  }

  scrollToIndex(index: number): void {
    this.#scroller?.scrollToIndex(index);
  }

  #draw(): void {
    const scroller = this.#scroller;
    if (scroller === undefined) return;
    const host = this.#host;
    const rows = this.#rows;
    if (this.layout.update(rows, () => host.declaredColumns(), this.#wording)) {
      scroller.setColumns(this.layout.columns);
      this.#marks = false;
      host.requestUpdate();
    }
    this.layout.applyWidths(rows, host.style);
    const isLoading = this.#feed?.loaded !== undefined;
    const flash =
      this.#marks && !isLoading ? { now: performance.now(), since: this.#drawnChanges } : undefined;
    scroller.draw(this.view, flash, this.#frozen !== undefined);
    if (this.#frozen !== undefined) {
      host.requestUpdate(); // the count of what waits
      return;
    }
    this.#marks = !isLoading && rows.size > 0;
    const changes = this.waiting;
    this.#drawnChanges = rows.changes;
    if (changes > 0) host.onChanges(changes);
    const isFirst = !this.#hasDrawn && this.#feed?.init !== undefined;
    if (rows.size !== this.#shownSize || isLoading || isFirst) {
      this.#shownSize = rows.size;
      this.#hasDrawn ||= isFirst;
      host.requestUpdate();
    }
    // A table that starts paused shows its first snapshot all the same.
    if (host.isPaused() && this.#hasDrawn && !isLoading) this.#frozen = new FrozenView(rows);
  }
}
