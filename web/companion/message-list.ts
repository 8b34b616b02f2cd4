/**
 * The messages that an element holds: each once, by its id, in order of arrival, and not too many.
 *
 * @see SPEC 3.4, FRONTEND 4 "Companions"
 */
import type { Message } from '../../server/wire/event.ts';

/** Messages in order; the oldest leave. */
export class MessageList {
  readonly #byId = new Map<string, Message>();

  get size(): number {
    return this.#byId.size;
  }

  values(): Iterable<Message> {
    return this.#byId.values();
  }

  /** @returns whether it is new; one that was held keeps its place and takes what it says now. */
  put(message: Message, max: number): boolean {
    const id = String(message.id);
    const isNew = !this.#byId.has(id);
    this.#byId.set(id, message);
    if (this.#byId.size > max) {
      const [oldest] = this.#byId.keys();
      if (oldest !== undefined) this.#byId.delete(oldest);
    }
    return isNew;
  }

  clear(): void {
    this.#byId.clear();
  }
}
