/**
 * The scroller's arithmetic against a slow oracle, and tall tables walked to their ends.
 *
 * @see FRONTEND 2
 */
import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import {
  follow,
  type Geometry,
  isWhole,
  MAX_HEIGHT,
  maxOffset,
  maxScrollTop,
  type Position,
  spacerHeight,
  toOffset,
  toScrollTop,
  visibleWindow,
} from '../../../web/grid/window.ts';
import { suite } from '../../suite.ts';

const test = suite('window');
const OVERSCAN = 12;
const MILLION: Geometry = { count: 1_000_000, rowHeight: 40, viewportHeight: 600 };

test('visibleWindow: the rows an oracle sees one by one, and 8 around', () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    for (let round = 0; round < 300; round++) {
      const geometry = {
        count: Math.floor(random() * 200),
        rowHeight: 10 + random() * 40,
        viewportHeight: Math.floor(random() * 900),
      };
      const offset = random() * maxOffset(geometry);
      const seen: number[] = [];
      for (let index = 0; index < geometry.count; index++) {
        const top = index * geometry.rowHeight;
        const isAbove = top + geometry.rowHeight <= offset;
        if (!isAbove && top < offset + geometry.viewportHeight) seen.push(index);
      }
      const { first, last } = visibleWindow(geometry, offset);
      const where = `seed ${seed}, round ${round}`;
      assert.ok(first >= 0 && last <= geometry.count, where);
      if (seen.length === 0) continue;
      assert.is(first, Math.max(0, (seen[0] ?? 0) - OVERSCAN), where);
      assert.is(last, Math.min(geometry.count, (seen.at(-1) ?? 0) + 1 + OVERSCAN), where);
    }
  }
});

test('visibleWindow: nothing before the row height is known', () => {
  const geometry = { count: 5, rowHeight: 0, viewportHeight: 100 };
  assert.equal(visibleWindow(geometry, 0), { first: 0, last: 0 });
});

test('spacerHeight: the real height up to 8 million px', () => {
  assert.is(spacerHeight({ count: 100, rowHeight: 40, viewportHeight: 600 }), 4_000);
  assert.is(spacerHeight(MILLION), MAX_HEIGHT);
});

test('toOffset, toScrollTop: inverse, monotone, exact at both ends', () => {
  const random = seededRandom(7);
  let before = { scrollTop: 0, offset: 0 };
  const tops = Array.from({ length: 2_000 }, () => random() * maxScrollTop(MILLION));
  for (const scrollTop of tops.sort((a, b) => a - b)) {
    const offset = toOffset(MILLION, scrollTop);
    assert.ok(Math.abs(toScrollTop(MILLION, offset) - scrollTop) < 1e-3);
    assert.ok(offset >= before.offset);
    before = { scrollTop, offset };
  }
  assert.is(toOffset(MILLION, 0), 0);
  assert.is(toOffset(MILLION, maxScrollTop(MILLION)), maxOffset(MILLION));
});

test('follow: a short table scrolls as the browser says, within its ends', () => {
  const geometry = { count: 100, rowHeight: 40, viewportHeight: 600 };
  const zero = { scrollTop: 0, offset: 0 };
  assert.equal(follow(geometry, zero, 123.5), { scrollTop: 123.5, offset: 123.5 });
  assert.equal(follow(geometry, zero, 99_999), { scrollTop: 3_400, offset: 3_400 });
});

test('follow: one wheel notch in the middle of a million rows moves 100 real px', () => {
  const offset = 20_000_000;
  const middle = { scrollTop: toScrollTop(MILLION, offset), offset };
  const after = follow(MILLION, middle, middle.scrollTop + 100);
  assert.is(after.offset, offset + 100);
  assert.is(after.scrollTop, middle.scrollTop + 100);
});

test('follow: a drag of the thumb lands where the scale says', () => {
  const zero = { scrollTop: 0, offset: 0 };
  const bottom = maxScrollTop(MILLION);
  assert.is(follow(MILLION, zero, bottom).offset, maxOffset(MILLION));
  assert.is(follow(MILLION, zero, bottom / 2).offset, maxOffset(MILLION) / 2);
});

test('follow: both ends are reached notch by notch from anywhere, never stuck', () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    for (const direction of [-1, 1]) {
      const near = direction < 0 ? 600_000 * random() : maxOffset(MILLION) - 600_000 * random();
      let at: Position = { scrollTop: toScrollTop(MILLION, near), offset: near };
      const goal = direction < 0 ? 0 : maxOffset(MILLION);
      let notches = 0;
      while (at.offset !== goal) {
        // What the browser does: moves, and stops at the ends of the spacer.
        const wanted = at.scrollTop + direction * 100;
        const scrollTop = Math.max(0, Math.min(maxScrollTop(MILLION), wanted));
        const next = follow(MILLION, at, scrollTop);
        assert.ok(Math.abs(next.offset - at.offset) <= 100 + 1e-6, `seed ${seed}`);
        at = next;
        assert.ok(++notches < 7_000, `seed ${seed}: stuck at ${JSON.stringify(at)}`);
      }
      assert.ok(Math.abs(at.scrollTop - toScrollTop(MILLION, goal)) < 1e-6);
    }
  }
});

test('isWhole: up to 1,000 rows; a windowed table again below 900', () => {
  assert.is(isWhole(1_000, true), true);
  assert.is(isWhole(1_001, true), false);
  assert.is(isWhole(1_000, false), false);
  assert.is(isWhole(900, false), true);
});
