import { once } from 'node:events';
import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import type { Asking, Verdict } from '../../server/http/authorize.ts';
import type { Client } from '../../server/library/hooks.ts';
import { withApp } from '../http/server.ts';
import { suite } from '../suite.ts';

const test = suite('hooks');

test('onConnect, onDisconnect: once for each stream, of tables and of generators', async () => {
  const calls: string[] = [];
  const gone = Promise.withResolvers<void>();
  const onConnect = ({ id, path, params, user }: Client): void =>
    void calls.push(`+${id} ${path} ${JSON.stringify(params)} ${user}`);
  const onDisconnect = ({ id }: Client): void => {
    calls.push(`-${id}`);
    if (id === 2) gone.resolve();
  };
  await withApp(
    {},
    async ({ app, port }) => {
      app.table('orders');
      app.sse('/jobs/:id', async function* ({ signal }) {
        yield 1;
        await once(signal, 'abort');
      });
      for (const path of ['/api/tables/orders/stream?x', '/jobs/7']) {
        const socket = connect(port, '127.0.0.1');
        socket.write(
          `GET ${path.replace('?x', '')} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
        );
        await once(socket, 'data');
        socket.destroy();
        if (path === '/jobs/7') await gone.promise;
      }
      assert.equal(
        calls.filter((call) => call.startsWith('+')),
        [
          '+1 /api/tables/orders/stream {"table":"orders"} undefined',
          '+2 /jobs/7 {"id":"7"} undefined',
        ],
      );
      assert.ok(calls.includes('-1') && calls.includes('-2') && calls.length === 4, calls.join());
    },
    { onConnect, onDisconnect },
  );
});

test('a hook that throws is logged; the stream goes on', async () => {
  const lines: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (text: string) => void lines.push(text) };
  const onConnect = (): never => {
    throw new Error('no');
  };
  await withApp(
    {},
    async ({ app, url }) => {
      app.sse('/s', () => ['a']);
      const answer = await fetch(`${url}/s`, { headers: { Accept: 'text/event-stream' } });
      assert.match(await answer.text(), /data: a\n/);
      assert.equal(lines, ['the hook onConnect failed']);
    },
    { onConnect, log },
  );
});

test('authorize: asked for routes and tables alike, with what they need; open ones are not', async () => {
  const asked: string[] = [];
  let verdict: Verdict = true;
  const authorize = async ({ permission, table, request }: Asking): Promise<Verdict> => {
    asked.push(`${request.method} ${permission} ${table}`);
    return verdict;
  };
  await withApp(
    {},
    async ({ app, url }) => {
      app.table('orders');
      app.get('/who', ({ caller }) => ({ user: caller.user ?? null }));
      app.post('/do', () => 1, { permission: 'admin' });
      app.get('/open', () => 1, { permission: 'open' });
      const status = async (path: string, method = 'GET'): Promise<number> =>
        (await fetch(url + path, { method })).status;
      assert.is(await status('/api/tables/orders'), 200);
      assert.is(await status('/do', 'POST'), 200);
      assert.equal(asked.splice(0), ['GET sse:read orders', 'POST admin undefined']);
      verdict = false;
      assert.is(await status('/who'), 403);
      assert.is(await status('/open'), 200);
      assert.is(await status('/healthz'), 200);
      assert.equal(asked.splice(0), ['GET sse:read undefined']);
      verdict = { user: 'ada', permissions: ['sse:read'] };
      assert.equal(await (await fetch(`${url}/who`)).json(), { user: 'ada' });
      assert.is(await status('/do', 'POST'), 403, 'admin was not granted');
    },
    { authorize },
  );
});

test('authorize: what is no verdict refuses', async () => {
  const authorize: () => Verdict = new Function('return undefined') as () => Verdict;
  await withApp(
    {},
    async ({ app, url }) => {
      app.get('/r', () => 1);
      assert.is((await fetch(`${url}/r`)).status, 403);
    },
    { authorize },
  );
});
