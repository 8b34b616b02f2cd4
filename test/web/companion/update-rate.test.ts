import * as assert from 'uvu/assert';
import { UpdateRate } from '../../../web/companion/update-rate.ts';
import { suite } from '../../suite.ts';

const test = suite('UpdateRate');

test('perSecond: nothing before the first point, then the mean of the last six', () => {
  const rate = new UpdateRate(0);
  rate.total = 5;
  assert.is(rate.perSecond, 0);
  rate.close(1_000);
  assert.is(rate.perSecond, 5);
  for (let second = 2; second <= 6; second++) rate.close(second * 1_000);
  assert.is(rate.perSecond, 5 / 6);
  rate.close(7_000);
  assert.is(rate.perSecond, 0);
});

test('close: a late point is a rate, not a sum; one too early is left for the next', () => {
  const rate = new UpdateRate(0);
  rate.total = 30;
  rate.close(500);
  assert.is(rate.perSecond, 0);
  rate.close(10_000);
  assert.is(rate.perSecond, 3);
});

test('path: sixty points, the highest at the top, flat before the first change', () => {
  const rate = new UpdateRate(0);
  assert.is(rate.path(24).split('L').length, 60);
  assert.ok(rate.path(24).startsWith('M0 24.0L1 24.0'));
  rate.total = 4;
  rate.close(1_000);
  rate.total = 6;
  rate.close(2_000);
  assert.ok(rate.path(24).endsWith('L57 24.0L58 0.0L59 12.0'));
});
