import * as assert from 'uvu/assert';
import type { Applied } from '../../../server/table/applied.ts';
import { Table } from '../../../server/table/table.ts';
import { LiveView } from '../../../server/table/view/live-view.ts';
import { parseView } from '../../../server/table/view/parse-view.ts';
import { ViewIndex } from '../../../server/table/view/view-index.ts';
import type { Change, Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('LiveView');

type Heard = Pick<Applied, 'type' | 'data'> & Partial<Pick<Applied, 'removed' | 'message'>>;

function open(query: string, rows: Row[] = []): { table: Table; live: LiveView; heard: Heard[] } {
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  table.apply(rows.map((data) => ({ type: 'add', data })));
  const view = parseView(new URLSearchParams(query), { name: 't', key: 'id', columns: [] });
  if (view === undefined) throw new TypeError(`${query} is no view`);
  const live = new LiveView(table, view, new ViewIndex(table));
  const heard: Heard[] = [];
  live.listen({
    onChange: ({ type, data, removed, message }) => {
      heard.push({
        type,
        data,
        ...(removed !== undefined && { removed }),
        ...(message !== undefined && { message }),
      });
    },
    onApplied: () => {},
  });
  return { table, live, heard };
}

const put = (data: Row, message?: string): Change =>
  message === undefined ? { type: 'add', data } : { type: 'add', data, message };

const PARIS = { id: 1, city: 'Paris', n: 1 };
const ROME = { id: 1, city: 'Rome', n: 1 };

const CASES: { title: string; query: string; rows?: Row[]; changes: Change[]; heard: Heard[] }[] = [
  {
    title: 'a row inside is added, changed, deleted',
    query: 'city=eq.Paris',
    changes: [
      put(PARIS),
      { type: 'update', data: { id: 1, n: 2 } },
      { type: 'delete', data: { id: 1 } },
    ],
    heard: [
      { type: 'add', data: PARIS },
      { type: 'update', data: { id: 1, n: 2 } },
      { type: 'delete', data: { id: 1 } },
    ],
  },
  {
    title: 'a row outside is not heard of',
    query: 'city=eq.Paris',
    changes: [put(ROME), put({ ...ROME, n: 2 }), { type: 'delete', data: { id: 1 } }],
    heard: [],
  },
  {
    title: 'one that comes in is an add with all columns, one that leaves a delete',
    query: 'city=eq.Paris',
    rows: [ROME],
    changes: [
      { type: 'update', data: { id: 1, city: 'Paris' }, message: 'moved' },
      { type: 'update', data: { id: 1, city: 'Rome' }, message: 'moved again' },
    ],
    heard: [
      { type: 'add', data: PARIS },
      { type: 'delete', data: { id: 1 } },
    ],
  },
  {
    title: 'a message goes with what it was written for',
    query: 'city=eq.Paris',
    changes: [put(PARIS, 'new'), put({ ...PARIS, n: 2 }, 'more')],
    heard: [
      { type: 'add', data: PARIS, message: 'new' },
      { type: 'update', data: { id: 1, n: 2 }, message: 'more' },
    ],
  },
  {
    title: 'select: other columns are neither sent nor heard of, and one that goes is named',
    query: 'select=n',
    rows: [PARIS],
    changes: [
      { type: 'update', data: { id: 1, city: 'Rome' } },
      { type: 'update', data: { id: 1, city: 'Oslo', n: 2 } },
      put({ id: 1, city: 'Oslo' }),
      put({ id: 2, city: 'Bonn', n: 3 }),
    ],
    heard: [
      { type: 'update', data: { id: 1, n: 2 } },
      { type: 'update', data: { id: 1 }, removed: ['n'] },
      { type: 'add', data: { id: 2, n: 3 } },
    ],
  },
  {
    title: 'a key that changes its form is heard of',
    query: 'select=n',
    rows: [PARIS],
    changes: [put({ ...PARIS, id: '1' })],
    heard: [{ type: 'update', data: { id: '1' } }],
  },
  {
    title: 'top-N: the row that makes room is deleted, the one that moves up is added',
    query: 'order=n.desc&limit=2&select=n',
    rows: [1, 2, 3].map((n) => ({ id: n, n, city: 'x' })),
    changes: [
      { type: 'update', data: { id: 1, n: 9 }, message: 'best' },
      { type: 'update', data: { id: 1, n: 8 } },
      { type: 'delete', data: { id: 1 } },
      put({ id: 4, n: 0 }),
      { type: 'update', data: { id: 3, city: 'y' } },
    ],
    heard: [
      { type: 'add', data: { id: 1, n: 9 } },
      { type: 'delete', data: { id: 2 } },
      { type: 'update', data: { id: 1, n: 8 } },
      { type: 'delete', data: { id: 1 } },
      { type: 'add', data: { id: 2, n: 2 } },
    ],
  },
];

for (const { title, query, rows, changes, heard } of CASES) {
  test(`${title} (${query})`, () => {
    const opened = open(query, rows);
    opened.table.apply(changes);
    assert.equal(opened.heard, heard);
  });
}

test('changesSince: rows inside as the view has them, all others as gone', () => {
  const { table, live } = open('city=eq.Paris&select=n', [PARIS, { ...ROME, id: 2 }]);
  const since = table.seq;
  table.apply([put({ ...PARIS, id: 3 }), put({ ...ROME, id: 4 }), put(ROME)]);
  assert.equal(
    [...live.changesSince(since)],
    [
      { key: 3, row: { id: 3, n: 1 }, seq: 3 },
      { key: 4, row: undefined, seq: 4 },
      { key: 1, row: undefined, seq: 5 },
    ],
  );
  assert.is(live.countSince(since), 3);
  assert.is(open('limit=5').live.countSince(0), Number.POSITIVE_INFINITY);
});

test('rows, size, columns, epoch: the part of the table that the view has', () => {
  const rows = [PARIS, { ...ROME, id: 2 }, { ...PARIS, id: 3, n: 7 }];
  const { table, live } = open('city=eq.Paris&select=n&order=n.desc', rows);
  assert.equal(live.rows(), [
    { id: 3, n: 7 },
    { id: 1, n: 1 },
  ]);
  assert.is(live.size, 2);
  table.apply([
    put({ ...PARIS, id: 2 }),
    put({ ...PARIS, id: 4 }),
    { type: 'delete', data: { id: 3 } },
  ]);
  assert.is(live.size, 3);
  assert.equal(
    live.columns.map(({ name }) => name),
    ['id', 'n'],
  );
  assert.match(live.epoch, /^e-/);
  assert.is(live.seq, table.seq);
});

test('it costs nothing while nobody listens, and is right when somebody does again', () => {
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  let matched = 0;
  const view = parseView(new URLSearchParams('n=gt.0&order=n.desc&limit=1'), table);
  if (view === undefined) throw new TypeError('it is a view');
  const live = new LiveView(table, view, new ViewIndex(table));
  const { matches } = view;
  view.matches = (row) => {
    matched++;
    return matches.call(view, row);
  };
  table.apply([put({ id: 1, n: 1 })]);
  assert.is(matched, 0);
  const heard: Applied[] = [];
  const listener = { onChange: (applied: Applied) => heard.push(applied), onApplied: () => {} };
  const stop = live.listen(listener);
  table.apply([put({ id: 2, n: 2 })]);
  assert.equal(
    heard.map(({ type, key }) => [type, key]),
    [
      ['add', 2],
      ['delete', 1],
    ],
  );
  stop();
  matched = 0;
  table.apply([put({ id: 3, n: 3 })]);
  assert.is(matched, 0);
  assert.equal(live.rows(), [{ id: 3, n: 3 }]);
  live.listen(listener)();
});
