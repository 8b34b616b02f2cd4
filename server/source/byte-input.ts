/**
 * Where a line source gets its bytes: a stream read to its end, or a file that is followed.
 *
 * @see SPEC 2, 6
 */
import type { Readable } from 'node:stream';
import type { SourceContext } from './source.ts';

/** Bytes, valid until the next piece is asked for; or the news that another file begins here. */
export type Piece = Uint8Array | 'restart';

export interface ByteInput {
  /** Why no bytes can come at the moment. */
  readonly down: string | undefined;
  /** Read once. Returns when the input ends or the signal is aborted; throws where it fails. */
  read(context: SourceContext): AsyncIterable<Piece>;
}

/** A stream that is opened when reading begins: standard input, a file, a named pipe. */
export class StreamInput implements ByteInput {
  readonly down = undefined;
  readonly #open: () => Readable;

  constructor(open: () => Readable) {
    this.#open = open;
  }

  async *read({ signal }: SourceContext): AsyncGenerator<Piece> {
    if (signal.aborted) return;
    const stream = this.#open();
    const stop = (): void => {
      stream.destroy();
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const chunk of stream) yield toBytes(chunk);
    } catch (error) {
      if (!signal.aborted) throw error; // destroying the stream ends the loop with an error
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

function toBytes(chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
}
