import * as assert from 'uvu/assert';
import { figure, quantile, ratio } from '../../bench/measure/statistics.ts';
import { suite } from '../suite.ts';

const test = suite('statistics');

test('figure: median, least and greatest of runs in any order', () => {
  assert.equal(figure([5, 1, 9, 3, 7]), { median: 5, min: 1, max: 9, runs: 5 });
  assert.equal(figure([4, 1]), { median: 2.5, min: 1, max: 4, runs: 2 });
  assert.equal(figure([10, 9]), { median: 9.5, min: 9, max: 10, runs: 2 });
  assert.throws(() => figure([]), 'no values');
});

test('ratio: run by run, so that a slow round slows both', () => {
  assert.equal(ratio([2, 20, 6], [1, 10, 2]), { median: 2, min: 2, max: 3, runs: 3 });
  assert.throws(() => ratio([1, 2], [1]), '2 runs against 1');
});

test('quantile: between two values where need be', () => {
  const sorted = Float64Array.from([10, 20, 30, 40, 50]);
  assert.is(quantile(sorted, 0), 10);
  assert.is(quantile(sorted, 0.5), 30);
  assert.is(quantile(sorted, 0.875), 45);
  assert.is(quantile(sorted, 1), 50);
});
