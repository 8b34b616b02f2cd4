import { once } from 'node:events';
import { connect } from 'node:net';
import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { exchange, request, withApp } from '../http/server.ts';
import { suite } from '../suite.ts';

const test = suite('app.sse');

const HEADERS = 'Host: localhost\r\nAccept: text/event-stream\r\n';

/** The events of an answer, without the `retry:` that comes first. */
function events(answer: string): string {
  const end = answer.indexOf('\r\n\r\n') + 4;
  let body = answer.slice(end);
  if (/transfer-encoding: chunked/i.test(answer.slice(0, end))) {
    let bytes = Buffer.from(body);
    const parts: Buffer[] = [];
    while (bytes.length > 0) {
      const line = bytes.indexOf('\r\n');
      const size = Number.parseInt(bytes.toString('latin1', 0, line), 16);
      parts.push(bytes.subarray(line + 2, line + 2 + size));
      bytes = bytes.subarray(line + 2 + size + 2);
    }
    body = Buffer.concat(parts).toString();
  }
  return body.replace(/^retry: \d+\n\n/, '');
}

test('path parameters are decoded, the query is there, the head is that of a stream', async () => {
  await withApp({}, async ({ app, port }) => {
    app.sse('/rooms/:room/users/:user', async function* ({ params, query }) {
      yield { room: params.room, user: params.user, q: query.get('q') };
    });
    const path = '/rooms/caf%C3%A9/users/a%2Fb?q=1';
    const text = await exchange(port, `GET ${path} HTTP/1.1\r\n${HEADERS}\r\n`);
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(text, /Content-Type: text\/event-stream\r\n/);
    assert.match(text, /Cache-Control: no-cache, no-transform\r\n/);
    assert.match(text, /X-Accel-Buffering: no\r\n/);
    assert.is(events(text), 'data: {"room":"café","user":"a/b","q":"1"}\n\nid: gone.0\n\n');
  });
});

test('HTTP/1.0: no chunks', async () => {
  await withApp({}, async ({ app, port }) => {
    app.sse('/s', function* () {
      yield 'a\nb';
    });
    const text = await exchange(port, `GET /s HTTP/1.0\r\n${HEADERS}\r\n`);
    assert.not.match(text, /transfer-encoding/i);
    assert.is(events(text), 'data: a\ndata: b\n\nid: gone.0\n\n');
  });
});

test('HEAD answers without starting a generator; another method is refused', async () => {
  await withApp({}, async ({ app, port }) => {
    let starts = 0;
    app.sse('/s', () => {
      starts++;
      return [];
    });
    const head = await request(port, 'HEAD /s', { Accept: '*/*' });
    assert.is(head.status, 200);
    assert.is(head.headers.get('content-type'), 'text/event-stream');
    assert.is((await request(port, 'POST /s')).status, 405);
    assert.is((await request(port, 'GET /s', { Accept: 'text/html' })).status, 406);
    assert.is(starts, 0);
  });
});

test('who comes back after the end gets 204; with restart, the generator again', async () => {
  await withApp({}, async ({ app, port }) => {
    const ids: (string | undefined)[] = [];
    app.sse('/once', () => ['a']);
    app.sse(
      '/again',
      ({ lastEventId }) => {
        ids.push(lastEventId);
        return [{ id: 7, data: 'a' }];
      },
      { restart: true },
    );
    const again = { Accept: 'text/event-stream', 'Last-Event-ID': 'gone.0' };
    assert.is((await request(port, 'GET /once', again)).status, 204);
    const text = await exchange(port, `GET /again HTTP/1.1\r\n${HEADERS}Last-Event-ID: 7\r\n\r\n`);
    assert.is(events(text), 'data: a\nid: 7\n\n');
    assert.equal(ids, ['7']);
  });
});

