import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import type { Applied } from '../../server/table/applied.ts';
import { Table } from '../../server/table/table.ts';
import type { Change, Row } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('Table');

function newTable(options: { maxRows?: number; whenFull?: 'refuse' | 'evict' } = {}): Table {
  return new Table({ name: 't', key: 'id', epoch: 'e', ...options });
}

function listenTo(table: Table): Pick<Applied, 'type' | 'data' | 'removed'>[] {
  const heard: Pick<Applied, 'type' | 'data' | 'removed'>[] = [];
  table.listen({
    onChange: ({ type, data, removed }) => heard.push({ type, data, removed }),
    onApplied: () => {},
  });
  return heard;
}

const add = (data: Row): Change => ({ type: 'add', data });
const update = (data: Row): Change => ({ type: 'update', data });
const remove = (data: Row): Change => ({ type: 'delete', data });

const CASES: {
  title: string;
  changes: Change[];
  heard: [string, Row, string[]?][];
  rows: Row[];
}[] = [
  {
    title: 'add of a held row replaces it and is heard as an update of what differs',
    changes: [add({ id: 1, a: 1, b: 2 }), add({ id: 1, a: 1, c: 3 })],
    heard: [
      ['add', { id: 1, a: 1, b: 2 }],
      ['update', { id: 1, c: 3 }, ['b']],
    ],
    rows: [{ id: 1, a: 1, c: 3 }],
  },
  {
    title: 'update merges and names only what changed',
    changes: [add({ id: 1, a: 1, b: 2 }), update({ id: 1, a: 1, b: 3 })],
    heard: [
      ['add', { id: 1, a: 1, b: 2 }],
      ['update', { id: 1, b: 3 }],
    ],
    rows: [{ id: 1, a: 1, b: 3 }],
  },
  {
    title: 'update of an unknown row adds it',
    changes: [update({ id: 1, a: 1 })],
    heard: [['add', { id: 1, a: 1 }]],
    rows: [{ id: 1, a: 1 }],
  },
  {
    title: 'a change that changes nothing is not one, nested values included',
    changes: [add({ id: 1, a: { x: [1, { y: 2 }] } }), add({ id: 1, a: { x: [1, { y: 2 }] } })],
    heard: [['add', { id: 1, a: { x: [1, { y: 2 }] } }]],
    rows: [{ id: 1, a: { x: [1, { y: 2 }] } }],
  },
  {
    title: 'delete of an unknown row does nothing',
    changes: [remove({ id: 9 })],
    heard: [],
    rows: [],
  },
  {
    title: 'delete says only the key',
    changes: [add({ id: 1, a: 1 }), remove({ id: 1, a: 1 })],
    heard: [
      ['add', { id: 1, a: 1 }],
      ['delete', { id: 1 }],
    ],
    rows: [],
  },
  {
    title: 'keys 1 and "1" are one row, and the newest form is kept',
    changes: [add({ id: 1, a: 1 }), add({ id: '1', a: 2 })],
    heard: [
      ['add', { id: 1, a: 1 }],
      ['update', { id: '1', a: 2 }],
    ],
    rows: [{ id: '1', a: 2 }],
  },
  {
    title: 'a row that comes back comes last',
    changes: [add({ id: 1 }), add({ id: 2 }), remove({ id: 1 }), add({ id: 1 })],
    heard: [
      ['add', { id: 1 }],
      ['add', { id: 2 }],
      ['delete', { id: 1 }],
      ['add', { id: 1 }],
    ],
    rows: [{ id: 2 }, { id: 1 }],
  },
];

for (const { title, changes, heard, rows } of CASES) {
  test(`apply: ${title}`, () => {
    const table = newTable();
    const got = listenTo(table);
    const effective = table.apply(changes);
    assert.equal(
      got,
      heard.map(([type, data, removed]) => ({ type, data, removed })),
    );
    assert.equal(table.rows(), rows);
    assert.is(effective, heard.length);
    assert.is(table.seq, heard.length);
    assert.is(table.version, `e.${heard.length}`);
    assert.is(table.size, rows.length);
  });
}

