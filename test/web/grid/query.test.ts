/**
 * Sort and filter as tables of cases.
 *
 * @see FRONTEND 4 "Sort", "Filter"
 */
import * as assert from 'uvu/assert';
import type { Row } from '../../../server/wire/change.ts';
import { createMatch, type Filters, toViewParameters } from '../../../web/grid/filter.ts';
import { createCompare, formatSort, parseSort, toggleSort } from '../../../web/grid/sort.ts';
import { suite } from '../../suite.ts';

const test = suite('sort and filter');
const COLLATOR = new Intl.Collator('en', { numeric: true });

const ORDERS: [values: Row['x'][], sort: string, sorted: Row['x'][]][] = [
  [[3, 1, 2], 'x', [1, 2, 3]],
  [[3, 1, 2], 'x.desc', [3, 2, 1]],
  [[3, null, 1], 'x', [1, 3, null]],
  [[3, null, 1], 'x.desc', [3, 1, null]],
  [['item 10', 'item 9', 'Item 1'], 'x', ['Item 1', 'item 9', 'item 10']],
  [['a', 5, true, -1], 'x', [-1, 5, 'a', true]],
  [['é', 'z', 'e'], 'x', ['e', 'é', 'z']],
];
for (const [values, sort, sorted] of ORDERS) {
  test(`createCompare: ${JSON.stringify(values)} by ${sort}`, () => {
    const rows = values.map((x): Row => ({ x: x ?? null }));
    rows.sort(createCompare(parseSort(sort), COLLATOR));
    assert.equal(
      rows.map((row) => row.x),
      sorted,
    );
  });
}

const CLICKS: [sort: string, field: string, isShift: boolean, then: string][] = [
  ['', 'a', false, 'a'],
  ['a', 'a', false, 'a.desc'],
  ['a.desc', 'a', false, ''],
  ['a', 'b', false, 'b'],
  ['a', 'b', true, 'a,b'],
  ['a,b', 'a', true, 'a.desc,b'],
  ['a.desc,b', 'a', true, 'b'],
  ['a.b', 'a.b', false, 'a.b.desc'],
];
for (const [sort, field, isShift, then] of CLICKS) {
  test(`toggleSort: "${sort}", ${isShift ? 'Shift+' : ''}click on ${field} → "${then}"`, () => {
    assert.is(formatSort(toggleSort(parseSort(sort), field, isShift)), then);
  });
}

const ROW: Row = { id: 7, name: 'Ada Lovelace', score: 80, status: null, tags: ['x', 'Y'] };
const MATCHES: [filters: Filters, search: string, isWanted: boolean][] = [
  [{ name: 'ada' }, '', true],
  [{ name: 'bob' }, '', false],
  [{ name: '=Ada Lovelace' }, '', true],
  [{ name: '=ada lovelace' }, '', true],
  [{ name: '=ada' }, '', false],
  [{ name: '!=ada' }, '', true],
  [{ score: '>80' }, '', false],
  [{ score: '>= 80' }, '', true],
  [{ score: '<100' }, '', true],
  [{ score: '>9' }, '', true],
  [{ score: '8' }, '', true],
  [{ score: '' }, '', true],
  [{ score: '>' }, '', true],
  [{ status: '!=x' }, '', false],
  [{ missing: 'x' }, '', false],
  [{ name: 'ada', score: '<10' }, '', false],
  [{}, 'love ADA', true],
  [{}, 'ada 80', true],
  [{}, 'ada 81', false],
  [{}, '"y"', true],
  [{}, '  ', true],
];
for (const [filters, search, isWanted] of MATCHES) {
  test(`createMatch: ${JSON.stringify(filters)} "${search}" → ${isWanted}`, () => {
    assert.is(createMatch(filters, search)?.(ROW) ?? true, isWanted);
  });
}

test('createMatch: nothing asked costs nothing', () => {
  assert.is(createMatch({ name: ' ' }, ' '), undefined);
});

test('toViewParameters: the operators of a view', () => {
  const filters = { a: '>1', b: '>=1', c: '<1', d: '<=1', e: '=x y', f: '!=x', g: 'x', h: '' };
  assert.equal(toViewParameters(filters), [
    ['a', 'gt.1'],
    ['b', 'gte.1'],
    ['c', 'lt.1'],
    ['d', 'lte.1'],
    ['e', 'eq.x y'],
    ['f', 'neq.x'],
    ['g', 'like.*x*'],
  ]);
});
