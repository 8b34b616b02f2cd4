/**
 * RowList against a slow oracle: filter and sort all rows after each step.
 *
 * @see FRONTEND 4 "Sort", "Reading lock"; STYLE 15
 */
import * as assert from 'uvu/assert';
import { type Random, seededRandom } from '../../../server/base/random.ts';
import type { Row } from '../../../server/wire/change.ts';
import type { InitEvent, StreamEvent } from '../../../server/wire/event.ts';
import { Rows } from '../../../web/feed/rows.ts';
import { createMatch, type Filters } from '../../../web/grid/filter.ts';
import { RowList } from '../../../web/grid/row-list.ts';
import { createCompare, parseSort } from '../../../web/grid/sort.ts';
import { suite } from '../../suite.ts';

const test = suite('RowList');
const TIME = '2026-01-01T00:00:00.000Z';
const COLLATOR = new Intl.Collator('en', { numeric: true });

function init(data: Row[], more = false): InitEvent {
  const total = data.length;
  const columns = [{ name: 'id', type: 'number' as const }];
  const base = { table: 't', key: 'id', heartbeat_ms: 15_000, timestamp: TIME };
  return { type: 'init', ...base, columns, data, total, more };
}

function update(data: Row): StreamEvent {
  return { type: 'update', data, message: '', timestamp: TIME };
}

/** @returns a list sorted and filtered, and the keys it shows. */
function listOf(rows: Rows, sort: string, filters: Filters = {}, search = '') {
  const list = new RowList(rows);
  list.setQuery(createCompare(parseSort(sort), COLLATOR), createMatch(filters, search));
  list.update();
  return list;
}

function keys(list: RowList): string[] {
  return Array.from({ length: list.size }, (_, index) => list.at(index)?.key ?? '?');
}

/** The obvious way. */
function oracle(rows: Rows, sort: string, filters: Filters): string[] {
  const match = createMatch(filters, '');
  const wanted = [...rows.values()].filter((row) => match === undefined || match(row));
  const compare = createCompare(parseSort(sort), COLLATOR);
  if (compare !== undefined) wanted.sort(compare);
  return wanted.map((row) => String(row.id));
}

function randomRow(random: Random, id: number): Row {
  const score = random() < 0.1 ? null : Math.floor(random() * 8);
  return { id, score, name: `n${Math.floor(random() * 5)}` };
}

function randomEvent(random: Random): StreamEvent {
  const id = Math.floor(random() * 60);
  const dice = random();
  if (dice < 0.5) return update({ id, score: Math.floor(random() * 8) });
  if (dice < 0.7) return { type: 'add', data: randomRow(random, id), message: '', timestamp: TIME };
  if (dice < 0.95) return { type: 'delete', data: { id }, message: '', timestamp: TIME };
  const data = Array.from({ length: 20 }, () => randomRow(random, Math.floor(random() * 60)));
  return dice < 0.98 ? init(data) : { type: 'sync', data, deleted: [1, 2, 3] };
}

const QUERIES: [sort: string, filters: Filters][] = [
  ['', {}],
  ['score', {}],
  ['score.desc,name', {}],
  ['', { score: '>3' }],
  ['name.desc,score', { name: '!=n2', score: '<=6' }],
];

for (const [sort, filters] of QUERIES) {
  const seed = 4711;
  test(`update: as a full sort, by "${sort}" where ${JSON.stringify(filters)}, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const rows = new Rows();
    rows.merge(init(Array.from({ length: 40 }, (_, id) => randomRow(random, id))));
    const list = listOf(rows, sort, filters);
    for (let step = 0; step < 600; step++) {
      for (let count = random() * 6; count > 0; count--) rows.merge(randomEvent(random));
      if (random() < 0.3) {
        const before = keys(list);
        list.isHeld = true;
        const held = keys(list);
        rows.merge(randomEvent(random));
        list.update();
        assert.equal(keys(list), held);
        if (list.moved === 0) assert.equal(held, oracle(rows, sort, filters), `step ${step}`);
        assert.ok(before.length >= 0);
        if (random() < 0.5) list.apply();
        else list.isHeld = false;
        list.update();
        if (list.isHeld) assert.equal(keys(list), oracle(rows, sort, filters));
        list.isHeld = false;
      }
      list.update();
      assert.equal(keys(list), oracle(rows, sort, filters), `step ${step}`);
    }
  });
}

test('moved: counts rows that came, went, changed places; not those that stay', () => {
  const rows = new Rows();
  rows.merge(init([10, 20, 30, 40].map((score, id) => ({ id, score }))));
  const list = listOf(rows, 'score');
  list.isHeld = true;
  rows.merge(update({ id: 1, score: 25 }));
  assert.is(list.moved, 0);
  rows.merge(update({ id: 0, score: 99 }));
  assert.is(list.moved, 1);
  rows.merge({ type: 'delete', data: { id: 2 }, message: '', timestamp: TIME });
  rows.merge({ type: 'add', data: { id: 9, score: 1 }, message: '', timestamp: TIME });
  assert.is(list.moved, 3);
  assert.equal(keys(list), ['0', '1', '2', '3']);
  list.apply();
  assert.is(list.moved, 0);
  assert.equal(keys(list), ['9', '1', '3', '0']);
});

test('held without being drawn: memory is bounded by the rows held', () => {
  const rows = new Rows();
  rows.merge(init([{ id: 0, score: 0 }]));
  const list = listOf(rows, 'score');
  for (let id = 1; id < 5_000; id++) {
    rows.merge({ type: 'add', data: { id, score: id }, message: '', timestamp: TIME });
    rows.merge({ type: 'delete', data: { id }, message: '', timestamp: TIME });
  }
  // Past the bound it no longer knows which rows changed, only that some did.
  assert.is(list.moved, 1);
  rows.merge({ type: 'add', data: { id: 7, score: -1 }, message: '', timestamp: TIME });
  list.update();
  assert.equal(keys(list), ['7', '0']);
});
