/**
 * A Source of lines: standard input, or a file.
 *
 * @see SPEC 2, 6
 */
import type { Clock } from '../base/clock.ts';
import { LINE_COLUMN } from '../table/lines/reader.ts';
import type { Change, Row } from '../wire/change.ts';
import type { ByteInput, Piece } from './byte-input.ts';
import type { Format } from './format.ts';
import { Intake } from './intake.ts';
import { ProblemReport } from './problem-report.ts';
import type { Batch, Source, SourceContext, TableSpec } from './source.ts';

/** Rows in one batch: applying it takes a few ms, then requests have their turn. */
const MAX_BATCH_ROWS = 1_000;

export interface LineSourceOptions {
  /** `stdin`, `file orders.csv`. */
  name: string;
  table: string;
  key: string | undefined;
  /** Undefined: the first line tells. */
  format: Format | undefined;
  /** Stop at the first malformed line. */
  strict: boolean;
  maxLineBytes: number;
}

/** Reads rows from lines. */
export class LineSource implements Source {
  readonly name: string;
  readonly #options: LineSourceOptions;
  readonly #input: ByteInput;
  readonly #clock: Clock;

  constructor(options: LineSourceOptions, input: ByteInput, clock: Clock) {
    this.name = options.name;
    this.#options = options;
    this.#input = input;
    this.#clock = clock;
  }

  get down(): string | undefined {
    return this.#input.down;
  }

  /**
   * Ends with the input, after its last line.
   * @throws {SseTableError} `bad_key`, `bad_csv` for a header that cannot be used; any malformed line
   * when strict, after the rows before it.
   */
  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const { table, key, format, maxLineBytes, strict } = this.#options;
    const problems = new ProblemReport((report) => context.report(report), strict);
    const onProblem = problems.add.bind(problems);
    const intake = new Intake({ format, key, maxLineBytes, onProblem });
    let isOpen = false;
    let isEnded = false;
    const pieces = this.#input.read(context)[Symbol.asyncIterator]();
    try {
      while (!isEnded) {
        const piece = await pieces.next();
        if (context.signal.aborted) return;
        isEnded = piece.done === true;
        const rows: Row[] = [];
        const failure = attempt(intake, piece.done === true ? 'end' : piece.value, rows);
        // A table is there, if empty, even where no row is.
        const tableKey = intake.key ?? (isEnded ? (key ?? LINE_COLUMN) : undefined);
        if (!isOpen && tableKey !== undefined) {
          open({ name: table, key: tableKey, append: intake.lineKey });
          isOpen = true;
        }
        for (let start = 0; start < rows.length; start += MAX_BATCH_ROWS) {
          yield { table, changes: toChanges(rows, start) };
          await this.#turn();
          if (context.signal.aborted) return;
        }
        if (failure !== undefined) throw failure.error;
      }
      problems.end();
    } finally {
      await pieces.return?.();
    }
  }

  /** Lets requests, heartbeats and writes have their turn; input that is at hand would not. */
  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(0, resolve);
    });
  }
}

/** Takes a piece; what stops reading comes after the rows before it, so it is returned. */
function attempt(
  intake: Intake,
  piece: Piece | 'end',
  rows: Row[],
): { error: unknown } | undefined {
  try {
    if (piece === 'end') intake.end(rows);
    else intake.take(piece, rows);
    return undefined;
  } catch (error) {
    return { error };
  }
}

function toChanges(rows: readonly Row[], start: number): Change[] {
  const changes: Change[] = [];
  const end = Math.min(start + MAX_BATCH_ROWS, rows.length);
  for (let i = start; i < end; i++) {
    const data = rows[i];
    if (data !== undefined) changes.push({ type: 'add', data });
  }
  return changes;
}
