import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import { parseView } from '../../../server/table/view/parse-view.ts';
import { isEpochOf, type View } from '../../../server/table/view/view.ts';
import type { Json, Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('View');

const SEED = 5;

/** In ascending order: numbers, texts by code unit, booleans, nested values, null or missing. */
const VALUES: (Json | undefined)[] = [
  -1e300,
  -2,
  0,
  1.5,
  10,
  '',
  '1',
  '10',
  '2',
  'B',
  'a',
  'é',
  false,
  true,
  [1],
  { a: 1 },
  null,
];

function viewOf(query: string): View {
  const view = parseView(new URLSearchParams(query), { name: 't', key: 'id', columns: [] });
  if (view === undefined) throw new TypeError(`${query} is no view`);
  return view;
}

test('rowsOf: mixed values have one order, and null is last both ways', () => {
  const rows = VALUES.map((v, id): Row => (v === undefined ? { id } : { id, v }));
  const last = rows.length - 1;
  const ascending = rows.map(({ id }) => id);
  const descending = [...ascending.slice(0, last).reverse(), last];
  const shuffled = (): Row[] =>
    rows.toSorted((a, b) => ((Number(a.id) * 7) % 17) - ((Number(b.id) * 7) % 17));
  assert.equal(
    viewOf('order=v')
      .rowsOf({ rows: shuffled })
      .map(({ id }) => id),
    ascending,
  );
  assert.equal(
    viewOf('order=v.desc')
      .rowsOf({ rows: shuffled })
      .map(({ id }) => id),
    descending,
  );
});

test(`compare: a total order over any rows, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const pick = (): Json => VALUES[Math.floor(random() * VALUES.length)] ?? null;
  const view = viewOf('order=v,w.desc');
  const keys = [1, 2, 10, 'a', '1a', '10'];
  const rows = Array.from({ length: 60 }, (): Row => {
    const id = keys[Math.floor(random() * keys.length)] ?? 0;
    return { id, v: pick(), w: pick() };
  });
  for (const a of rows) {
    for (const b of rows) {
      const sign = Math.sign(view.compare(a, b));
      assert.is(sign, -Math.sign(view.compare(b, a)) || 0);
      if (sign > 0) continue;
      for (const c of rows) {
        if (view.compare(b, c) <= 0) assert.ok(view.compare(a, c) <= 0, 'transitive');
      }
    }
  }
});

test('rowsOf: limit alone takes the first by key; without both the order of the table', () => {
  const rows = [3, 10, 'a', 2].map((id) => ({ id, n: 1 }));
  const source = { rows: () => [...rows] };
  assert.equal(
    viewOf('limit=3')
      .rowsOf(source)
      .map(({ id }) => id),
    [2, 3, 10],
  );
  assert.equal(
    viewOf('n=eq.1')
      .rowsOf(source)
      .map(({ id }) => id),
    [3, 10, 'a', 2],
  );
  assert.equal(viewOf('limit=9').rowsOf(source).length, 4);
});

test('pin: the equality with the fewest cells, never a negated one', () => {
  for (const [query, pin] of [
    ['a=gt.1', undefined],
    ['a=not.eq.1', undefined],
    ['a=eq.x', { column: 'a', cells: ['x'] }],
    ['a=eq.5.0', { column: 'a', cells: ['5.0', 5] }],
    ['a=in.(x,y,z)&b=in.(u,v)&c=like.*', { column: 'b', cells: ['u', 'v'] }],
    ['a=in.()&b=eq.x', { column: 'a', cells: [] }],
  ] as const) {
    assert.equal(viewOf(query).pin, pin, query);
  }
});

test('isEpochOf: the table and its views', () => {
  const view = viewOf('a=eq.1');
  assert.is(isEpochOf('k3', 'k3'), true);
  assert.is(isEpochOf(view.epochOf('k3'), 'k3'), true);
  assert.is(isEpochOf(view.epochOf('k34'), 'k3'), false);
  assert.is(isEpochOf('k', 'k3'), false);
});
