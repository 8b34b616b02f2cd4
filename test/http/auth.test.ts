import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import * as assert from 'uvu/assert';
import type { Options } from '../../server/options.ts';
import { suite } from '../suite.ts';
import { readStream, start, withApp } from './server.ts';

const test = suite('tokens');

const SECRET = 'a-secret-of-at-least-32-characters';
const TOKENS = { demo: true, jwtSecret: SECRET };

function sign(
  claims: JWTPayload,
  expires: string | number = '1h',
  secret = SECRET,
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

test('what is open without a token, and what is not', async () => {
  const page = new Map([['index.html', Buffer.from('<p>page')]]);
  await withApp(
    TOKENS,
    async ({ url }) => {
      for (const path of ['/', '/index.html', '/healthz', '/readyz']) {
        assert.is((await fetch(url + path)).status, 200, path);
      }
      for (const path of [
        '/api/tables',
        '/api/tables/users',
        '/api/tables/users/1',
        '/api/tables/users/stream',
        '/api/data',
        '/api/metrics',
        '/metrics',
      ]) {
        const response = await fetch(url + path);
        assert.is(response.status, 401, path);
        assert.is(response.headers.get('www-authenticate'), 'Bearer realm="sse-table"');
        assert.is(JSON.parse(await response.text()).code, 'unauthorized');
      }
      assert.is((await fetch(`${url}/api/start`, { method: 'POST' })).status, 401);
    },
    { page },
  );
});

test('bad tokens are 401, and none is echoed', async () => {
  const lines: string[] = [];
  const record = (message: string, fields?: object): void => {
    lines.push(message + JSON.stringify(fields));
  };
  const log = { debug: record, info: record, warn: record, error: record };
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
  await withApp(
    { ...TOKENS, tokenInQuery: false },
    async ({ url }) => {
      for (const [token, code] of [
        ['garbage', 'unauthorized'],
        ['a.b.c', 'unauthorized'],
        [none, 'unauthorized'],
        [
          await sign({ scope: 'admin' }, '1h', 'another-secret-of-at-least-32-chars'),
          'unauthorized',
        ],
        [await sign({ scope: 'admin' }, 1_000), 'token_expired'],
        [await sign({ scope: 'admin', nbf: 9_999_999_999 }), 'unauthorized'],
        ['x'.repeat(9_000), 'unauthorized'],
      ] as const) {
        const response = await fetch(`${url}/api/tables`, { headers: bearer(token) });
        const text = await response.text();
        assert.is(response.status, 401, text);
        assert.is(JSON.parse(text).code, code);
        assert.is(text.includes(token), false);
      }
      const good = await sign({ scope: 'admin' });
      assert.is((await fetch(`${url}/api/tables?token=${good}`)).status, 401);
      assert.equal(lines, []);
    },
    { log },
  );
});

test('the token comes by header, cookie, or query where asked for', async () => {
  const token = await sign({ permissions: ['sse:read'] });
  await withApp({ ...TOKENS, tokenInQuery: true }, async ({ url }) => {
    const rows = `${url}/api/tables/users`;
    assert.is((await fetch(rows, { headers: bearer(token) })).status, 200);
    assert.is(
      (await fetch(rows, { headers: { Cookie: `a=b; sse_table_token=${token}` } })).status,
      200,
    );
    assert.is((await fetch(`${rows}?token=${token}`)).status, 200);
    const { status } = await readStream(`${rows}/stream?token=${token}`, (text) => text !== '');
    assert.is(status, 200);
  });
});

test('permissions: read, write, admin, and for one table', async () => {
  await withApp({ ...TOKENS, create: true }, async ({ url, app }) => {
    app.table('orders');
    const requests = {
      readUsers: () => ['GET', '/api/tables/users', undefined] as const,
      readOrders: () => ['GET', '/api/tables/orders', undefined] as const,
      writeOrders: () => ['POST', '/api/tables/orders', '{"id":1}'] as const,
      startDemo: () => ['POST', '/api/start', '{"interval_ms":60000}'] as const,
      metrics: () => ['GET', '/api/metrics', undefined] as const,
    };
    for (const [claims, allowed] of [
      [{ scope: 'sse:read' }, ['readUsers', 'readOrders', 'metrics']],
      [{ permissions: ['sse:read', 'sse:write'] }, Object.keys(requests)],
      [{ scope: 'other admin' }, Object.keys(requests)],
      [{ scope: 'sse:read:orders' }, ['readOrders']],
      [{ scope: 'sse:write:orders' }, ['writeOrders']],
      [{ permissions: ['sse:write:users', 5] }, ['startDemo']],
      [{ permissions: 'admin' }, []],
      [{}, []],
    ] as const) {
      const headers = { ...bearer(await sign(claims)), 'Content-Type': 'application/json' };
      for (const [name, make] of Object.entries(requests)) {
        const [method, path, body] = make();
        const init = { method, headers, ...(body === undefined ? {} : { body }) };
        const response = await fetch(url + path, init);
        const isAllowed = allowed.some((one) => one === name);
        assert.is(response.status, isAllowed ? 200 : 403, `${JSON.stringify(claims)} ${name}`);
        const text = await response.text();
        if (!isAllowed) assert.match(text, /the token lacks the permission sse:(read|write)/);
      }
    }
    const list = await fetch(`${url}/api/tables`, {
      headers: bearer(await sign({ scope: 'sse:read:orders' })),
    });
    const { data } = JSON.parse(await list.text());
    assert.equal(
      data.map(({ name }: { name: string }) => name),
      ['orders'],
    );
  });
});

test('an expired token ends its stream', async () => {
  await withApp(TOKENS, async ({ url }) => {
    const token = await sign({ scope: 'sse:read' }, Math.floor(Date.now() / 1_000) + 2);
    const { text } = await readStream(`${url}/api/tables/users/stream`, () => false, bearer(token));
    assert.match(
      text,
      /"type":"error","code":"token_expired".*\n\ndata: .*"type":"end","reason":"unauthorized"/,
    );
  });
});

test('POST /api/protected/start: with a token that may write', async () => {
  await withApp(TOKENS, async ({ url }) => {
    const start = async (scope: string): Promise<number> => {
      const headers = bearer(await sign({ scope }));
      return (await fetch(`${url}/api/protected/start`, { method: 'POST', headers })).status;
    };
    assert.is(await start('sse:write'), 200);
    assert.is(await start('sse:read'), 403);
  });
});

for (const alg of ['RS256', 'ES256'] as const) {
  test(`a key set: ${alg}, and never its public key as a secret`, async () => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg };
    const keys = createServer((_, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    const address = keys.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const options: Partial<Options> = { demo: true, jwksUrl: `http://127.0.0.1:${port}/jwks` };
    const { app, url } = await start(options);
    try {
      const of = (kid: string): Promise<string> =>
        new SignJWT({ scope: 'sse:read' })
          .setProtectedHeader({ alg, kid })
          .setExpirationTime('1h')
          .sign(privateKey);
      const status = async (token: string): Promise<number> =>
        (await fetch(`${url}/api/data`, { headers: bearer(token) })).status;
      assert.is(await status(await of('k1')), 200);
      assert.is(await status(await of('k2')), 401);
      assert.is(await status(await sign({ scope: 'admin' }, '1h', JSON.stringify(jwk))), 401);
    } finally {
      await app.close();
      keys.closeAllConnections();
      keys.close();
    }
  });
}

test('a key set that cannot be fetched is the server’s trouble: 503, logged', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const errors: string[] = [];
  const quiet = (): void => undefined;
  const log = {
    debug: quiet,
    info: quiet,
    warn: quiet,
    error: (text: string) => void errors.push(text),
  };
  await withApp(
    { demo: true, jwksUrl: 'http://127.0.0.1:1/jwks' },
    async ({ url }) => {
      const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
      const response = await fetch(`${url}/api/data`, { headers: bearer(token) });
      assert.is(response.status, 503);
      assert.equal(errors, ['the key set for tokens could not be read']);
    },
    { log },
  );
});
