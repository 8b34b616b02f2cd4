/**
 * The page of a contender: sets its grid up, and does what the benchmark asks of it.
 */
import type { FedGrid, Grid, GridOptions } from './grid.ts';
import {
  type Frames,
  type LoadTimes,
  measureBlank,
  noteFirstByte,
  watchFrames,
  watchLoad,
} from './probe.ts';
import { readStream } from './read-stream.ts';

/** What the benchmark calls, as `bench` of the page. */
export interface PageBench {
  readonly loaded: Promise<LoadTimes>;
  /** Frames of so many ms, while the page rests or scrolls. */
  frames(forMs: number, pxPerFrame: number): Promise<Frames>;
  /** Scrolls to a share of the height. @returns px of the viewport that are blank three frames later. */
  jump(share: number): Promise<number>;
  size(): number;
  /** Changes of the grid's DOM since the last call. */
  domChanges(): number;
}

declare global {
  var bench: PageBench | undefined;
}

/** After a jump the scroll event is one frame late, and the drawing another. */
const JUMP_FRAMES = 3;

/** The address of the stream. */
export const STREAM = '/stream';

/** Runs the page of a grid that reads the stream itself. */
export function runPage(create: (host: HTMLElement, options: GridOptions) => Grid): void {
  const parameters = new URLSearchParams(location.search);
  const host = document.querySelector('#host');
  if (!(host instanceof HTMLElement)) throw new TypeError('the page has no host');
  noteFirstByte();
  const grid = create(host, { sorted: parameters.has('sorted') });
  let domChanges = 0;
  const observer = new MutationObserver((records) => {
    domChanges += records.length;
  });
  globalThis.bench = {
    loaded: watchLoad(grid, Number(parameters.get('rows'))),
    frames: (forMs, pxPerFrame) => watchFrames(grid, forMs, pxPerFrame),
    async jump(share) {
      const { scroller } = grid;
      if (scroller === undefined) throw new TypeError('nothing to scroll');
      scroller.scrollTop = scroller.scrollHeight * share;
      for (let frame = 0; frame < JUMP_FRAMES; frame++) await new Promise(requestAnimationFrame);
      return measureBlank(grid, scroller);
    },
    size: () => grid.size,
    domChanges() {
      const { root } = grid;
      domChanges += observer.takeRecords().length;
      const count = domChanges;
      domChanges = 0;
      observer.observe(root, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
      return count;
    },
  };
}

/** Runs the page of a grid that the benchmark feeds. */
export function runFedPage(create: (host: HTMLElement, options: GridOptions) => FedGrid): void {
  runPage((host, options) => {
    const grid = create(host, options);
    readStream(STREAM, grid).catch((error: unknown) => reportError(error));
    return grid;
  });
}
