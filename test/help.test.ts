import * as assert from 'uvu/assert';
import { helpText } from '../server/help.ts';
import { OPTIONS } from '../server/options.ts';
import { suite } from './suite.ts';

const test = suite('helpText');

for (const flag of Object.keys(OPTIONS)) {
  test(`explains --${flag}`, () =>
    assert.match(helpText(), new RegExp(`^  --${flag}( <|  )`, 'm')));
}

test('shows defaults in the form they are written in', () => {
  const words = helpText().replace(/\s+/g, ' ');
  assert.match(words, '--port <n> port to listen on; 0 picks a free one; default 8088');
  assert.match(words, 'by size; default 8MiB');
  assert.match(words, 'is dropped; default 30s');
});

test('explanations fit a terminal of 80 columns', () => {
  const options = helpText().split('\nSource\n')[1] ?? '';
  for (const line of options.split('\n')) assert.ok(line.length <= 80, line);
});
