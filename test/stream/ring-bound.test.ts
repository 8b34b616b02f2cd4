import * as assert from 'uvu/assert';
import { encodeFrame } from '../../server/stream/frame.ts';
import { Ring } from '../../server/stream/ring.ts';
import { boundRings, type RingHolder } from '../../server/stream/ring-bound.ts';
import { suite } from '../suite.ts';

const test = suite('boundRings');

const FRAME_BYTES = encodeFrame('x'.repeat(100), 'e.1', 1, 1).chunk.length;

function holder(frames: number, subscribers: number, lastUsedMs: number): RingHolder {
  const ring = new Ring({ maxFrames: 64, maxBytes: 1e6, seq: 0 });
  for (let seq = 1; seq <= frames; seq++) {
    ring.push(encodeFrame('x'.repeat(100), `e.${1 + (seq % 9)}`, seq, 1));
  }
  return { ring, subscribers, lastUsedMs };
}

function framesOf(holders: readonly RingHolder[]): number[] {
  return holders.map(({ ring }) => ring.head - ring.tail);
}

for (const [title, maxFrames, left, trimmed] of [
  ['within the bound nothing is lost', 40, [10, 10, 10, 10], 0],
  ['the unwatched one left longest ago loses its oldest frames first', 37, [10, 7, 10, 10], 1],
  ['then the other unwatched one', 25, [5, 0, 10, 10], 2],
  ['then the watched ones, to nothing', 0, [0, 0, 0, 0], 4],
] as const) {
  test(`rings: ${title}`, () => {
    const holders = [holder(10, 0, 20), holder(10, 0, 10), holder(10, 1, 30), holder(10, 2, 30)];
    assert.is(boundRings(holders, maxFrames * FRAME_BYTES), trimmed);
    assert.equal(framesOf(holders), left);
  });
}

test('rings: of the watched ones the largest is cut, to what all may hold', () => {
  const holders = [holder(5, 1, 0), holder(30, 1, 0)];
  assert.is(boundRings(holders, 20 * FRAME_BYTES), 1);
  assert.equal(framesOf(holders), [5, 15]);
});

test('rings: who has the newest frame still goes on from there', () => {
  const [only = holder(1, 1, 0)] = [holder(10, 1, 0)];
  boundRings([only], 0);
  assert.is(only.ring.indexAfter(10), only.ring.head);
  assert.is(only.ring.indexAfter(9), undefined);
});
