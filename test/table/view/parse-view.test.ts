import * as assert from 'uvu/assert';
import { SseTableError } from '../../../server/base/errors.ts';
import { parseView } from '../../../server/table/view/parse-view.ts';
import type { View } from '../../../server/table/view/view.ts';
import type { Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('parseView');

const USERS = {
  name: 'users',
  key: 'id',
  columns: ['id', 'name', 'score', 'a,b', 'x.desc', '__proto__'].map((name) => ({
    name,
    type: 'mixed' as const,
  })),
};

const NONE = { name: 'fresh', key: 'id', columns: [] };

function parse(query: string, table = USERS): View | undefined {
  return parseView(new URLSearchParams(query), table);
}

test('no view parameter: the whole table', () => {
  for (const query of ['', 'full=1&lastEventId=a.1&token=x&format=csv', 'select=&order=']) {
    assert.is(parse(query), undefined, query);
  }
});

const SAME: [a: string, b: string][] = [
  ['name=eq.A&score=gt.5', 'score=gt.5&name=eq.A'],
  ['score=gt.5&score=lt.9', 'score=lt.9&score=gt.5'],
  ['name=eq.A&name=eq.A', 'name=eq.A'],
  ['name=in.(b,a)', 'name=in.(a,"b",a)'],
  ['select=name', 'select=id,name,name'],
  ['order=score', 'order=score.asc,score.desc'],
  ['name=eq.A&limit=5', 'limit=05&name=eq.A&full=1'],
];

for (const [a, b] of SAME) {
  test(`canonical: ${a} is ${b}`, () => {
    assert.is(parse(a)?.canonical, parse(b)?.canonical);
    assert.is(parse(a)?.epochOf('e'), parse(b)?.epochOf('e'));
  });
}

test('canonical: views that differ have texts and epochs that differ', () => {
  const queries = [
    'name=eq.A',
    'name=neq.A',
    'name=not.eq.A',
    'name=eq.a',
    'score=eq.A',
    'name=eq.A&score=eq.A',
    'name=in.(A,B)',
    'name=in.("A,B")',
    'select=name',
    'select=score',
    'select=name,score',
    'select=score,name',
    'order=name',
    'order=name.desc',
    'order=name,score',
    'limit=1',
    'limit=2',
    'limit=1&order=name',
  ];
  const views = queries.map((query) => parse(query));
  assert.is(new Set(views.map((view) => view?.canonical)).size, queries.length);
  assert.is(new Set(views.map((view) => view?.epochOf('e'))).size, queries.length);
  for (const view of views) assert.match(view?.epochOf('e') ?? '', /^e-[A-Za-z0-9_-]{8}$/);
});

test('select: these columns in this order, the key always; __proto__ is a column', () => {
  const row: Row = JSON.parse('{"name":"A","__proto__":{"x":1},"id":1,"score":2}');
  for (const [query, json] of [
    ['select=score,name', '{"id":1,"score":2,"name":"A"}'],
    ['select=name,id', '{"name":"A","id":1}'],
    ['select=__proto__', '{"id":1,"__proto__":{"x":1}}'],
    ['select="a,b"', '{"id":1}'],
    ['limit=1', JSON.stringify(row)],
  ] as const) {
    const view = parse(query);
    assert.is(JSON.stringify(view?.project(row)), json, query);
  }
  const view = parse('select=score,name');
  assert.equal(
    view?.columnsOf(USERS.columns).map(({ name }) => name),
    ['id', 'score', 'name'],
  );
});

test('order: columns with their direction, quoted where a name needs it', () => {
  const rows: Row[] = [
    { id: 1, name: 'b', 'x.desc': 1, 'a,b': 2 },
    { id: 2, name: 'a', 'x.desc': 2, 'a,b': 1 },
    { id: 3, name: 'a', 'x.desc': 3, 'a,b': 3 },
  ];
  for (const [order, ids] of [
    ['name', [2, 3, 1]],
    ['name,id.desc', [3, 2, 1]],
    ['name.desc', [1, 2, 3]],
    ['"x.desc".desc', [3, 2, 1]],
    ['x.desc.desc', [3, 2, 1]],
    ['"a,b"', [2, 1, 3]],
    ['"a,b".asc,name', [2, 1, 3]],
  ] as const) {
    const view = parse(`order=${order}`);
    const sorted = view?.rowsOf({ rows: () => [...rows] });
    assert.equal(
      sorted?.map(({ id }) => id),
      ids,
      order,
    );
  }
});

test('a table that has no columns yet: every one is believed', () => {
  assert.ok(parse('city=eq.Paris&select=a&order=b', NONE));
});

const many = (count: number, item: (i: number) => string, glue: string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(glue);

const REFUSED: [query: string, code: string, message: RegExp][] = [
  [
    'cty=eq.Paris',
    'unknown_column',
    /^there is no column "cty" in table "users"; it has id, name, score, a,b, x\.desc, __proto__$/,
  ],
  ['constructor=eq.1', 'unknown_column', /no column "constructor"/],
  ['select=id,nme', 'unknown_column', /no column "nme"/],
  ['order=score.down', 'unknown_column', /no column "score\.down"/],
  ['name=A', 'unknown_operator', /^name=A has no known operator/],
  ['limit=0', 'bad_request', /^limit=0 is not a whole number from 1 to 100000$/],
  ['limit=', 'bad_request', /^limit= is not/],
  ['limit=-1', 'bad_request', /^limit=-1 is not/],
  ['limit=1.5', 'bad_request', /^limit=1\.5 is not/],
  ['limit=1e3', 'bad_request', /^limit=1e3 is not/],
  ['limit=100001', 'bad_request', /^limit=100001 is not/],
  ['limit=1&limit=2', 'bad_request', /^limit is given 2 times; give it once$/],
  ['order=name&order=score', 'bad_request', /^order is given 2 times/],
  ['order=name,,score', 'bad_request', /^order has ""; write column, column\.asc or column\.desc$/],
  ['order="name"x', 'bad_request', /^order has "namex"/],
  ['order="name".x.desc', 'bad_request', /^order has "name\.x\.desc"/],
  ['select="name', 'bad_request', /^select has a quote that is not closed$/],
  [many(33, (i) => `score=gt.${i}`, '&'), 'bad_request', /^there are 33 filters; at most 32/],
];

for (const [query, code, message] of REFUSED) {
  test(`${query.slice(0, 40)}: refused by name`, () => {
    try {
      parse(query);
    } catch (error) {
      if (!(error instanceof SseTableError)) throw error;
      assert.is(error.code, code);
      assert.match(error.message, message);
      return;
    }
    assert.unreachable('it was accepted');
  });
}

test('more columns in order than are allowed: refused', () => {
  const order = many(9, (i) => `c${i}`, ',');
  assert.throws(() => parse(`order=${order}`, NONE), /order has 9 columns; at most 8/);
});
