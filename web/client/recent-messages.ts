/**
 * The last messages of a stream, as they were when they came. Kept as text, and read when somebody
 * looks: rows that a table goes on changing are not changed here, and 20,000 a second cost little.
 *
 * @see SPEC 5
 */
import { type Message, readMessage } from './read-message.ts';

interface Kept {
  text: string;
  name: string | undefined;
  message: Message | undefined;
}

/** A bounded list of messages; the oldest leave. */
export class RecentMessages {
  readonly #max: number;
  #kept: Kept[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  push(text: string, name: string | undefined): void {
    this.#kept.push({ text, name, message: undefined });
    // Twice the limit before it is cut: no shifting of the whole list for each message.
    if (this.#kept.length > 2 * this.#max) this.#kept = this.#last();
  }

  clear(): void {
    this.#kept = [];
  }

  /** The last messages, the oldest first: a list of the caller's own. */
  list(): Message[] {
    return this.#last().map((kept) => {
      kept.message ??= { ...readMessage(kept.text, kept.name) };
      return kept.message;
    });
  }

  #last(): Kept[] {
    return this.#max === 0 ? [] : this.#kept.slice(-this.#max);
  }
}
