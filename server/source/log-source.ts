/**
 * A log that is followed: its last lines, then each new one, as rows of `line`, `message` and `timestamp`.
 *
 * Nothing of it is skipped: bytes that are not UTF-8 are shown as U+FFFD, and of a line that is too
 * long the beginning.
 *
 * @see SPEC 3.6
 */
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { beforeCr, type LineHandler, LineSplitter } from '../table/lines/line-splitter.ts';
import type { Writer } from '../table/writer.ts';
import type { Change } from '../wire/change.ts';
import { FollowInput } from './follow.ts';
import type { Batch, Source, SourceContext, TableSpec } from './source.ts';
import { offsetOfLastLines } from './tail-offset.ts';

/** With 1,000 lines kept no log takes more than 16 MiB. */
const MAX_LINE_BYTES = 16 * 1_024;

/** Ends the beginning of a line that is too long. */
const CUT = '…';

/** HTTP writes do not reach the file. */
const REFUSING: Writer = {
  write() {
    const message = 'this table is a log; its program alone writes to it';
    return Promise.reject(new SseTableError('read_only', message));
  },
};

export interface LogSourceOptions {
  /** The name of the table, too. */
  service: string;
  path: string;
  /** Lines that are kept, and read of a file that is there. */
  keptLines: number;
  clock: Clock;
  random: Random;
}

/** Follows one log. */
export class LogSource implements Source {
  readonly name: string;
  readonly #options: LogSourceOptions;
  readonly #input: FollowInput;

  constructor(options: LogSourceOptions) {
    const { service, path, keptLines, clock, random } = options;
    this.name = `log ${service}`;
    this.#options = options;
    this.#input = new FollowInput(path, {
      clock,
      random,
      startAt: (file) => offsetOfLastLines(file, keptLines, keptLines * MAX_LINE_BYTES),
    });
  }

  /** A log that is not there yet is no reason to send clients elsewhere; the server's own log says it. */
  get down(): undefined {
    return undefined;
  }

  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const { service, keptLines, clock } = this.#options;
    open({ name: service, key: 'line', append: true, maxRows: keptLines, writer: REFUSING });
    const lines = new LogLines(clock);
    for await (const piece of this.#input.read(context)) {
      const changes = piece === 'restart' ? lines.restart() : lines.take(piece);
      if (changes.length > 0) yield { table: service, changes };
    }
  }
}

/** Turns bytes into rows. */
class LogLines implements LineHandler {
  readonly #clock: Clock;
  #splitter = new LineSplitter(MAX_LINE_BYTES, this);
  #line = 0;
  #timestamp = '';
  #changes: Change[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(piece: Uint8Array): Change[] {
    this.#timestamp = new Date(this.#clock.now()).toISOString();
    this.#splitter.push(piece);
    return this.#taken();
  }

  /** Another file begins: the old one's last line is complete. */
  restart(): Change[] {
    this.#splitter.end();
    this.#splitter = new LineSplitter(MAX_LINE_BYTES, this);
    return this.#taken();
  }

  onLine(bytes: Buffer, start: number, end: number): void {
    this.#add(bytes.toString('utf8', start, beforeCr(bytes, start, end)));
  }

  onTooLong(_line: number, beginning: Buffer): void {
    this.#add(beginning.toString('utf8').replace(/\ufffd$/, '') + CUT);
  }

  #add(message: string): void {
    const data = { line: ++this.#line, message, timestamp: this.#timestamp };
    this.#changes.push({ type: 'add', data });
  }

  #taken(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}
