import * as assert from 'uvu/assert';
import { Delivery } from '../server/delivery.ts';
import type { TableSpec } from '../server/source/source.ts';
import type { Table } from '../server/table/table.ts';
import { Tables } from '../server/table/tables.ts';
import type { Change, Row } from '../server/wire/change.ts';
import { suite } from './suite.ts';

const test = suite('Delivery');

const turn = (): Promise<void> => Promise.resolve();

function setUp() {
  let epochs = 0;
  const retired: string[] = [];
  const tables = new Tables({ maxTables: 3, maxRows: 5_000, epoch: () => `e${++epochs}` });
  tables.onRetired((table: Table) => retired.push(table.version));
  return { tables, retired, delivery: new Delivery(tables) };
}

const SPEC: TableSpec = { name: 't', key: 'id', append: false, loads: true };
const add = (data: Row): Change => ({ type: 'add', data });
const drop = (id: number): Change => ({ type: 'delete', data: { id } });
const adds = (...ids: number[]): Change[] => ids.map((id) => add({ id }));

test('take: a new table is not there before it is whole', async () => {
  const { tables, delivery } = setUp();
  delivery.open(SPEC);
  await delivery.take({ table: 't', changes: adds(1, 2), whole: 'part' }, turn);
  assert.is(tables.get('t'), undefined);
  await delivery.take({ table: 't', changes: [], whole: 'last' }, turn);
  assert.equal(tables.get('t')?.rows(), [{ id: 1 }, { id: 2 }]);
});

test('take: a second load deletes what no part names, and tells only what differs', async () => {
  const { tables, delivery, retired } = setUp();
  delivery.open(SPEC);
  const many = adds(...Array.from({ length: 3_000 }, (_, id) => id));
  await delivery.take({ table: 't', changes: many, whole: 'last' }, turn);
  const told: unknown[] = [];
  tables.require('t').listen({
    onChange: ({ type, key }) => told.push([type, key]),
    onApplied: () => undefined,
  });
  delivery.open(SPEC);
  await delivery.take({ table: 't', changes: many.slice(0, 1_000), whole: 'part' }, turn);
  const rest = [add({ id: 1_000, n: 1 }), ...many.slice(1_001, 2_998), add({ id: -1 })];
  await delivery.take({ table: 't', changes: rest, whole: 'last' }, turn);
  assert.equal(told, [
    ['update', 1_000],
    ['add', -1],
    ['delete', 2_998],
    ['delete', 2_999],
  ]);
  assert.equal(retired, []);
});

test("take: a store's history: rows by their last seq, deletes known, nothing before its floor", async () => {
  const { tables, delivery, retired } = setUp();
  const history = { epoch: 'store', seq: 7 };
  delivery.open({ ...SPEC, history });
  const part = { table: 't', seqs: [7, 7, 7], changes: adds(1, 2, 3), whole: 'part' } as const;
  await delivery.take(part, turn);
  const changes = [add({ id: 2, n: 1 }), drop(9), add({ id: 3 })];
  await delivery.take({ table: 't', seqs: [8, 11, 12], changes, whole: 'last' }, turn);
  const table = tables.require('t');
  assert.equal([table.version, table.floorSeq, table.size], ['store.12', 7, 3]);
  assert.equal(table.rows(), [{ id: 1 }, { id: 2, n: 1 }, { id: 3 }]);
  const since = (seq: number) => Array.from(table.changesSince(seq), ({ key, row }) => [key, row]);
  assert.equal(since(7), [
    [2, { id: 2, n: 1 }],
    [9, undefined],
    [3, { id: 3 }],
  ]);
  assert.equal(since(11), [[3, { id: 3 }]]);
  await delivery.take({ table: 't', seqs: [15, 20], changes: [drop(1), add({ id: 2 })] }, turn);
  assert.is(table.version, 'store.20');

  delivery.open({ ...SPEC, history: { epoch: 'other', seq: 0 } });
  assert.is(tables.require('t'), table, 'the old one is there until the new one is whole');
  await delivery.take({ table: 't', seqs: [], changes: [], whole: 'last' }, turn);
  assert.equal(retired, ['store.20']);
  assert.is(tables.require('t').version, 'other.0');
});

test('take: a seq that is not above the last is refused', async () => {
  const { delivery } = setUp();
  delivery.open({ ...SPEC, history: { epoch: 'store', seq: 7 } });
  await delivery.take({ table: 't', seqs: [], changes: [], whole: 'last' }, turn);
  const late = delivery.take({ table: 't', seqs: [7], changes: adds(1) }, turn);
  await late.then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, RangeError),
  );
});

test('open: a table of another source is a conflict; drop gives the name back', async () => {
  const { tables, delivery, retired } = setUp();
  delivery.open(SPEC);
  await delivery.take({ table: 't', changes: adds(1), whole: 'last' }, turn);
  const other = new Delivery(tables);
  assert.throws(() => other.open(SPEC), /there is a table "t" already; choose which to serve/);
  other.drop('t');
  assert.ok(tables.get('t') !== undefined, 'it is not theirs to drop');
  delivery.drop('t');
  assert.is(tables.get('t'), undefined);
  assert.equal(retired, ['e1.1']);
  other.open(SPEC);
});

test('write: to memory, to the writer bound, and a new table to the store', async () => {
  const { tables, delivery } = setUp();
  const written: unknown[] = [];
  const writer = {
    write: (table: string, changes: readonly Change[]) => {
      written.push([table, changes.length]);
      return Promise.resolve(changes.length);
    },
    create: (table: string, key: string, changes: readonly Change[]) => {
      written.push([table, key, changes.length]);
      tables.create({ name: table, key });
      return Promise.resolve(changes.length);
    },
  };
  assert.equal((await tables.write({ name: 'm', key: 'id' }, adds(1))).rows(), [{ id: 1 }]);
  delivery.open({ ...SPEC, writer });
  await delivery.take({ table: 't', changes: [], whole: 'last' }, turn);
  assert.equal((await tables.write({ name: 't', key: 'id' }, adds(1, 2))).rows(), []);
  tables.useStore(writer);
  assert.is((await tables.write({ name: 'new', key: 'k' }, adds(1))).key, 'k');
  assert.equal(written, [
    ['t', 2],
    ['new', 'k', 1],
  ]);
  await tables.write({ name: 'one too many', key: 'id' }, []).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /there are 3 tables already/),
  );
});
