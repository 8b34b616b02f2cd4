/**
 * What is said of malformed lines: the first few one by one, then a count, so that a file of
 * nothing but errors does not fill the log.
 *
 * @see SPEC 6 "a malformed line is reported with its number and skipped (or --strict stops)"
 */
import { SseTableError } from '../base/errors.ts';
import { describeProblem, type LineProblem } from '../table/lines/reader.ts';
import type { SourceReport } from './source.ts';

/** Problems reported one by one. */
const MAX_SHOWN = 10;

/** From here on the count is reported each time it has grown tenfold: input may never end. */
const COUNT_GROWTH = 10;

/** Counts and reports the problems of one source. */
export class ProblemReport {
  readonly #report: (report: SourceReport) => void;
  readonly #isStrict: boolean;
  #count = 0;
  #countedAt = MAX_SHOWN;

  constructor(report: (report: SourceReport) => void, isStrict: boolean) {
    this.#report = report;
    this.#isStrict = isStrict;
  }

  /** @throws {SseTableError} when strict: the problem. */
  add(problem: LineProblem): void {
    if (this.#isStrict) {
      throw new SseTableError(problem.code, `${describeProblem(problem)} (--strict stops here)`);
    }
    this.#count++;
    if (this.#count <= MAX_SHOWN) {
      this.#report({ level: 'warn', message: describeProblem(problem) });
    } else if (this.#count === this.#countedAt * COUNT_GROWTH) {
      this.#countedAt = this.#count;
      this.#report({ level: 'warn', message: `${this.#count} problems so far` });
    }
  }

  /** The input has ended: how many problems there were, unless each was shown. */
  end(): void {
    if (this.#count <= MAX_SHOWN) return;
    const message = `${this.#count} problems in all, the first ${MAX_SHOWN} of them shown`;
    this.#report({ level: 'warn', message });
  }
}
