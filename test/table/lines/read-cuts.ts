/** Runs a reader over bytes cut in every way that matters, for the tests of all readers. */
import * as assert from 'uvu/assert';
import type {
  LineProblem,
  RowReader,
  RowReaderOptions,
} from '../../../server/table/lines/reader.ts';
import type { Row } from '../../../server/wire/change.ts';

export interface Outcome {
  rows: Row[];
  /** `line:column:message`; the column is empty where there is none. */
  problems: string[];
  key: string | undefined;
  thrown: string | undefined;
}

type Factory = (options: RowReaderOptions) => RowReader;

const DEFAULTS = { key: 'id', lineKey: false, maxLineBytes: 1_024 };

/**
 * Reads `input` whole, byte by byte and cut in two at each place; asserts that all agree.
 * Each chunk is wiped after its push, as a caller that reuses its buffer would.
 */
export function readCuts(
  factory: Factory,
  input: string | Buffer,
  options: Partial<RowReaderOptions>,
): Outcome {
  const bytes = Buffer.from(input);
  const whole = read(factory, [bytes], options);
  const singles = Array.from(bytes, (byte) => Buffer.from([byte]));
  assert.equal(read(factory, singles, options), whole, 'byte by byte');
  for (let cut = 1; cut < bytes.length; cut++) {
    const halves = [bytes.subarray(0, cut), bytes.subarray(cut)];
    assert.equal(read(factory, halves, options), whole, `cut at ${cut}`);
  }
  return whole;
}

function read(factory: Factory, chunks: Buffer[], options: Partial<RowReaderOptions>): Outcome {
  const problems: string[] = [];
  const onProblem = ({ line, column, message }: LineProblem): void => {
    problems.push(`${line}:${column ?? ''}:${message}`);
  };
  const reader = factory({ ...DEFAULTS, onProblem, ...options });
  const rows: Row[] = [];
  let thrown: string | undefined;
  try {
    for (const chunk of chunks) {
      const copy = Buffer.from(chunk);
      reader.push(copy, rows);
      copy.fill(0x21);
    }
    reader.end(rows);
  } catch (error) {
    thrown = error instanceof Error ? error.message : String(error);
  }
  return { rows, problems, key: reader.key, thrown };
}
