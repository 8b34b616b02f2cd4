import * as assert from 'uvu/assert';
import { type Key, keyId } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('change');

const KEYS: Key[] = [
  0,
  1,
  -1,
  1.5,
  1e21,
  1e-7,
  -0,
  2 ** 53,
  '0',
  '1',
  '-1',
  '1.5',
  '1e+21',
  '1e-7',
  '-0',
  '01',
  '1.0',
  '',
  ' 1',
  '1 ',
  '+1',
  '0x10',
  'NaN',
  'Infinity',
  '-Infinity',
  '9007199254740993',
  'a',
  '\ud800',
];

test('keyId: two keys share it exactly when they share their string form', () => {
  for (const a of KEYS) {
    for (const b of KEYS) {
      const isOne = new Set([keyId(a), keyId(b)]).size === 1;
      assert.is(isOne, String(a) === String(b), `${typeof a} ${a}, ${typeof b} ${b}`);
    }
  }
});
