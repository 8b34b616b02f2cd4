/**
 * What the primary and its workers say to each other: one JSON object a line, over a private pipe.
 *
 * @see SPEC 9 "--workers N"
 */
import type { Readable } from 'node:stream';
import type { ErrorCode } from '../base/errors.ts';
import { LineSplitter } from '../table/lines/line-splitter.ts';
import type { Change, Key, Row } from '../wire/change.ts';
import type { Column } from '../wire/event.ts';

/** A longer line would not fit a JavaScript string: it cannot have been sent. */
const MAX_LINE_BYTES = 2 ** 29; // 512 MiB

/** The latest state of one key: its seq, and the row; or its key, where the row is gone. */
export type StateMessage = readonly [seq: number, rowOrKey: Row | Key];

/** From the primary. */
export type Downward =
  /** The first message: what the worker needs to know. */
  | { type: 'hello'; settings: unknown }
  /** The worker is to make a copy of a table; its states follow, then `live`. */
  | { type: 'load'; table: string; key: string; epoch: string }
  /** While loading in any order, the later the truer; else what changed since, oldest first. */
  | { type: 'states'; table: string; states: StateMessage[] }
  /** There is no such table any more. */
  | { type: 'drop'; table: string }
  /** The copy is whole; `changes` follow. */
  | { type: 'live'; table: string; seq: number; floorSeq: number; columns: Column[] }
  /** What changed after `from`: one flush, in every worker. Without `seqs` each change counts one. */
  | {
      type: 'changes';
      table: string;
      from: number;
      changes: Change[];
      seqs?: number[];
      batchUpdate?: string;
    }
  /** Answers to `enter`. */
  | { type: 'entered'; ask: number }
  | { type: 'refused'; ask: number; code: ErrorCode; message: string }
  /** The answer to `reach`: everything that had been applied by then has been sent. */
  | { type: 'reached'; ask: number }
  /** The certificate's files have changed. */
  | { type: 'reload' }
  /** End all streams and leave. */
  | { type: 'stop' };

/** From a worker. */
export type Upward =
  /** It listens. */
  | { type: 'ready'; port: number }
  /** It could not listen. */
  | { type: 'failed'; code: string; message: string }
  /** May this address open one more stream? */
  | { type: 'enter'; ask: number; address: string }
  /** A stream that had entered is gone. */
  | { type: 'leave'; ask: number }
  /** Tell me when I have everything that is applied now. */
  | { type: 'reach'; ask: number }
  /** Its figures, each second. */
  | { type: 'report'; report: unknown };

/** The bytes of one message. */
export function encodeMessage(message: Downward | Upward): Buffer {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

/**
 * Calls `onMessage` for each message that comes. The other end is this program, so that only the
 * type named by the caller is taken on trust.
 */
export function readMessages<Message>(
  stream: Readable,
  onMessage: (message: Message) => void,
): void {
  const splitter = new LineSplitter(MAX_LINE_BYTES, {
    onLine: (bytes, start, end) => onMessage(JSON.parse(bytes.toString('utf8', start, end))),
    onTooLong: () => {
      throw new RangeError(`a message has more than ${MAX_LINE_BYTES} bytes`);
    },
  });
  stream.on('data', (chunk: Buffer) => splitter.push(chunk));
}
