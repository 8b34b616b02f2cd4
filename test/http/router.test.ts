import * as assert from 'uvu/assert';
import { type Route, Router } from '../../server/http/router.ts';
import { suite } from '../suite.ts';

const test = suite('Router');

function route(method: Route['method'], pattern: string): Route {
  return { method, pattern, permission: 'open', handle: () => undefined };
}

const router = new Router([
  route('GET', '/'),
  route('GET', '/t'),
  route('GET', '/t/:table'),
  route('POST', '/t/:table'),
  route('GET', '/t/:table/stream'),
  route('GET', '/t/:table/:key'),
  route('DELETE', '/t/:table/:key'),
]);

for (const [method, path, pattern, params] of [
  ['GET', '/', '/', {}],
  ['HEAD', '/t', '/t', {}],
  ['GET', '/t/a', '/t/:table', { table: 'a' }],
  ['POST', '/t/a', '/t/:table', { table: 'a' }],
  ['GET', '/t/a/stream', '/t/:table/stream', { table: 'a' }],
  ['DELETE', '/t/a/stream', '/t/:table/:key', { table: 'a', key: 'stream' }],
] as const) {
  test(`match: ${method} ${path} is ${pattern}`, () => {
    const match = router.match(method, path.slice(1).split('/'), path);
    assert.is(match.route.pattern, pattern);
    assert.equal(Object.fromEntries(match.params), params);
  });
}

for (const path of ['/x', '/t/', '/t/a/b/c', '/T', '/t/a/']) {
  test(`match: nothing is at ${path}`, () => {
    assert.throws(() => router.match('GET', path.slice(1).split('/'), path), /there is nothing at/);
  });
}

test('match: a wrong method names the right ones', () => {
  assert.throws(() => router.match('PUT', ['t', 'a'], '/t/a'), /use GET, HEAD, POST, OPTIONS/);
});

test('allowed: the methods of all patterns that fit', () => {
  assert.equal(router.allowed(['t', 'a', 'stream']), ['GET', 'HEAD', 'DELETE', 'OPTIONS']);
  assert.equal(router.allowed(['x']), []);
});
