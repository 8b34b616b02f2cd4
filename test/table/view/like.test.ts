import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import { createLike } from '../../../server/table/view/like.ts';
import { suite } from '../../suite.ts';

const test = suite('createLike');

const SEED = 20_261;

/** A thousand times what a linear matcher takes for a megabyte, and far less than a quadratic one. */
const MAX_CPU_MS = 1_000;

test('a pattern without a wildcard is the whole text, and case matters', () => {
  const isLike = createLike('Ann');
  for (const [text, expected] of [
    ['Ann', true],
    ['ann', false],
    ['Anna', false],
    ['', false],
  ] as const) {
    assert.is(isLike(text), expected, text);
  }
});

test('what a RegExp or SQL would take for a sign is a character', () => {
  assert.is(createLike('a.c%*')('abc'), false);
  assert.is(createLike('a.c%*')('a.c%?'), true);
  assert.is(createLike('(a+)+$')('(a+)+$'), true);
});

test('start and end must not share characters', () => {
  assert.is(createLike('aba*aba')('aba'), false);
  assert.is(createLike('aba*aba')('ababa'), false);
  assert.is(createLike('aba*aba')('abaaba'), true);
});

test(`as a slow matcher says, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const text = (letters: string, max: number): string =>
    Array.from({ length: Math.floor(random() * max) }, () =>
      letters.charAt(Math.floor(random() * letters.length)),
    ).join('');
  let matches = 0;
  for (let i = 0; i < 20_000; i++) {
    const pattern = text('aab**', 9);
    const subject = text('aab', 12);
    const expected = slowLike(pattern, subject);
    if (expected) matches++;
    assert.is(createLike(pattern)(subject), expected, `${pattern} on ${subject}`);
  }
  assert.ok(matches > 1_000, 'both outcomes are met');
});

test('a pattern and a text made to be slow are not', () => {
  const text = 'a'.repeat(1_000_000);
  const pattern = `*b${'a'.repeat(1_000)}*${'a'.repeat(1_000)}b*`;
  const before = process.cpuUsage();
  assert.is(createLike(pattern)(text), false);
  const { user } = process.cpuUsage(before);
  assert.ok(user / 1_000 < MAX_CPU_MS, `${user / 1_000} ms`);
});

/** Tries every length for each wildcard. */
function slowLike(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] !== '*') {
    return pattern[0] === text[0] && text !== '' && slowLike(pattern.slice(1), text.slice(1));
  }
  for (let i = 0; i <= text.length; i++) {
    if (slowLike(pattern.slice(1), text.slice(i))) return true;
  }
  return false;
}
