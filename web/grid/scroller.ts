/**
 * Shows a view of rows through a scrolling box: measures it, follows its scrolling, keeps the rows
 * being read in place when others come or go above, and has the pool paint the window.
 *
 * @see FRONTEND 2, 3
 */

import type { HeldRow } from '../feed/rows.ts';
import type { ViewColumn } from './columns.ts';
import { type Flash, RowPool, type RowView } from './row-pool.ts';
import {
  follow,
  type Geometry,
  isWhole,
  type Position,
  spacerHeight,
  toScrollTop,
  visibleWindow,
} from './window.ts';

/** The elements a scroller works on; all but `box` are inside `box`. */
export interface ScrollerParts {
  /** What scrolls. */
  box: HTMLElement;
  /** The sticky header. */
  header: HTMLElement;
  /** As tall as all rows together. */
  spacer: HTMLElement;
  /** Holds the rows drawn; moved as one. */
  body: HTMLElement;
  /** As tall as one row; tells when the font, the theme or the zoom changes that. */
  probe: HTMLElement;
}

/** Finds the elements by their classes. @throws {TypeError} where one is missing. */
export function findParts(root: ParentNode): ScrollerParts {
  const find = (selector: string): HTMLElement => {
    const element = root.querySelector(selector);
    if (element instanceof HTMLElement) return element;
    throw new TypeError(`the shell has no ${selector}`);
  };
  return {
    box: find('.scroller'),
    header: find('.head'),
    spacer: find('.spacer'),
    body: find('.body'),
    probe: find('.probe'),
  };
}

/** Nobody sees a flash go by; while scrolling, and this long after, nothing is marked. */
const SCROLL_REST_MS = 200;

/** The scroller. `connect()` before use. */
export class Scroller {
  readonly #parts: ScrollerParts;
  readonly #onNeed: () => void;
  readonly #pool: RowPool;
  readonly #geometry: Geometry = { count: 0, rowHeight: 0, viewportHeight: 0 };
  #position: Position = { scrollTop: 0, offset: 0 };
  #isWhole = true;
  #spacerHeight = -1;
  #headerHeight = 0;
  #scrollbarHeight = 0;
  #naturalHeight = -1;
  #bodyTop = -1;
  #scrolledAt = Number.NEGATIVE_INFINITY;
  /** The first row in sight at the last draw, and the rows after it in case it leaves. */
  #anchors: HeldRow[] = [];
  #anchorIndex = 0;

  /** @param onNeed called when the window moved or was resized: draw soon. */
  constructor(parts: ScrollerParts, onNeed: () => void) {
    this.#parts = parts;
    this.#onNeed = onNeed;
    this.#pool = new RowPool(parts.body);
  }

  /** Starts to follow the box. @returns the undo. */
  connect(): () => void {
    const { box, header, probe } = this.#parts;
    const onScroll = () => this.#onScroll();
    const onScrollEnd = () => this.#settle();
    const observer = new ResizeObserver(() => this.#measure());
    for (const part of [box, header, probe]) observer.observe(part);
    box.addEventListener('scroll', onScroll, { passive: true });
    box.addEventListener('scrollend', onScrollEnd, { passive: true });
    this.#measure();
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', onScroll);
      box.removeEventListener('scrollend', onScrollEnd);
    };
  }

  setColumns(columns: readonly ViewColumn[]): void {
    this.#pool.setColumns(columns);
  }

  /** Has every shown cell written again at the next draw. */
  invalidate(): void {
    this.#pool.invalidate();
  }

  /** The reader has left the top. */
  get isAway(): boolean {
    return this.#position.offset > 0;
  }

  /** The rows painted last. */
  get painted(): RowPool['painted'] {
    return this.#pool.painted;
  }

  /** Marks are fading: draw on. */
  get isFading(): boolean {
    return this.#pool.isFading;
  }

  /** How far the row at `index` is from the top of the spacer, in px. */
  topOf(index: number): number {
    const { scrollTop, offset } = this.#position;
    return scrollTop - offset + index * this.#geometry.rowHeight;
  }

  /** Rows written so far, by all draws. */
  get writes(): number {
    return this.#pool.writes;
  }

  /** All rows are in the DOM. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Rows that fit into the box. */
  get pageSize(): number {
    const { rowHeight, viewportHeight } = this.#geometry;
    return Math.floor(viewportHeight / rowHeight) || 1;
  }

  /** Scrolls no further than needed for the row at `index` to be in sight. */
  reveal(index: number): void {
    const { rowHeight, viewportHeight } = this.#geometry;
    const top = index * rowHeight;
    const { offset } = this.#position;
    if (top < offset) this.#scrollTo(top);
    else if (top + rowHeight > offset + viewportHeight)
      this.#scrollTo(top + rowHeight - viewportHeight);
  }

  /** Scrolls so that the row at `index` is the first in sight, or as near as the end allows. */
  scrollToIndex(index: number): void {
    this.#scrollTo(index * this.#geometry.rowHeight);
  }

