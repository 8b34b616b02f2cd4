import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { Tables } from '../../server/table/tables.ts';
import { suite } from '../suite.ts';

const test = suite('Tables');

function create({ maxTables = 3, maxRows = 2 } = {}): Tables {
  let epoch = 0;
  return new Tables({ maxTables, maxRows, epoch: () => `e${++epoch}` });
}

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof SseTableError) return error.code;
    throw error;
  }
  return 'none';
}

test('create: makes a table with an epoch of its own', () => {
  const tables = create();
  assert.is(tables.create({ name: 'a', key: 'id' }).version, 'e1.0');
  assert.is(tables.create({ name: 'b', key: 'sku' }).version, 'e2.0');
  assert.equal(
    tables.list().map(({ name, key }) => [name, key]),
    [
      ['a', 'id'],
      ['b', 'sku'],
    ],
  );
});

test('create: the same name and key give the same table, another key a conflict', () => {
  const tables = create();
  const table = tables.create({ name: 'a', key: 'id' });
  assert.is(tables.create({ name: 'a', key: 'id' }), table);
  assert.is(
    codeOf(() => tables.create({ name: 'a', key: 'sku' })),
    'conflict',
  );
});

test('create: past the limit is refused and counted, a held one is still given', () => {
  const tables = create({ maxTables: 1 });
  const table = tables.create({ name: 'a', key: 'id' });
  assert.is(
    codeOf(() => tables.create({ name: 'b', key: 'id' })),
    'too_many',
  );
  assert.is(tables.refused, 1);
  assert.is(tables.size, 1);
  assert.is(tables.create({ name: 'a', key: 'id' }), table);
});

for (const [what, name] of [
  ['empty', ''],
  ['a line feed', 'a\nb'],
  ['NUL', 'a\0'],
  ['U+2028', 'a\u2028'],
  ['a lone surrogate', 'a\ud800'],
  ['129 characters', 'x'.repeat(129)],
] as const) {
  test(`create: a name that is or has ${what} is refused`, () => {
    assert.is(
      codeOf(() => create().create({ name, key: 'id' })),
      'bad_option',
    );
  });
}

for (const name of ['x'.repeat(128), '__proto__', 'constructor', '订单', 'a b/c']) {
  test(`create: ${name.slice(0, 12)} is a name like any other`, () => {
    const tables = create();
    assert.is(tables.get(name), undefined);
    assert.is(tables.create({ name, key: 'id' }).name, name);
    assert.is(tables.require(name).name, name);
  });
}

test('require: an unknown table is named', () => {
  assert.throws(() => create().require('no"pe'), /there is no table "no\\"pe"/);
});

test('create: a full table refuses, one with append drops its oldest row', () => {
  const tables = create({ maxRows: 2 });
  const rows = [1, 2, 3].map((id) => ({ type: 'add', data: { id } }) as const);
  assert.is(
    codeOf(() => tables.create({ name: 'a', key: 'id' }).apply(rows)),
    'table_full',
  );
  const lines = tables.create({ name: 'b', key: 'id', append: true });
  lines.apply(rows);
  assert.equal(lines.rows(), [{ id: 2 }, { id: 3 }]);
});
