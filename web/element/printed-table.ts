/**
 * The table that the server printed into this one: shown as it is until its rows are ours.
 *
 * @see FRONTEND 4 "No-JavaScript first paint"
 */
import type { FirstPaint } from '../feature/first-paint.ts';

/** What the page of one table came with. */
export class PrintedTable {
  #table: HTMLTableElement | undefined;
  #known: FirstPaint | undefined;

  /** Reads the printed table, if there is one and that is not done. @returns whether `then` is called. */
  read(element: Element, then: () => void): boolean {
    const table = element.querySelector('table');
    if (table?.dataset.sseTable === undefined || this.#table !== undefined) return false;
    this.#table = table;
    import('../feature/first-paint.ts')
      .then(({ readFirstPaint }) => {
        this.#known = readFirstPaint(table);
      }, console.error)
      .then(then); // without them, all rows are loaded
    return true;
  }

  /** What was read, once. */
  take(): FirstPaint | undefined {
    const known = this.#known;
    this.#known = undefined;
    return known;
  }

  get isShown(): boolean {
    return this.#table?.isConnected === true;
  }

  remove(): void {
    this.#table?.remove();
  }
}