  #scrollTo(offset: number): void {
    this.#anchors = [];
    this.#moveTo(toScrollTop(this.#geometry, offset), offset);
    this.#onNeed();
  }

  /** Draws the window of `view`. See `RowPool.paint` for `flash` and `frozen`. */
  draw(view: RowView, flash: Flash | undefined, frozen: boolean): void {
    const geometry = this.#geometry;
    geometry.count = view.size;
    const height = spacerHeight(geometry);
    if (height !== this.#spacerHeight) {
      this.#spacerHeight = height;
      this.#parts.spacer.style.setProperty('height', `${height}px`);
    }
    this.#setNaturalHeight();
    this.#keepAnchor(view);
    this.#isWhole = isWhole(geometry.count, this.#isWhole);
    const { first, last } = this.#isWhole
      ? { first: 0, last: geometry.count }
      : visibleWindow(geometry, this.#position.offset);
    const isScrolling = flash !== undefined && flash.now - this.#scrolledAt < SCROLL_REST_MS;
    this.#pool.paint(view, first, last, isScrolling ? undefined : flash, frozen);
    // In a scaled table a small scroll moves scrollTop and offset alike, so this stays put as well.
    const top = this.topOf(first);
    if (top !== this.#bodyTop) {
      this.#bodyTop = top;
      this.#parts.body.style.setProperty('transform', `translateY(${top}px)`);
    }
    this.#rememberAnchor(view);
  }

  /** The box contains its size, so that it is told how tall it would like to be. */
  #setNaturalHeight(): void {
    const height = this.#headerHeight + this.#spacerHeight + this.#scrollbarHeight;
    if (height === this.#naturalHeight) return;
    this.#naturalHeight = height;
    this.#parts.box.style.setProperty('height', `${height}px`);
  }

  /** Rows above the window came or went: the rows in sight stay where they are. */
  #keepAnchor(view: RowView): void {
    const { rowHeight } = this.#geometry;
    let { scrollTop, offset } = this.#position;
    if (offset > 0 && !view.isSorted) {
      const at = this.#anchors.findIndex((held) => view.indexOf(held) !== -1);
      const held = this.#anchors[at];
      const moved = held === undefined ? 0 : view.indexOf(held) - (this.#anchorIndex + at);
      offset = Math.max(0, offset + moved * rowHeight);
      if (moved !== 0) scrollTop = toScrollTop(this.#geometry, offset);
    }
    const before = { scrollTop, offset };
    const position = follow(this.#geometry, before, scrollTop);
    this.#moveTo(position.scrollTop, position.offset);
  }

  #rememberAnchor(view: RowView): void {
    const { rowHeight, viewportHeight } = this.#geometry;
    this.#anchors = [];
    if (rowHeight <= 0 || this.#position.offset <= 0) return;
    this.#anchorIndex = Math.floor(this.#position.offset / rowHeight);
    const end = Math.min(view.size, this.#anchorIndex + Math.ceil(viewportHeight / rowHeight));
    for (let index = this.#anchorIndex; index < end; index++) {
      const held = view.at(index);
      if (held !== undefined) this.#anchors.push(held);
    }
  }

  #onScroll(): void {
    const { scrollTop } = this.#parts.box;
    if (scrollTop === this.#position.scrollTop) return;
    this.#scrolledAt = performance.now();
    const position = follow(this.#geometry, this.#position, scrollTop);
    // Overscrolled by a touch screen: the browser brings it back by itself.
    if (scrollTop >= 0) this.#moveTo(position.scrollTop, position.offset, scrollTop);
    this.#anchors = [];
    this.#onNeed();
  }

  /** Scrolling has come to rest: the thumb is put where the offset belongs. */
  #settle(): void {
    const { offset } = this.#position;
    const scrollTop = toScrollTop(this.#geometry, offset);
    if (scrollTop === this.#position.scrollTop) return;
    this.#moveTo(scrollTop, offset);
    this.#onNeed();
  }

  #moveTo(scrollTop: number, offset: number, actual = this.#position.scrollTop): void {
    // Heights are rounded on their way through the browser; one pixel is no move.
    if (Math.abs(scrollTop - actual) > 1) {
      this.#parts.box.scrollTop = scrollTop;
      // The browser rounds to its own pixels: what it says is what the next scroll is told from.
      const rounded = this.#parts.box.scrollTop;
      this.#position = { scrollTop: rounded, offset };
    } else {
      this.#position = { scrollTop, offset };
    }
  }

  #measure(): void {
    const { box, header, probe } = this.#parts;
    const rowHeight = probe.getBoundingClientRect().height;
    const headerHeight = header.offsetHeight;
    const scrollbarHeight = box.offsetHeight - box.clientHeight;
    const viewportHeight = Math.max(0, box.clientHeight - headerHeight);
    const geometry = this.#geometry;
    if (
      rowHeight === geometry.rowHeight &&
      viewportHeight === geometry.viewportHeight &&
      headerHeight === this.#headerHeight &&
      scrollbarHeight === this.#scrollbarHeight
    ) {
      return;
    }
    this.#headerHeight = headerHeight;
    this.#scrollbarHeight = scrollbarHeight;
    geometry.rowHeight = rowHeight;
    geometry.viewportHeight = viewportHeight;
    this.#onNeed();
  }
}
