/**
 * What a page can tell of its own drawing: when frames came, when rows were first to be seen, how old
 * what is shown is, and where the viewport is blank.
 */
import type { Grid } from './grid.ts';

/** Frames of some time, all in ms. */
export interface Frames {
  /** From one frame to the next. */
  gapsMs: number[];
  /** From the writing of the marker to the frame that shows it. */
  latenciesMs: number[];
  /** Frames drawn with part of the viewport without rows. */
  blank: number;
  /** The greatest part without rows, in px. */
  mostBlankPx: number;
}

/** When things were to be seen, in ms after the first byte. */
export interface LoadTimes {
  firstPaintMs: number;
  completeMs: number;
}

/** Bytes of the stream came first at this moment; see `noteFirstByte`. */
let firstByteAt = Number.NaN;

/** Notes when the answer to a request for the stream begins. */
export function noteFirstByte(): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (...args) => {
    const response = await fetch(...args);
    firstByteAt = performance.now();
    return response;
  };
}

/** Calls `fn` right after the next frame is drawn, with the frame's time. */
function afterFrame(fn: (time: number) => void): void {
  requestAnimationFrame((time) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => fn(time);
    port2.postMessage(undefined);
  });
}

/** Resolves when all `rows` rows have been drawn. */
export function watchLoad(grid: Grid, rows: number): Promise<LoadTimes> {
  return new Promise((resolve) => {
    let firstPaintMs = Number.NaN;
    let isDone = false;
    const look = (): void => {
      const nowMs = performance.now() - firstByteAt;
      const isPainted = grid.root.querySelector(grid.rowSelector) !== null;
      if (isPainted && Number.isNaN(firstPaintMs)) firstPaintMs = nowMs;
      if (isDone && isPainted) {
        resolve({ firstPaintMs, completeMs: nowMs });
        return;
      }
      // Held by now, and so shown by the frame after.
      isDone = grid.size >= rows;
      afterFrame(look);
    };
    afterFrame(look);
  });
}

/** Watches frames for a while, scrolling by so many px in each. */
export function watchFrames(grid: Grid, forMs: number, pxPerFrame: number): Promise<Frames> {
  return new Promise((resolve) => {
    const frames: Frames = { gapsMs: [], latenciesMs: [], blank: 0, mostBlankPx: 0 };
    const marker = new Marker(grid.root);
    const endMs = performance.now() + forMs;
    let before: number | undefined;
    const onFrame = (time: number): void => {
      if (before !== undefined) frames.gapsMs.push(time - before);
      before = time;
      if (pxPerFrame !== 0 && grid.scroller !== undefined) grid.scroller.scrollTop += pxPerFrame;
      if (performance.now() >= endMs) resolve(frames);
      else requestAnimationFrame(onFrame);
    };
    const onDrawn = (): void => {
      if (pxPerFrame === 0) {
        const latencyMs = marker.read();
        if (latencyMs !== undefined) frames.latenciesMs.push(latencyMs);
      } else if (grid.scroller !== undefined) {
        const blankPx = measureBlank(grid, grid.scroller);
        if (blankPx > 1) frames.blank++;
        frames.mostBlankPx = Math.max(frames.mostBlankPx, blankPx);
      }
      if (performance.now() < endMs) afterFrame(onDrawn);
    };
    requestAnimationFrame(onFrame);
    afterFrame(onDrawn);
  });
}

/** Height of the viewport in px that no row covers, or one whose contents the browser has left out. */
export function measureBlank(grid: Grid, scroller: HTMLElement): number {
  const box = scroller.getBoundingClientRect();
  const top = box.top + grid.headerHeight;
  const bottom = box.top + scroller.clientHeight;
  let coveredPx = 0;
  for (const row of grid.root.querySelectorAll(grid.rowSelector)) {
    if (!row.checkVisibility({ contentVisibilityAuto: true })) continue;
    const rect = row.getBoundingClientRect();
    coveredPx += Math.max(0, Math.min(rect.bottom, bottom) - Math.max(rect.top, top));
  }
  return Math.max(0, bottom - top - coveredPx);
}

/** The text `@<ms>` somewhere among the rows. */
class Marker {
  readonly #root: ParentNode & Node;
  #text: Text | undefined;
  #shown = '';

  constructor(root: ParentNode & Node) {
    this.#root = root;
    this.#shown = this.#find()?.data ?? '';
  }

  /** @returns how old it is, when it is another than the last time. */
  read(): number | undefined {
    const text = this.#find();
    if (text === undefined || text.data === this.#shown) return undefined;
    this.#shown = text.data;
    return performance.timeOrigin + performance.now() - Number(text.data.slice(1));
  }

  #find(): Text | undefined {
    const known = this.#text;
    if (known?.isConnected && known.data.startsWith('@')) return known;
    const walker = document.createTreeWalker(this.#root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node instanceof Text && node.data.startsWith('@')) {
        this.#text = node;
        return node;
      }
    }
    return undefined;
  }
}
