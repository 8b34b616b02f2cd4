import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { StaticFiles } from '../../server/http/static-files.ts';
import { suite } from '../suite.ts';
import { request, withApp } from './server.ts';

const test = suite('static files');

const SCRIPT = 'console.log(1)';
const HTML = `<!doctype html><style>p{}</style><script>${SCRIPT}</script><script type="module" src="/a.js"></script>`;
const PAGE = new Map([
  ['index.html', Buffer.from(HTML)],
  ['sse-table.js', Buffer.from('export const x = 1;\n'.repeat(200))],
  ['favicon.svg', Buffer.from('<svg/>')],
]);

const withPage = (body: (port: number, url: string) => Promise<void>): Promise<void> =>
  withApp({}, ({ port, url }) => body(port, url), { page: PAGE });

test('GET / is index.html, with a strict policy that knows its inline code', async () => {
  await withPage(async (port) => {
    const hash = createHash('sha256').update(SCRIPT).digest('base64');
    const styleHash = createHash('sha256').update('p{}').digest('base64');
    for (const path of ['/', '/index.html']) {
      const { status, headers, body } = await request(port, `GET ${path}`);
      assert.is(status, 200);
      assert.is(body, HTML);
      assert.is(headers.get('content-type'), 'text/html; charset=utf-8');
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, "default-src 'none'");
      assert.match(policy, `script-src 'self' 'sha256-${hash}';`);
      assert.match(policy, `style-src 'self' 'sha256-${styleHash}';`);
      assert.match(policy, "frame-ancestors 'none'");
      assert.not.match(policy, 'unsafe');
      assert.is(headers.get('x-frame-options'), 'DENY');
      assert.is(headers.get('x-content-type-options'), 'nosniff');
      assert.is(headers.get('cross-origin-resource-policy'), 'same-origin');
    }
  });
});

test('the component file may be loaded by any page', async () => {
  await withPage(async (port) => {
    const { headers } = await request(port, 'GET /sse-table.js', { Origin: 'http://any.example' });
    assert.is(headers.get('access-control-allow-origin'), '*');
    assert.is(headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.is(headers.get('content-type'), 'text/javascript; charset=utf-8');
  });
});

test('ETag: 304 for who has it, and HEAD without a body', async () => {
  await withPage(async (port) => {
    const first = await request(port, 'GET /favicon.svg');
    const etag = first.headers.get('etag') ?? '';
    const again = await request(port, 'GET /favicon.svg', { 'If-None-Match': etag });
    assert.is(again.status, 304);
    assert.is(again.body, '');
    assert.is(again.headers.get('etag'), etag);
    const head = await request(port, 'HEAD /favicon.svg');
    assert.is(head.headers.get('content-length'), '6');
    assert.is(head.body, '');
    assert.is((await request(port, 'GET /nope.js')).status, 404);
    assert.is((await request(port, 'POST /')).status, 405);
  });
});

test('codings are made once and differ in their ETags', async () => {
  const files = new StaticFiles(PAGE);
  await files.compressed;
  const sent: { headers: Record<string, string>; body: Buffer }[] = [];
  for (const coding of ['br, gzip', 'gzip', 'identity', '']) {
    const request = { headers: { 'accept-encoding': coding === '' ? undefined : coding } };
    let headers: Record<string, string> = {};
    const response = {
      writeHead: (_: number, given: Record<string, string>) => {
        headers = given;
      },
      end: (body: Buffer) => void sent.push({ headers, body }),
    };
    // Only what send() touches of node:http's objects.
    Reflect.apply(files.send, files, [{ request, response, headers: {} }, 'sse-table.js']);
  }
  const plain = PAGE.get('sse-table.js') ?? Buffer.alloc(0);
  assert.equal(
    sent.map(({ headers }) => headers['Content-Encoding']),
    ['br', 'gzip', undefined, undefined],
  );
  assert.equal(brotliDecompressSync(sent[0]?.body ?? ''), plain);
  assert.equal(gunzipSync(sent[1]?.body ?? ''), plain);
  assert.is(sent[2]?.body, plain);
  assert.is(new Set(sent.map(({ headers }) => headers.ETag)).size, 3);
});
