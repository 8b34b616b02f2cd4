import * as assert from 'uvu/assert';
import { formatEventId, parseEventId } from '../../server/wire/event-id.ts';
import { suite } from '../suite.ts';

const test = suite('parseEventId');

const ROUND_TRIPS: [string, number][] = [
  ['k3f9', 0],
  ['k3f9', 12],
  ['A-b_9', Number.MAX_SAFE_INTEGER],
  ['e'.repeat(47), Number.MAX_SAFE_INTEGER], // 64 bytes, the longest
];
for (const [epoch, seq] of ROUND_TRIPS) {
  test(`reads back ${epoch}.${seq}`, () => {
    assert.equal(parseEventId(formatEventId(epoch, seq)), { epoch, seq, channel: undefined });
  });
}

test('reads back an id in the middle of a flush', () => {
  const id = { epoch: 'k3f9', seq: 12, channel: 'x7' };
  assert.equal(parseEventId(formatEventId('k3f9', 12, 'x7')), id);
});

const GARBAGE: [string, string][] = [
  ['empty', ''],
  ['no dot', 'k3f9'],
  ['no epoch', '.12'],
  ['no seq', 'k3f9.'],
  ['a leading zero: another text for the same place', 'k3f9.012'],
  ['negative', 'k3f9.-1'],
  ['a channel without a name', 'k3f9.1.'],
  ['two channels', 'k3f9.1.a.b'],
  ['a channel in capitals', 'k3f9.1.A'],
  ['hexadecimal', 'k3f9.0x10'],
  ['beyond safe integers', 'k3f9.9007199254740993'],
  ['too many digits', 'k3f9.10000000000000000'],
  ['65 bytes', `${'e'.repeat(63)}.1`],
  ['a space', 'k3f9.1 '],
  ['a line feed', 'k3f9.1\n'],
  ['CR LF', 'k3f9\r\n.1'],
  ['NUL', 'k3f9\0.1'],
  ['not ASCII', 'κ.1'],
  ['the id of an invalid session', 'gone.x'],
];
for (const [what, text] of GARBAGE) {
  test(`undefined for ${what}`, () => assert.is(parseEventId(text), undefined));
}