test('a client that leaves: signal is aborted and finally runs', async () => {
  await withApp({}, async ({ app, port }) => {
    const left = Promise.withResolvers<void>();
    app.sse('/s', async function* ({ signal }) {
      try {
        yield 1;
        await once(signal, 'abort');
        yield 2;
      } finally {
        left.resolve();
      }
    });
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /s HTTP/1.1\r\n${HEADERS}\r\n`);
    for await (const chunk of socket) if (String(chunk).includes('data: 1')) break;
    await left.promise;
  });
});

test('a client that reads nothing: the generator waits, and goes on when it reads', async () => {
  await withApp({}, async ({ app, port }) => {
    let pulled = 0;
    const total = 20_000;
    app.sse('/s', function* () {
      for (pulled = 1; pulled <= total; pulled++) yield { n: pulled, pad: 'x'.repeat(1_000) };
    });
    const socket = connect(port, '127.0.0.1').pause();
    socket.write(`GET /s HTTP/1.1\r\n${HEADERS}\r\n`);
    // The kernel takes some for a reader that does not read; then nothing moves.
    let before = -1;
    while (pulled === 0 || pulled !== before) {
      before = pulled;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(pulled < total, `${pulled} of ${total} were pulled`);
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.resume();
    await once(socket, 'close');
    const numbers = Array.from(text.matchAll(/"n":(\d+)/g), ([, n]) => Number(n));
    assert.is(numbers.length, total);
    assert.ok(
      numbers.every((n, index) => n === index + 1),
      'all, in order',
    );
  });
});

test('close: clients get end shutdown, and it waits for what finally does', async () => {
  let hasCleanedUp = false;
  let answer: Promise<string> | undefined;
  await withApp({ grace: 5_000 }, async ({ app, port }) => {
    const begun = Promise.withResolvers<void>();
    app.sse('/s', async function* ({ signal }) {
      try {
        begun.resolve();
        await once(signal, 'abort');
        yield 1;
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 20));
        hasCleanedUp = true;
      }
    });
    answer = exchange(port, `GET /s HTTP/1.1\r\n${HEADERS}\r\n`);
    await begun.promise;
  });
  assert.ok(hasCleanedUp);
  assert.match(events((await answer) ?? ''), /^data: \{"type":"end","reason":"shutdown",/);
});

test('close: a generator that never cleans up holds it no longer than the grace', async () => {
  await withApp({ grace: 50 }, async ({ app, port }) => {
    const begun = Promise.withResolvers<void>();
    app.sse('/s', async function* () {
      begun.resolve();
      yield 1;
      await new Promise(() => undefined);
    });
    void exchange(port, `GET /s HTTP/1.1\r\n${HEADERS}\r\n`);
    await begun.promise;
  });
});

test('streams of generators count: --max-connections refuses, /api/metrics tells', async () => {
  await withApp({ maxConnections: 1 }, async ({ app, port, url }) => {
    app.sse('/s', async function* ({ signal }) {
      yield 1;
      await once(signal, 'abort');
    });
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /s HTTP/1.1\r\n${HEADERS}\r\n`);
    await once(socket, 'data');
    assert.is((await request(port, 'GET /s', { Accept: 'text/event-stream' })).status, 503);
    const metrics = JSON.parse(await (await fetch(`${url}/api/metrics`)).text());
    assert.is(metrics.total_connections, 1);
    socket.destroy();
  });
});

test('a throw is told without internals, and logged with the path', async () => {
  const lines: string[] = [];
  const record = (text: string): void => void lines.push(text);
  const log = { debug: record, info: record, warn: record, error: record };
  await withApp(
    {},
    async ({ app, port }) => {
      // biome-ignore lint/correctness/useYield: it fails before its first item
      app.sse('/jobs/:id', async function* ({ params }): AsyncGenerator<number> {
        if (params.id === '7') throw new SseTableError('not_found', 'there is no job 7');
        throw new Error('secret');
      });
      const open = (id: string): Promise<string> =>
        exchange(port, `GET /jobs/${id} HTTP/1.1\r\n${HEADERS}\r\n`);
      assert.match(events(await open('7')), /"code":"not_found","message":"there is no job 7"/);
      const text = await open('8');
      assert.match(events(text), /"code":"internal"/);
      assert.not.match(text, /secret/);
      assert.equal(lines, ['the generator of /jobs/:id failed']);
    },
    { log },
  );
});

const WRONG: [pattern: `/${string}`, message: RegExp][] = [
  ['/a/:', /the parameter ":"; name it like :room_id/],
  ['/a/:b-c', /the parameter ":b-c"/],
  ['/:a/:a', /the parameter ":a" twice/],
  ['/files/*', /holds "\*"; each segment is literal or a :parameter/],
  ['/a?b=1', /holds "a\?b=1"/],
  ['/taken/:x', /GET \/taken\/:x is taken already, by \/taken\/:y/],
  ['/api/tables', /GET \/api\/tables is taken already/],
];
for (const [pattern, message] of WRONG) {
  test(`the path ${pattern}: refused, naming what is wrong`, async () => {
    await withApp({}, async ({ app }) => {
      app.get('/taken/:y', () => 1);
      assert.throws(() => app.sse(pattern, () => []), message);
    });
  });
}

test('a path without a slash, a time that is none: refused', async () => {
  await withApp({}, async ({ app }) => {
    const loose: { sse: (...stream: unknown[]) => void } = Object(app);
    assert.throws(() => loose.sse('a', () => []), /the path "a" must begin with a slash/);
    for (const timeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => app.sse('/t', () => [], { timeout }), /timeout .* is not a time in ms/);
    }
  });
});

test('a literal path wins over a parameter, in whichever order they are added', async () => {
  await withApp({}, async ({ app, url }) => {
    app.get('/a/:id', ({ params }) => params.id);
    app.get('/a/new', () => 'literal');
    assert.is(await (await fetch(`${url}/a/new`)).json(), 'literal');
    assert.is(await (await fetch(`${url}/a/7`)).json(), '7');
  });
});
