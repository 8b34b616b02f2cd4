import * as assert from 'uvu/assert';
import { createTextReader } from '../../../server/table/lines/text.ts';
import { suite } from '../../suite.ts';
import { readCuts } from './read-cuts.ts';

const test = suite('createTextReader');

test('rows of line and text; blank lines are counted, CR and BOM are not text', () => {
  const input = '\ufeffprocs ---memory---\r\n r  b\n\n"a",{b}\u2028\n last';
  const outcome = readCuts(createTextReader, input, { key: undefined });
  assert.equal(outcome, {
    rows: [
      { line: 1, text: 'procs ---memory---' },
      { line: 2, text: ' r  b' },
      { line: 4, text: '"a",{b}\u2028' },
      { line: 5, text: ' last' },
    ],
    problems: [],
    key: 'line',
    thrown: undefined,
  });
});

test('lineOffset counts on; key text makes equal lines one row', () => {
  const { rows, key } = readCuts(createTextReader, 'a\nb\n', { key: 'text', lineOffset: 7 });
  assert.equal(rows, [
    { line: 8, text: 'a' },
    { line: 9, text: 'b' },
  ]);
  assert.is(key, 'text');
});

test('what cannot be a row is reported', () => {
  const bytes = Buffer.from(`a\n\xe9\n${'x'.repeat(20)}\nb\n`, 'latin1');
  const outcome = readCuts(createTextReader, bytes, { key: undefined, maxLineBytes: 10 });
  assert.equal(outcome.problems, [
    '2::not valid UTF-8',
    '3::longer than 10 bytes; --max-body sets the limit',
  ]);
  assert.equal(outcome.rows, [
    { line: 1, text: 'a' },
    { line: 4, text: 'b' },
  ]);
});
