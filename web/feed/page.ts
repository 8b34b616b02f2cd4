/**
 * What the feed needs of the browser besides `fetch`: time, and whether the page is seen and online.
 * Tests pass a fake one.
 *
 * @see STYLE 14, FRONTEND 4 "Honest freshness"
 */

/** The page the component lives in. */
export interface Page {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `delayMs`. @returns the cancel. */
  after(delayMs: number, fn: () => void): () => void;
  /** Calls `fn` each `periodMs`. @returns the cancel. */
  every(periodMs: number, fn: () => void): () => void;
  isOnline(): boolean;
  isVisible(): boolean;
  /** Calls `fn` whenever `isOnline()` or `isVisible()` may have changed. @returns its undo. */
  watch(fn: () => void): () => void;
}

/** The real page. Safe to have, but not to watch, without a DOM. */
export const browserPage: Page = {
  now: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, fn) {
    const timer = setInterval(fn, periodMs);
    return () => clearInterval(timer);
  },
  isOnline: () => navigator.onLine,
  isVisible: () => document.visibilityState === 'visible',
  watch(fn) {
    window.addEventListener('online', fn);
    window.addEventListener('offline', fn);
    document.addEventListener('visibilitychange', fn);
    return () => {
      window.removeEventListener('online', fn);
      window.removeEventListener('offline', fn);
      document.removeEventListener('visibilitychange', fn);
    };
  },
};
