/**
 * Rows against a slow oracle: a plain array of rows, changed the obvious way.
 *
 * @see SPEC 3.2, STYLE 15
 */
import * as assert from 'uvu/assert';
import { type Random, seededRandom } from '../../../server/base/random.ts';
import type { Change, Row } from '../../../server/wire/change.ts';
import type { InitEvent, StreamEvent } from '../../../server/wire/event.ts';
import { Rows } from '../../../web/feed/rows.ts';
import { suite } from '../../suite.ts';

const test = suite('Rows');
const TIME = '2026-01-01T00:00:00.000Z';

function init(data: Row[], more = false, table = 't'): InitEvent {
  const columns = [{ name: 'id', type: 'number' as const }];
  return {
    type: 'init',
    table,
    key: 'id',
    columns,
    data,
    total: data.length,
    more,
    heartbeat_ms: 15_000,
    timestamp: TIME,
  };
}

function change(change: Change): StreamEvent {
  return { ...change, message: '', timestamp: TIME };
}

function rowsAfter(...events: StreamEvent[]): Rows {
  const rows = new Rows();
  for (const event of events) rows.merge(event);
  return rows;
}

/** The obvious way. */
class Oracle {
  rows: Row[] = [];
  apply(event: StreamEvent): void {
    const put = (row: Row) => {
      const at = this.rows.findIndex((held) => String(held.id) === String(row.id));
      if (at === -1) this.rows.push(row);
      else this.rows[at] = row;
    };
    const remove = (key: unknown) => {
      this.rows = this.rows.filter((held) => String(held.id) !== String(key));
    };
    const apply = (one: Change) => {
      if (one.type === 'add') put(one.data);
      else if (one.type === 'delete') remove(one.data.id);
      else {
        const held = this.rows.find((row) => String(row.id) === String(one.data.id)) ?? {};
        const merged: Row = { ...held, ...one.data };
        for (const column of one.removed ?? []) delete merged[column];
        put(merged);
      }
    };
    if (event.type === 'init') this.rows = event.data;
    else if (event.type === 'sync') {
      for (const row of event.data) put(row);
      for (const key of event.deleted) remove(key);
    } else if (event.type === 'batch') for (const one of event.changes) apply(one);
    else if (event.type === 'batch_update') for (const row of event.data) put(row);
    else if (event.type === 'add' || event.type === 'update' || event.type === 'delete') {
      apply(event);
    }
  }
}

const KEYS = 40;

function randomRow(random: Random): Row {
  const number = Math.floor(random() * KEYS);
  return { id: random() < 0.5 ? number : String(number), a: random(), b: Math.floor(random() * 9) };
}

function randomChange(random: Random): Change {
  const data = randomRow(random);
  const dice = random();
  if (dice < 0.35) return { type: 'add', data };
  if (dice < 0.6) return { type: 'delete', data: { id: data.id ?? 0 } };
  const update: Change = { type: 'update', data: { id: data.id ?? 0, b: 1 } };
  return random() < 0.3 ? { ...update, removed: ['a'] } : update;
}

function randomEvent(random: Random): StreamEvent {
  const dice = random();
  const some = <T>(make: () => T) => Array.from({ length: Math.floor(random() * 8) }, make);
  if (dice < 0.03) {
    const keys = new Map(some(() => randomRow(random)).map((row) => [String(row.id), row]));
    return init([...keys.values()]);
  }
  if (dice < 0.15) {
    const deleted = some(() => Math.floor(random() * KEYS));
    const data = some(() => randomRow(random)).filter((row) => !deleted.includes(Number(row.id)));
    return { type: 'sync', data, deleted };
  }
  if (dice < 0.35) {
    return { type: 'batch', changes: some(() => randomChange(random)), timestamp: TIME };
  }
  if (dice < 0.45) {
    const data = some(() => randomRow(random));
    return { type: 'batch_update', data, message: '', timestamp: TIME };
  }
  return change(randomChange(random));
}

test('merge: random events leave the rows and order of the oracle', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const random = seededRandom(seed);
    const rows = new Rows();
    const oracle = new Oracle();
    for (let step = 0; step < 600; step++) {
      const event = randomEvent(random);
      oracle.apply(structuredClone(event));
      rows.merge(event);
      const where = `seed ${seed}, step ${step}: ${JSON.stringify(event)}`;
      assert.equal([...rows.values()], oracle.rows, where);
      assert.is(rows.size, oracle.rows.length, where);
      if (random() < 0.5) continue; // holes pile up between reads by position
      for (const [index, row] of oracle.rows.entries()) {
        const held = rows.at(index);
        assert.equal(held?.row, row, where);
        assert.is(held?.index, index, where);
        assert.is(held && rows.held(held.key), held, where);
      }
      assert.is(rows.at(oracle.rows.length), undefined, where);
    }
  }
});

