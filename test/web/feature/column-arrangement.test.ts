/**
 * Arrangements of columns, without a page.
 *
 * @see FRONTEND 4 "Columns"
 */
import * as assert from 'uvu/assert';
import { ColumnArrangement } from '../../../web/feature/column-arrangement.ts';
import { suite } from '../../suite.ts';

const test = suite('ColumnArrangement');

function columns(names: string): { field: string }[] {
  return [...names].map((field) => ({ field }));
}

function text(some: { field: string }[]): string {
  return some.map(({ field }) => field).join('');
}

const MOVES: [field: string, before: string | undefined, expected: string][] = [
  ['a', 'c', 'bacd'],
  ['a', undefined, 'bcda'],
  ['d', 'a', 'dabc'],
  ['b', 'b', 'acdb'],
  ['c', 'gone', 'abdc'],
];
for (const [field, before, expected] of MOVES) {
  test(`move: ${field} before ${before} of abcd is ${expected}`, () => {
    const arrangement = new ColumnArrangement();
    arrangement.move(columns('abcd'), field, before);
    assert.is(text(arrangement.sort(columns('abcd'))), expected);
  });
}

test('arrange: pinned come first, hidden not at all', () => {
  const arrangement = new ColumnArrangement();
  arrangement.setPinned('c', true);
  arrangement.setHidden('b', true);
  assert.is(text(arrangement.arrange(columns('abcd'))), 'cad');
});

test('sort: a column that comes later stays behind its neighbour', () => {
  const arrangement = new ColumnArrangement();
  arrangement.move(columns('abc'), 'c', 'a');
  assert.is(text(arrangement.sort(columns('axbyc'))), 'caxby');
  assert.is(text(arrangement.sort(columns('zabc'))), 'zcab');
});

test('restore: takes back what toJSON gave', () => {
  const arrangement = new ColumnArrangement();
  arrangement.move(columns('abc'), 'c', 'a');
  arrangement.setHidden('b', true);
  arrangement.setWidth('a', 123.4);
  arrangement.setPinned('a', true);
  const copy = new ColumnArrangement();
  copy.restore(JSON.parse(JSON.stringify(arrangement)));
  assert.equal(copy.toJSON(), arrangement.toJSON());
  assert.is(copy.width('a'), 123);
});

test('restore: what storage holds besides does no harm', () => {
  for (const kept of [
    null,
    7,
    [],
    { order: 'ab', hidden: [1, null], widths: { a: 'x', b: null } },
  ]) {
    const arrangement = new ColumnArrangement();
    arrangement.restore(kept);
    assert.is(text(arrangement.arrange(columns('ab'))), 'ab');
    assert.is(arrangement.width('a'), undefined);
  }
});

test('setWidth: between 48 and 2,000', () => {
  const arrangement = new ColumnArrangement();
  arrangement.setWidth('a', 1);
  arrangement.setWidth('b', 1e9);
  assert.equal([arrangement.width('a'), arrangement.width('b')], [48, 2_000]);
});
