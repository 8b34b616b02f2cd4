/**
 * A line on a terminal that tells how far a tool is; nothing where there is no terminal.
 */
import type { Output } from './terminal.ts';

const CELLS = 24;

/** To the line's beginning, and away with all that is on it. */
const CLEAR = '\r\u001B[K';

export class ProgressBar {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  /** @param share from 0 to 1. */
  show(share: number, text: string): void {
    if (this.#output.isTTY !== true) return;
    const full = Math.round(Math.min(1, share) * CELLS);
    const bar = '█'.repeat(full) + '░'.repeat(CELLS - full);
    this.#output.write(CLEAR + `${bar} ${text}`.slice(0, (this.#output.columns ?? 80) - 1));
  }

  clear(): void {
    if (this.#output.isTTY === true) this.#output.write(CLEAR);
  }
}
