import * as assert from 'uvu/assert';
import { Pending } from '../../server/stream/pending.ts';
import { Table } from '../../server/table/table.ts';
import type { Change, Row } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('Pending');

const add = (data: Row, message?: string): Change =>
  message === undefined ? { type: 'add', data } : { type: 'add', data, message };
const update = (data: Row): Change => ({ type: 'update', data });
const remove = (id: number): Change => ({ type: 'delete', data: { id } });

const HELD: Row = { id: 1, a: 1, b: 2 };

const CASES: { title: string; changes: Change[]; sent: Change[] }[] = [
  {
    title: 'add+update is an add',
    changes: [add({ id: 2, a: 1 }), update({ id: 2, a: 5 })],
    sent: [add({ id: 2, a: 5 })],
  },
  { title: 'add+delete is nothing', changes: [add({ id: 2 }), remove(2)], sent: [] },
  {
    title: 'update+update joins the columns',
    changes: [update({ id: 1, a: 7 }), update({ id: 1, b: 8 }), update({ id: 1, a: 9 })],
    sent: [update({ id: 1, a: 9, b: 8 })],
  },
  {
    title: 'update+delete is a delete',
    changes: [update({ id: 1, a: 7 }), remove(1)],
    sent: [remove(1)],
  },
  {
    title: 'delete+add is an update with all columns, and those that went away',
    changes: [remove(1), add({ id: 1, a: 1, c: 3 })],
    sent: [{ type: 'update', data: { id: 1, a: 1, c: 3 }, removed: ['b'] }],
  },
  {
    title: 'update+delete+add is judged by what clients hold',
    changes: [update({ id: 1, c: 3 }), remove(1), add({ id: 1, a: 2 })],
    sent: [{ type: 'update', data: { id: 1, a: 2 }, removed: ['b'] }],
  },
  {
    title: 'add+delete+add is an add',
    changes: [add({ id: 2, a: 1 }), remove(2), add({ id: 2, b: 1 })],
    sent: [add({ id: 2, b: 1 })],
  },
  {
    title: 'there and back again is nothing',
    changes: [update({ id: 1, a: 7 }), update({ id: 1, a: 1 })],
    sent: [],
  },
  {
    title: 'changes leave in the order of their last part',
    changes: [add({ id: 2 }), add({ id: 3 }), update({ id: 2, a: 1 })],
    sent: [add({ id: 3 }), add({ id: 2, a: 1 })],
  },
  {
    title: 'an add keeps its own message',
    changes: [add({ id: 2 }, 'Added user: Li Si'), update({ id: 2, a: 1 })],
    sent: [add({ id: 2, a: 1 }, 'Added user: Li Si')],
  },
];

for (const { title, changes, sent } of CASES) {
  test(`take: ${title}`, () => {
    const table = new Table({ name: 't', key: 'id', epoch: 'e' });
    table.apply([add(HELD)]);
    const pending = new Pending();
    table.listen({ onChange: (applied) => pending.add(applied), onApplied: () => {} });
    table.apply(changes);
    const { changes: taken, taken: count } = pending.take('id');
    assert.equal(
      taken.map(({ change }) => change),
      sent,
    );
    assert.is(count, changes.length);
    assert.is(pending.size, 0);
    if (taken.length > 0) assert.is(taken.at(-1)?.seq, table.seq);
    const seqs = taken.map(({ seq }) => seq);
    assert.equal(
      seqs,
      [...seqs].sort((a, b) => a - b),
    );
  });
}
