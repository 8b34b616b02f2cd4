/**
 * Listeners by event name. One that throws is reported by the page, and takes nothing down with it.
 *
 * @see STYLE 14
 */

/** Who listens to an object; `Events` gives the arguments of each event. */
export class Emitter<Events extends Record<string, unknown[]>> {
  readonly #listeners: { [Name in keyof Events]?: Set<(...args: Events[Name]) => void> } = {};

  /** Calls `fn` on each such event. @returns the undo. */
  on<Name extends keyof Events>(name: Name, fn: (...args: Events[Name]) => void): () => void {
    const listeners: Set<(...args: Events[Name]) => void> = this.#listeners[name] ?? new Set();
    this.#listeners[name] = listeners;
    listeners.add(fn);
    return () => listeners.delete(fn);
  }

  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    for (const fn of this.#listeners[name] ?? []) {
      try {
        fn(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
