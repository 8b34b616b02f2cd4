import * as assert from 'uvu/assert';
import { jitter, seededRandom } from '../../server/base/random.ts';
import { suite } from '../suite.ts';

const test = suite('seededRandom');

test('same seed, same numbers; other seed, others', () => {
  const take = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 5 }, () => random());
  };
  assert.equal(take(7), take(7));
  assert.not.equal(take(7), take(8));
});

test('numbers do not change from version to version', () => {
  const random = seededRandom(1);
  const drawn = Array.from({ length: 3 }, () => Math.floor(random() * 2 ** 32));
  assert.equal(drawn, [2_693_262_067, 11_749_833, 2_265_367_787]);
});

test('in [0, 1) and evenly spread', () => {
  const random = seededRandom(42);
  const buckets = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) {
    const value = random();
    assert.ok(value >= 0 && value < 1);
    const bucket = Math.floor(value * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  for (const count of buckets) assert.ok(Math.abs(count - 10_000) < 400, buckets.join(' '));
});

const jitterTest = suite('jitter');

const CASES: [number, number][] = [
  [0, 80],
  [0.5, 100],
  [1, 120],
];
for (const [drawn, expected] of CASES) {
  jitterTest(`100 by a fifth at ${drawn} is ${expected}`, () => {
    assert.is(
      jitter(100, 0.2, () => drawn),
      expected,
    );
  });
}
