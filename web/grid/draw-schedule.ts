/**
 * When to draw: once per animation frame, never sooner than the debounce after the last draw, and no
 * more than half the time however slow the drawing; not at all while nobody sees the page.
 *
 * @see FRONTEND 2
 */

/** Draws whose mean time is the least pause: enough to be steady, few enough to follow. */
const REMEMBERED_DRAWS = 5;

/** What the schedule needs of the page. */
export interface DrawPage {
  /** Milliseconds, monotonic. */
  now(): number;
  after(delayMs: number, fn: () => void): () => void;
  /** Calls `fn` in the next animation frame. @returns the cancel. */
  frame(fn: () => void): () => void;
  isVisible(): boolean;
}

/** Calls `draw` some time after `request()`. */
export class DrawSchedule {
  /** The least time between two draws, in ms; 0 draws in every frame. */
  debounceMs = 100;
  readonly #page: DrawPage;
  readonly #draw: () => boolean;
  readonly #onDrawn: ((drawMs: number) => void) | undefined;
  readonly #drawTimes: number[] = [];
  #lastDrawEnd = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #isUrgent = false;

  /**
   * @param draw returns whether it is to be called again, as long as something fades.
   * @param onDrawn told how long each draw took; not counted among it.
   */
  constructor(page: DrawPage, draw: () => boolean, onDrawn?: (drawMs: number) => void) {
    this.#page = page;
    this.#draw = draw;
    this.#onDrawn = onDrawn;
  }

  /** Something changed. While hidden it does nothing: ask again when the page is shown. */
  request(): void {
    if (this.#cancel !== undefined || !this.#page.isVisible()) return;
    const meanDrawMs = this.#drawTimes.reduce((sum, ms) => sum + ms, 0) / REMEMBERED_DRAWS;
    const pauseMs = Math.max(this.debounceMs, meanDrawMs);
    const waitMs = this.#lastDrawEnd + pauseMs - this.#page.now();
    this.#cancel = waitMs > 0 ? this.#page.after(waitMs, () => this.#atFrame()) : undefined;
    if (this.#cancel === undefined) this.#atFrame();
  }

  /** The user did something, such as scrolling: draws in the next frame, without the pause. */
  requestNow(): void {
    if (this.#isUrgent || !this.#page.isVisible()) return;
    this.cancel();
    this.#isUrgent = true;
    this.#atFrame();
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#isUrgent = false;
  }

  #atFrame(): void {
    this.#cancel = this.#page.frame(() => {
      this.#cancel = undefined;
      this.#isUrgent = false;
      if (!this.#page.isVisible()) return; // hidden since it was asked for
      const start = this.#page.now();
      const goesOn = this.#draw();
      this.#lastDrawEnd = this.#page.now();
      const drawMs = this.#lastDrawEnd - start;
      this.#drawTimes.push(drawMs);
      if (this.#drawTimes.length > REMEMBERED_DRAWS) this.#drawTimes.shift();
      this.#onDrawn?.(drawMs);
      if (goesOn) this.request();
    });
  }
}

/** The real page. */
export const browserDrawPage: DrawPage = {
  now: () => performance.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  frame(fn) {
    const id = requestAnimationFrame(fn);
    return () => cancelAnimationFrame(id);
  },
  isVisible: () => document.visibilityState === 'visible',
};
