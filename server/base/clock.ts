/**
 * Time, passed in: the one way any part of the server learns the time or waits.
 *
 * @see STYLE 14
 */

/** What a scheduled call returns: call it to cancel. Harmless after the call has run. */
export type Cancel = () => void;

/** A source of time. Tests pass a fake one and turn it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `delayMs`; 0 means after the I/O events at hand. Keeps the process alive. */
  after(delayMs: number, fn: () => void): Cancel;
  /** Calls `fn` each `periodMs`. Does not by itself keep the process alive. */
  every(periodMs: number, fn: () => void): Cancel;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fn) {
    if (delayMs <= 0) {
      const immediate = setImmediate(fn);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(fn, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, fn) {
    const timer = setInterval(fn, periodMs);
    timer.unref();
    return () => clearInterval(timer);
  },
};
