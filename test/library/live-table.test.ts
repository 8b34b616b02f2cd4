import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { LiveTable } from '../../server/library/live-table.ts';
import { suite } from '../suite.ts';

const test = suite('app.table');

interface Order {
  id: number;
  item: string;
  count?: number;
}

async function withOrders(body: (orders: LiveTable<Order>) => void): Promise<void> {
  const app = createApp();
  body(app.table<Order>('orders', { key: 'id' }));
  await app.close();
}

test('upsert: one row or several, replaced by key; delete by key', async () => {
  await withOrders((orders) => {
    assert.is(orders.upsert({ id: 1, item: 'tea', count: 2 }), 1);
    assert.is(
      orders.upsert([
        { id: 1, item: 'tea' },
        { id: 2, item: 'cup' },
      ]),
      2,
    );
    assert.equal(orders.rows(), [
      { id: 1, item: 'tea' },
      { id: 2, item: 'cup' },
    ]);
    assert.is(orders.upsert({ id: 2, item: 'cup' }), 0, 'nothing has changed');
    assert.is(orders.delete([1, 3]), 1);
    assert.is(orders.delete('2'), 1, 'keys are compared by their string form');
    assert.is(orders.size, 0);
  });
});

test('patch: merges', async () => {
  await withOrders((orders) => {
    orders.upsert({ id: 1, item: 'tea', count: 2 });
    orders.patch({ id: 1, count: 3 });
    assert.equal(orders.get(1), { id: 1, item: 'tea', count: 3 });
  });
});

test('upsert: a row that the program goes on changing is another one', async () => {
  await withOrders((orders) => {
    const order = { id: 1, item: 'tea', count: 1 };
    orders.upsert(order);
    order.count = 2;
    assert.is(orders.get(1)?.count, 1);
    assert.is(orders.upsert(order), 1, 'the change is seen');
    assert.is(orders.get(1)?.count, 2);
  });
});

test('upsert: all or nothing, and what is wrong is named', async () => {
  await withOrders((orders) => {
    const wrong: [rows: object[], message: RegExp][] = [
      [[{ id: 1, item: 'a' }, { item: 'b' }], /the key column "id" is missing/],
      [
        [
          { id: 1, item: 'a' },
          { id: null, item: 'b' },
        ],
        /the key column "id" is null/,
      ],
      [[{ id: 1, item: 'a', count: Number.NaN }], /row\.count is NaN/],
      [[{ id: 1, item: new Map() }], /row\.item is a Map/],
    ];
    const loose: { upsert: (rows: object[]) => number } = Object(orders);
    for (const [rows, message] of wrong) assert.throws(() => loose.upsert(rows), message);
    assert.is(orders.size, 0);
    assert.throws(() => orders.delete(''), /the key column "id" is empty/);
  });
});