test('merge: init keeps the HeldRow of every key that stays, in the new order', () => {
  const rows = rowsAfter(init([{ id: 1 }, { id: 2 }, { id: 3 }]));
  const [one, two, three] = rows.order();
  rows.merge(init([{ id: 3, a: 1 }, { id: 1 }, { id: 4 }]));
  assert.is(rows.at(0), three);
  assert.is(rows.at(1), one);
  assert.is(rows.at(2)?.key, '4');
  assert.is(two && rows.indexOf(two), -1);
  assert.equal(rows.get(3), { id: 3, a: 1 });
});

test('merge: init of another table keeps nothing', () => {
  const rows = rowsAfter(init([{ id: 1 }]));
  const one = rows.at(0);
  rows.merge(init([{ id: 1 }], false, 'other'));
  assert.is.not(rows.at(0), one);
  assert.is(rows.size, 1);
});

test('merge: a chunked snapshot over held rows removes the unnamed ones at ready, not before', () => {
  const rows = rowsAfter(init([{ id: 1 }, { id: 2 }, { id: 3 }]));
  rows.merge(init([{ id: 5 }], true));
  assert.equal(
    Array.from(rows, (row) => row.id),
    [1, 2, 3, 5],
  );
  rows.merge({ type: 'rows', data: [{ id: 3 }, { id: 6 }], loaded: 3, total: 3 });
  rows.merge(change({ type: 'delete', data: { id: 6 } }));
  rows.merge(change({ type: 'add', data: { id: 2 } }));
  rows.merge({ type: 'ready', total: 3 });
  assert.equal(
    Array.from(rows, (row) => row.id),
    [5, 3, 2],
  );
  assert.equal(
    [0, 1, 2].map((index) => rows.at(index)?.index),
    [0, 1, 2],
  );
});

test('merge: a first chunked snapshot shows its rows as they come', () => {
  const rows = rowsAfter(init([{ id: 1 }], true));
  rows.merge({ type: 'rows', data: [{ id: 2 }], loaded: 2, total: 2 });
  assert.is(rows.size, 2);
  rows.merge({ type: 'ready', total: 2 });
  assert.is(rows.size, 2);
});

test('merge: rows without a key are left out', () => {
  const rows = rowsAfter(init([{ id: 1 }, { name: 'no key' }, { id: null }]));
  assert.is(rows.size, 1);
});

test('merge: __proto__ and constructor are ordinary columns and keys', () => {
  const rows = rowsAfter(init([{ id: '__proto__' }, { id: 'constructor' }]));
  const update: unknown = JSON.parse('{"id":"__proto__","__proto__":5,"constructor":6}');
  rows.merge(change({ type: 'update', data: update as Row }));
  const row = rows.get('__proto__') ?? {};
  assert.is(Object.getOwnPropertyDescriptor(row, '__proto__')?.value, 5);
  assert.is(Object.getPrototypeOf(row), Object.prototype);
  assert.equal(
    rows.columns.map(({ name }) => name),
    ['id', '__proto__', 'constructor'],
  );
});

test('columns: those of init, then new ones as changes bring them, typed', () => {
  const rows = rowsAfter(init([]));
  rows.merge(change({ type: 'add', data: { id: 1, note: null, on: true } }));
  rows.merge(change({ type: 'update', data: { id: 1, note: 'x', tags: [] } }));
  assert.equal(rows.columns, [
    { name: 'id', type: 'number' },
    { name: 'note', type: 'string' },
    { name: 'on', type: 'boolean' },
    { name: 'tags', type: 'json' },
  ]);
});

test('on change: once per event that changed something', () => {
  const rows = new Rows();
  let calls = 0;
  const off = rows.on('change', () => calls++);
  rows.merge(init([{ id: 1 }, { id: 2 }]));
  rows.merge({ type: 'heartbeat', timestamp: 1, version: 'e.1' });
  rows.merge(change({ type: 'delete', data: { id: 9 } }));
  assert.is(calls, 1);
  rows.merge(change({ type: 'delete', data: { id: 1 } }));
  assert.is(calls, 2);
  off();
  rows.merge(change({ type: 'delete', data: { id: 2 } }));
  assert.is(calls, 2);
});