test('apply: __proto__ and constructor are ordinary columns', () => {
  const table = newTable();
  const heard = listenTo(table);
  const parse = (json: string): Row => JSON.parse(json);
  table.apply([add(parse('{"id":1,"__proto__":1,"constructor":2}'))]);
  table.apply([update(parse('{"id":1,"__proto__":{"x":5}}'))]);
  assert.is(JSON.stringify(table.get(1)), '{"id":1,"__proto__":{"x":5},"constructor":2}');
  assert.is(JSON.stringify(heard[1]?.data), '{"id":1,"__proto__":{"x":5}}');
  assert.is(Reflect.get({}, 'x'), undefined);
});

test('apply: rows are never mutated', () => {
  const table = newTable();
  table.apply([add({ id: 1, a: 1 })]);
  const before = table.get(1);
  table.apply([update({ id: 1, a: 2 })]);
  assert.equal(before, { id: 1, a: 1 });
});

test('apply: a full table refuses all of a call, counts it, and still takes updates', () => {
  const table = newTable({ maxRows: 2 });
  table.apply([add({ id: 1 }), add({ id: 2 })]);
  assert.throws(
    () => table.apply([update({ id: 1, a: 1 }), add({ id: 3 })]),
    (error: unknown) => error instanceof SseTableError && error.code === 'table_full',
  );
  assert.equal(table.get(1), { id: 1 });
  assert.is(table.refused, 1);
  assert.is(table.apply([add({ id: 1, a: 2 }), add({ id: 2, a: 2 })]), 2);
});

test('apply: a full table of lines lets the oldest go, as a delete that is counted', () => {
  const table = newTable({ maxRows: 2, whenFull: 'evict' });
  const heard = listenTo(table);
  table.apply([add({ id: 1 }), add({ id: 2 }), add({ id: 3 })]);
  assert.equal(table.rows(), [{ id: 2 }, { id: 3 }]);
  assert.is(table.evicted, 1);
  assert.equal(
    heard.map(({ type, data }) => [type, data.id]),
    [
      ['add', 1],
      ['add', 2],
      ['delete', 1],
      ['add', 3],
    ],
  );
});

test('changesSince: rows and tombstones by last change, each key once', () => {
  const table = newTable();
  table.apply([add({ id: 1 }), add({ id: 2 }), add({ id: 3 })]);
  const { seq } = table;
  table.apply([update({ id: 2, a: 1 }), remove({ id: 1 }), update({ id: 2, a: 2 })]);
  const since = (from: number) => [...table.changesSince(from)].map(({ key, row }) => [key, row]);
  assert.equal(since(seq), [
    [1, undefined],
    [2, { id: 2, a: 2 }],
  ]);
  assert.equal(since(0), [
    [3, { id: 3 }],
    [1, undefined],
    [2, { id: 2, a: 2 }],
  ]);
  assert.equal(since(table.seq), []);
});

test('floorSeq: moves when the oldest of 10,000 tombstones is forgotten', () => {
  const table = newTable();
  for (let id = 0; id < 10_001; id++) table.apply([add({ id }), remove({ id })]);
  assert.is(table.floorSeq, 2);
  assert.is([...table.changesSince(2)].length, 10_000);
});

test('columns: names in order of appearance, types merged', () => {
  const table = newTable();
  table.apply([add({ id: 1, a: null, b: 'x', c: [1] }), add({ id: 'k', a: 2, b: null, d: true })]);
  assert.equal(table.columns, [
    { name: 'id', type: 'mixed' },
    { name: 'a', type: 'number' },
    { name: 'b', type: 'string' },
    { name: 'c', type: 'json' },
    { name: 'd', type: 'boolean' },
  ]);
});

test('listen: the undo stops it', () => {
  const table = newTable();
  let heard = 0;
  const stop = table.listen({ onChange: () => heard++, onApplied: () => {} });
  table.apply([add({ id: 1 })]);
  stop();
  table.apply([add({ id: 2 })]);
  assert.is(heard, 1);
});
