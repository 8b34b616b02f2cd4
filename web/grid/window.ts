/**
 * Which rows a scroll position shows: pure arithmetic, no DOM.
 *
 * Browsers limit the height of an element (Firefox ignores one above 17.9 million px, Chrome clamps at
 * 33.5 million), so a taller table gets a spacer of 8 million px and two positions: `scrollTop`, the
 * browser's, and `offset`, the place in the real height. Near both ends they move alike, so that the
 * ends are reached exactly; between, a drag of the thumb is scaled and a small move is not.
 *
 * @see FRONTEND 2
 */

/** The tallest spacer, in px. */
export const MAX_HEIGHT = 8_000_000;

/** The part at each end of a tall table where scrollTop and offset move alike, in px. */
const EDGE = 200_000;

/** scrollTop may stray this far from where offset says it should be before it is set right, in px. */
const MAX_DRIFT = EDGE / 2;

/** A move beyond this many viewports is a jump to a place, not a step of reading. */
const JUMP_VIEWPORTS = 2;

/** Tables up to here are in the DOM whole: find, print and copy just work. */
const WHOLE_ROWS = 1_000;

/** A table that was windowed becomes whole again only below this, lest it flip at the border. */
const WHOLE_AGAIN_ROWS = 900;

/**
 * Rows drawn beyond each edge of the viewport: a scroll is heard of in the frame after, and one of 400 px
 * a frame must not uncover blanks (`bench:browser scroll`). Out of sight they cost no layout.
 */
const OVERSCAN_ROWS = 12;

/** Sizes in px. `viewportHeight` is what rows can be seen through: without the header. */
export interface Geometry {
  count: number;
  rowHeight: number;
  viewportHeight: number;
}

/** Where the table is scrolled to, in px. */
export interface Position {
  scrollTop: number;
  offset: number;
}

/** Rows `first` to `last`, the latter excluded. */
export interface Window {
  first: number;
  last: number;
}

/** The height to give the spacer, in px. */
export function spacerHeight(geometry: Geometry): number {
  return Math.min(geometry.count * geometry.rowHeight, MAX_HEIGHT);
}

/** The greatest offset. */
export function maxOffset(geometry: Geometry): number {
  return Math.max(0, geometry.count * geometry.rowHeight - geometry.viewportHeight);
}

/** The greatest scrollTop. */
export function maxScrollTop(geometry: Geometry): number {
  return Math.max(0, spacerHeight(geometry) - geometry.viewportHeight);
}

/** The offset a thumb dragged to `scrollTop` stands for. */
export function toOffset(geometry: Geometry, scrollTop: number): number {
  return rescale(scrollTop, maxScrollTop(geometry), maxOffset(geometry));
}

/** The scrollTop that stands for `offset`: the inverse of `toOffset`. */
export function toScrollTop(geometry: Geometry, offset: number): number {
  return rescale(offset, maxOffset(geometry), maxScrollTop(geometry));
}

function rescale(value: number, from: number, to: number): number {
  const at = clamp(value, 0, from);
  if (from === to || at <= EDGE) return Math.min(at, to);
  if (at >= from - EDGE) return to - (from - at);
  return EDGE + ((at - EDGE) * (to - 2 * EDGE)) / (from - 2 * EDGE);
}

/**
 * The position after the browser scrolled to `scrollTop`, or after rows came or went (then with the
 * old scrollTop).
 * @returns a position; where its scrollTop is not the browser's, the caller sets the browser's.
 */
export function follow(geometry: Geometry, before: Position, scrollTop: number): Position {
  const bottom = maxScrollTop(geometry);
  if (bottom === maxOffset(geometry)) {
    const offset = clamp(scrollTop, 0, bottom);
    return { scrollTop: offset, offset };
  }
  const move = scrollTop - before.scrollTop;
  if (Math.abs(move) > JUMP_VIEWPORTS * geometry.viewportHeight) {
    return { scrollTop, offset: toOffset(geometry, scrollTop) };
  }
  const offset = clamp(before.offset + move, 0, maxOffset(geometry));
  const exact = toScrollTop(geometry, offset);
  const isAtEnd = scrollTop <= 0 || scrollTop >= bottom;
  const isFarOff = isAtEnd || Math.abs(exact - scrollTop) > MAX_DRIFT;
  return { scrollTop: isFarOff ? exact : scrollTop, offset };
}

/** Whether all rows go into the DOM. `wasWhole`: the last answer. */
export function isWhole(count: number, wasWhole: boolean): boolean {
  return count <= (wasWhole ? WHOLE_ROWS : WHOLE_AGAIN_ROWS);
}

/** The rows to draw at `offset`: those in sight and some around them. */
export function visibleWindow(geometry: Geometry, offset: number): Window {
  const { count, rowHeight, viewportHeight } = geometry;
  if (rowHeight <= 0) return { first: 0, last: 0 };
  const last = Math.ceil((offset + viewportHeight) / rowHeight) + OVERSCAN_ROWS;
  const first = Math.floor(offset / rowHeight) - OVERSCAN_ROWS;
  return { first: clamp(first, 0, count), last: clamp(last, 0, count) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
