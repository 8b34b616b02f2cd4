import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import Fastify from 'fastify';
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { App } from '../../server/app-contract.ts';
import { suite } from '../suite.ts';

const test = suite('mounting');

/** Two of the app's own routes, and a table. */
function createLive(): { app: App; left: Promise<void> } {
  const app = createApp({ grace: 200 });
  const { promise, resolve } = Promise.withResolvers<void>();
  app.sse('/progress/:id', async function* ({ params, signal }) {
    try {
      yield { id: params.id };
      await once(signal, 'abort');
    } finally {
      resolve();
    }
  });
  app.post('/echo', ({ json }) => json().then((body) => ({ body })));
  app.table('orders').upsert({ id: 1, item: 'tea' });
  return { app, left: promise };
}

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Reads a stream until `wanted` has come, then leaves. */
async function readUntil(url: string, wanted: string): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n\r\n`,
  );
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.includes(wanted)) break;
  }
  return text;
}

/** What every host must do: the app's routes, its tables' streams, and the host's own route. */
async function tryAll(base: string, own: string, left: Promise<void>): Promise<void> {
  assert.match(await readUntil(`${base}/progress/7`, '"id":"7"'), /^HTTP\/1\.1 200/);
  await left;
  assert.match(
    await readUntil(`${base}/api/tables/orders/stream`, '"item":"tea"'),
    /"type":"init"/,
  );
  const echo = await fetch(`${base}/echo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":1}',
  });
  assert.equal(await echo.json(), { body: { a: 1 } });
  const component = await fetch(`${base}/sse-table.js`);
  assert.is(component.status, 200);
  assert.ok((await component.text()).length > 10_000);
  assert.is(await (await fetch(own)).text(), 'theirs');
}

test('mount: a node:http server keeps its own routes; the undo gives all back', async () => {
  const { app, left } = createLive();
  const server = createServer((_, response) => response.end('theirs'));
  const unmount = app.mount(server);
  const url = await urlOf(server);
  await tryAll(url, `${url}/other`, left);
  unmount();
  assert.is(await (await fetch(`${url}/api/tables`)).text(), 'theirs');
  await app.close();
  server.close();
  server.closeAllConnections();
});

test('mount: below a prefix, and nothing beside it', async () => {
  const { app, left } = createLive();
  const server = createServer((_, response) => response.end('theirs'));
  app.mount(server, '/live');
  const url = await urlOf(server);
  await tryAll(`${url}/live`, `${url}/api/tables`, left);
  assert.is(await (await fetch(`${url}/livery`)).text(), 'theirs');
  assert.throws(() => app.mount(server, 'live'), /the prefix "live" must look like "\/live"/);
  await app.close();
  server.close();
  server.closeAllConnections();
});

test('a server without routes of its own: what is not there is 404', async () => {
  const { app } = createLive();
  const server = createServer();
  app.mount(server);
  assert.is((await fetch(`${await urlOf(server)}/nothing`)).status, 404);
  await app.close();
  server.close();
  server.closeAllConnections();
});

test('Express: app.use(live.handle), before and below its own routes', async () => {
  const { app, left } = createLive();
  const host = express();
  host.use('/live', app.handle);
  host.get('/other', (_, response) => void response.send('theirs'));
  const server = createServer(host);
  const url = await urlOf(server);
  await tryAll(`${url}/live`, `${url}/other`, left);
  assert.is((await fetch(`${url}/live/nothing`)).status, 404);
  await app.close();
  server.close();
  server.closeAllConnections();
});

test('Fastify: live.mount(fastify.server)', async () => {
  const { app, left } = createLive();
  const fastify = Fastify();
  fastify.get('/other', async () => 'theirs');
  app.mount(fastify.server);
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  await tryAll(url, `${url}/other`, left);
  await app.close();
  await fastify.close();
});

test('a mounted stream leaves the listeners that others have on its socket', async () => {
  const { app } = createLive();
  const server = createServer();
  const closed = Promise.withResolvers<void>();
  server.on('connection', (socket) => socket.once('close', closed.resolve));
  app.mount(server);
  await readUntil(`${await urlOf(server)}/progress/7`, '"id":"7"');
  await closed.promise;
  await app.close();
  server.close();
});

test('close: mounted streams are told the end', async () => {
  const { app } = createLive();
  const server = createServer();
  app.mount(server);
  const { port } = new URL(await urlOf(server));
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET /progress/7 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
  let text = '';
  for await (const chunk of socket) {
    const hadBegun = text.includes('"id":"7"');
    text += chunk;
    if (!hadBegun && text.includes('"id":"7"')) await app.close();
  }
  assert.match(text, /"type":"end","reason":"shutdown"/);
  server.close();
});
