/**
 * Finds the time stamps in a stream's text, however it was cut into reads: each change carries one.
 */

/** Every change of a benchmark has this column: the µs since the Unix epoch at which it was published. */
const STAMP = /"at":(\d{16})/g;

/** A stamp takes one character more, so what is kept of a read never holds a whole one. */
const TAIL_CHARS = '"at":'.length + 16 - 1;

/** Counts the changes of one stream, and how late they were. */
export class EventSampler {
  changes = 0;
  /** From the call that published a change to its reading, in µs. */
  latenciesUs: number[] = [];
  /** The latest stamp, in µs since the Unix epoch. */
  newestUs = 0;
  #tail = '';

  /** Takes what was read at `nowUs`. */
  push(bytes: Buffer, nowUs: number): void {
    const text = this.#tail + bytes.toString('latin1');
    let end = 0;
    for (const match of text.matchAll(STAMP)) {
      const atUs = Number(match[1]);
      this.changes++;
      this.latenciesUs.push(nowUs - atUs);
      if (atUs > this.newestUs) this.newestUs = atUs;
      end = match.index + match[0].length;
    }
    this.#tail = text.slice(Math.max(end, text.length - TAIL_CHARS));
  }

  /** Starts counting anew; a stamp of which half has been read still counts. */
  reset(): void {
    this.changes = 0;
    this.latenciesUs = [];
    this.newestUs = 0;
  }
}
