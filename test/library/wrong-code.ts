/**
 * Code that must not compile. `npm run check` fails where a line below `@ts-expect-error` would.
 *
 * @see SPEC 4 "Path parameters, typed"
 */
import type { App } from '../../server/app-contract.ts';
import type { LiveTable } from '../../server/library/live-table.ts';

interface Order {
  id: number;
  item: string;
}

/** Never called. */
export function wrongCode(app: App, orders: LiveTable<Order>): void {
  // What is right compiles.
  app.sse('/rooms/:room/users/:user', async function* ({ params, signal, query, lastEventId }) {
    const both: { readonly room: string; readonly user: string } = params;
    yield both;
    yield 'text';
    yield { type: 'progress', data: 1 };
    yield {
      event: 'tick',
      id: 7,
      retry: 1_000,
      data: [signal.aborted, query.get('q'), lastEventId],
    };
  });
  app.sse('/sync', function* () {
    yield 1;
  });
  app.get('/nothing', () => {});
  app.table<Order>('orders', { key: 'item' }).upsert({ id: 1, item: 'tea' });

  // @ts-expect-error the path has no :id
  app.sse('/rooms/:room', ({ params }) => [params.id]);

  // @ts-expect-error the path has no parameters
  app.get('/rooms', ({ params }) => params.room);

  app.sse('/a/:id', ({ params }) => {
    // @ts-expect-error parameters are not to be set
    params.id = '7';
    return [];
  });

  // @ts-expect-error a path begins with a slash
  app.sse('rooms', () => ['a']);

  // @ts-expect-error a generator, not a value
  app.sse('/a', () => 7);

  // @ts-expect-error an async function gives a promise, not a generator
  app.sse('/a', async () => ['a']);

  // @ts-expect-error undefined is nothing to send
  app.sse('/a', () => [undefined]);

  // @ts-expect-error JSON has no bigint
  app.sse('/a', () => [1n]);

  // @ts-expect-error event is a string
  app.sse('/a', () => [{ event: 7, data: 1 }]);

  // @ts-expect-error id is a string or a number
  app.sse('/a', async function* () {
    yield { id: true, data: 1 };
  });

  // @ts-expect-error retry is a number
  app.sse('/a', () => [{ retry: '2s', data: 1 }]);

  // @ts-expect-error times are numbers, in ms
  app.sse('/a', () => ['a'], { timeout: '5m' });

  // @ts-expect-error there is no such permission
  app.sse('/a', () => ['a'], { permission: 'write' });

  // @ts-expect-error JSON has no symbol
  app.get('/a', () => Symbol('a'));

  // @ts-expect-error nor a bigint, not even later
  app.get('/a', async () => 1n);

  app.post('/a', async ({ json }) => {
    const body = await json();
    // @ts-expect-error nobody knows what a client sends
    return body.item;
  });

  // @ts-expect-error the column is missing
  orders.upsert({ id: 1 });

  // @ts-expect-error the column is a string
  orders.upsert([{ id: 1, item: 2 }]);

  // @ts-expect-error there is no such column
  orders.upsert({ id: 1, item: 'tea', price: 2 });

  // @ts-expect-error a key is a string or a number
  orders.delete({ id: 1 });

  // @ts-expect-error the key column is one of its columns
  app.table<Order>('orders', { key: 'sku' });

  // @ts-expect-error rows are not to be changed
  orders.rows()[0].item = 'cup';
}
