import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { type GeneratorLimits, nextOperation, seedRows } from '../../server/source/generator.ts';
import { changePerson, cleanText, nameOf } from '../../server/source/people.ts';
import { Table } from '../../server/table/table.ts';
import type { Row } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('nextOperation');

const LIMITS: GeneratorLimits = {
  weights: { add: 40, update: 50, delete: 10 },
  minRecords: 3,
  maxRecords: 10_000,
};

const COLUMNS = ['id', 'name', 'age', 'city', 'score', 'status'];

function tableOf(rows: readonly Row[]): Table {
  const table = new Table({ name: 'users', key: 'id', epoch: 'e' });
  table.apply(rows.map((data) => ({ type: 'add', data })));
  return table;
}

function checkPerson(row: Row): void {
  assert.equal(Object.keys(row), COLUMNS);
  const { name, age, city, score, status } = row;
  assert.ok(typeof name === 'string' && /^\p{Lu}\p{L}+ \p{Lu}\p{L}+$/u.test(name), String(name));
  assert.ok(typeof age === 'number' && Number.isInteger(age) && age >= 18 && age <= 70);
  assert.ok(typeof city === 'string' && city !== '');
  assert.ok(typeof score === 'number' && score >= 0 && score <= 100);
  assert.is(score, Math.round(score * 10) / 10);
  assert.ok(['active', 'inactive', 'pending'].includes(String(status)));
}

test('seedRows: people with ids from 1 on, the same for the same seed', () => {
  const rows = seedRows(seededRandom(1), 200);
  rows.forEach(checkPerson);
  assert.equal(
    rows.map((row) => row.id),
    rows.map((_, index) => index + 1),
  );
  assert.equal(seedRows(seededRandom(1), 200), rows);
  assert.not.equal(seedRows(seededRandom(2), 200), rows);
  assert.is(new Set(rows.map((row) => row.city)).size, 10);
  assert.is(new Set(rows.map((row) => row.status)).size, 3);
});

test('weights 40/50/10: the shares come out, batches of 2 to 5 are updates', () => {
  const seed = 3;
  const random = seededRandom(seed);
  const table = tableOf(seedRows(random, 10));
  const count = { add: 0, update: 0, delete: 0 };
  const batches = new Map<number, number>();
  let id = 10;
  for (let i = 0; i < 10_000; i++) {
    const before = table.size;
    const { changes, batchUpdate } = nextOperation(table, LIMITS, random, () => ++id);
    const [first] = changes;
    if (first === undefined) throw new Error('no change');
    count[first.type]++;
    if (batchUpdate === undefined) {
      assert.is(changes.length, 1);
    } else {
      assert.is(batchUpdate, `Batch updated ${changes.length} users`);
      assert.ok(changes.every((change) => change.type === 'update'));
      assert.is(new Set(changes.map((change) => change.data.id)).size, changes.length);
      batches.set(changes.length, (batches.get(changes.length) ?? 0) + 1);
    }
    const held = first.type === 'add' ? undefined : table.get(Number(first.data.id));
    if (first.type === 'add') checkPerson(first.data);
    if (batchUpdate === undefined) {
      const name = String((held ?? first.data).name);
      const verb = { add: 'Added', update: 'Updated', delete: 'Deleted' }[first.type];
      assert.is(first.message, `${verb} user: ${name}`);
    }
    // Every operation takes effect: none is about a row that is not there, or changes nothing.
    assert.is(table.apply(changes), changes.length, `seed ${seed}, operation ${i}`);
    const grown = { add: 1, update: 0, delete: -1 }[first.type];
    assert.is(table.size, before + grown);
    assert.ok(table.size >= 3);
  }
  assert.ok(Math.abs(count.add - 4_000) < 200, `adds: ${count.add}`);
  assert.ok(Math.abs(count.update - 5_000) < 200, `updates: ${count.update}`);
  assert.ok(Math.abs(count.delete - 1_000) < 150, `deletes: ${count.delete}`);
  assert.equal([...batches.keys()].sort(), [2, 3, 4, 5]);
  const all = [...batches.values()].reduce((sum, n) => sum + n);
  assert.ok(Math.abs(all - 500) < 100, `batches: ${all}`);
  table.rows().forEach(checkPerson);
});

const floors: [
  weights: [number, number, number],
  size: number,
  min: number,
  max: number,
  type: string,
][] = [
  [[0, 0, 1], 4, 3, 99, 'delete'],
  [[0, 0, 1], 3, 3, 99, 'update'],
  [[0, 0, 1], 2, 3, 99, 'update'],
  [[1, 0, 1], 3, 3, 99, 'add'],
  [[0, 0, 1], 1, 0, 99, 'delete'],
  [[0, 1, 0], 0, 0, 99, 'add'],
  [[0, 0, 1], 0, 0, 99, 'add'],
  [[1, 0, 0], 5, 3, 5, 'update'],
  [[1, 0, 1], 5, 3, 5, 'delete'],
];

for (const [[add, update, remove], size, minRecords, maxRecords, type] of floors) {
  const title = `weights ${add}/${update}/${remove}, ${size} rows of ${minRecords} to ${maxRecords}`;
  test(`${title}: ${type}`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = seededRandom(seed);
      const table = tableOf(seedRows(random, size));
      const limits = { weights: { add, update, delete: remove }, minRecords, maxRecords };
      const { changes } = nextOperation(table, limits, random, () => size + 1);
      assert.is(changes[0]?.type, type, `seed ${seed}`);
    }
  });
}

test('changePerson: one or two columns, each with another value', () => {
  const random = seededRandom(5);
  for (const row of seedRows(random, 1_000)) {
    const { id, ...changed } = changePerson(row, random);
    assert.is(id, row.id);
    const columns = Object.keys(changed);
    assert.ok(columns.length === 1 || columns.length === 2);
    for (const column of columns) {
      assert.ok(COLUMNS.slice(2).includes(column));
      assert.is.not(changed[column], row[column]);
    }
    checkPerson({ ...row, ...changed });
  }
});

test('nameOf, cleanText: what others wrote into the table is harmless in a message', () => {
  assert.is(nameOf({ name: ' <b>Li\r\nSi</b>\u2028 ' }, 1), 'bLiSi/b');
  assert.is(nameOf({ name: 7 }, 1), '#1');
  assert.is(nameOf({ name: '<>' }, '<k\n>'), '#k');
  assert.is(nameOf({}, 1), '#1');
  assert.is(cleanText('x'.repeat(500)).length, 100);
});
