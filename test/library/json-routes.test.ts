import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { withApp } from '../http/server.ts';
import { suite } from '../suite.ts';

const test = suite('JSON routes');

const JSON_HEADERS = { 'Content-Type': 'application/json' };

test('each method: parameters, body and result', async () => {
  await withApp({}, async ({ app, url }) => {
    const held = new Map<string, unknown>();
    app.get('/items/:id', ({ params }) => ({ id: params.id, value: held.get(params.id) ?? null }));
    app.put('/items/:id', async ({ params, json }) => {
      held.set(params.id, await json());
    });
    app.post('/items', async ({ json }) => Response.json(await json(), { status: 201 }));
    app.patch('/items/:id', async ({ json, query }) => [await json(), query.get('q')]);
    app.delete('/items/:id', ({ params }) => held.delete(params.id));
    const send = async (method: string, path: string, body?: unknown): Promise<unknown[]> => {
      const answer = await fetch(`${url}${path}`, {
        method,
        ...(body !== undefined && { headers: JSON_HEADERS, body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return [answer.status, text === '' ? undefined : JSON.parse(text)];
    };
    assert.equal(await send('PUT', '/items/a%20b', { x: 1 }), [204, undefined]);
    assert.equal(await send('GET', '/items/a%20b'), [200, { id: 'a b', value: { x: 1 } }]);
    assert.equal(await send('POST', '/items', [1]), [201, [1]]);
    assert.equal(await send('PATCH', '/items/1?q=z', 5), [200, [5, 'z']]);
    assert.equal(await send('DELETE', '/items/a%20b'), [200, true]);
    assert.equal(await send('POST', '/items/1', {}), [
      405,
      {
        status: 'error',
        code: 'method_not_allowed',
        message: 'POST is not possible on "/items/1"; use GET, HEAD, PUT, PATCH, DELETE, OPTIONS',
      },
    ]);
  });
});

test('what is thrown: SseTableError is its status; anything else is 500, without its text', async () => {
  await withApp(
    {},
    async ({ app, url }) => {
      app.get('/known', () => {
        throw new SseTableError('conflict', 'there are two of them');
      });
      app.get('/unknown', () => {
        throw new Error('secret');
      });
      app.post('/body', async ({ json }) => ({ body: await json() }));
      const known = await fetch(`${url}/known`);
      assert.is(known.status, 409);
      assert.match(await known.text(), /there are two of them/);
      const unknown = await fetch(`${url}/unknown`);
      assert.is(unknown.status, 500);
      assert.not.match(await unknown.text(), /secret/);
      const body = await fetch(`${url}/body`, { method: 'POST', headers: JSON_HEADERS, body: '{' });
      assert.is(body.status, 400);
    },
    { log: { debug() {}, info() {}, warn() {}, error() {} } },
  );
});

const RESULTS: [name: string, result: object | null, body: string][] = [
  [
    'a date and an undefined member',
    { at: new Date(0), no: undefined },
    '{"at":"1970-01-01T00:00:00.000Z"}',
  ],
  ['__proto__ as a column', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ['an array', [1, 'a', null], '[1,"a",null]'],
  ['null', null, 'null'],
];
for (const [name, result, body] of RESULTS) {
  test(`result: ${name}`, async () => {
    await withApp({}, async ({ app, url }) => {
      app.get('/r', () => result);
      const answer = await fetch(`${url}/r`);
      assert.is(answer.headers.get('content-type'), 'application/json; charset=utf-8');
      assert.is(await answer.text(), body);
    });
  });
}

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const WRONG: [name: string, result: object, message: RegExp][] = [
  ['NaN', { price: Number.NaN }, /the result\.price is NaN: JSON has no form of it/],
  ['a Map', { byId: new Map() }, /the result\.byId is a Map; make it an array or a plain object/],
  ['a bigint', [1n], /the result\[0\] is a bigint; make it a string/],
  ['a function', { f() {} }, /the result\.f is a function/],
  ['a hole', [undefined], /the result\[0\] is undefined/],
  ['itself', cyclic, /is nested more than 64 levels deep/],
];
for (const [name, result, message] of WRONG) {
  test(`result: ${name} is a 500, and the log says where`, async () => {
    const errors: unknown[] = [];
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (_: string, fields?: Record<string, unknown>) => void errors.push(fields?.error),
    };
    await withApp(
      {},
      async ({ app, url }) => {
        app.get('/r', () => result);
        assert.is((await fetch(`${url}/r`)).status, 500);
        assert.match(String(errors[0]), message);
      },
      { log },
    );
  });
}
