/** A client of any stream by the npm package `eventsource`: comes back by itself, as in a browser. */
import { EventSource } from 'eventsource';

const LIMIT_MS = 8_000;

/** An event as JSON, with its id. */
export interface Heard {
  type: string;
  id: string;
  [name: string]: unknown;
}

/** Keeps what it hears. Disposing of it leaves. */
export class EventSourceClient implements Disposable {
  readonly events: Heard[] = [];
  readonly #source: EventSource;
  #notify: () => void = () => undefined;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
    });
    this.#source.onmessage = ({ data, lastEventId }) => {
      this.events.push({ ...JSON.parse(data), id: lastEventId });
      this.#notify();
    };
    this.#source.onerror = () => this.#notify();
  }

  /** It has given up, as it does after 204 and after errors. */
  get isClosed(): boolean {
    return this.#source.readyState === this.#source.CLOSED;
  }

  of(type: string): Heard[] {
    return this.events.filter((event) => event.type === type);
  }

  /** Waits until something is so. @throws {Error} with what has come, where it does not become so. */
  async until(isSo: () => boolean): Promise<void> {
    const endMs = performance.now() + LIMIT_MS;
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#notify = resolve;
      const timer = setTimeout(resolve, endMs - performance.now());
      await promise;
      clearTimeout(timer);
      if (performance.now() >= endMs) {
        throw new Error(`never so; ${JSON.stringify(this.events.slice(-20))}`);
      }
    }
  }

  /** Waits for so many events of a type, and gives them. */
  async first(count: number, type: string): Promise<Heard[]> {
    await this.until(() => this.of(type).length >= count);
    return this.of(type);
  }

  [Symbol.dispose](): void {
    this.#source.close();
  }
}
