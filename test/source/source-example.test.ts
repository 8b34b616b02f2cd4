/** Runs the source that CONTRIBUTING.md shows. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import type { Source } from '../../server/source/source.ts';
import { suite } from '../suite.ts';
import { Following } from './follow-source.ts';

const test = suite('the source in CONTRIBUTING');

type Example = { restSource(url: string, table: string, everyMs: number): Source };

test('it follows an endpoint, is down while that is, and asks with the ETag', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8');
  const code = /```ts\n(import type \{ Source \}.*?)```/s.exec(text)?.[1];
  assert.ok(code, 'the example is there');
  const folder = mkdtempSync(join(tmpdir(), 'sse-table-example-'));
  const path = join(folder, 'rest-source.ts');
  writeFileSync(path, code);
  const { restSource } = (await import(pathToFileURL(path).href)) as Example;
  rmSync(folder, { recursive: true });

  let answer = {
    status: 200,
    rows: [
      { id: 1, n: 1 },
      { id: 2, n: 1 },
    ],
    etag: '"a"',
  };
  let unchanged = 0;
  const server = createServer((request, response) => {
    const isSame = request.headers['if-none-match'] === answer.etag && answer.status === 200;
    if (isSame) unchanged++;
    response.writeHead(isSame ? 304 : answer.status, { ETag: answer.etag });
    response.end(isSame ? undefined : JSON.stringify(answer.rows));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  {
    await using following = await Following.start(
      restSource(`http://127.0.0.1:${port}/`, 'orders', 10),
    );
    await following.shows('orders', [
      { id: 1, n: 1 },
      { id: 2, n: 1 },
    ]);
    await following.until('asked with the ETag', () => unchanged > 2);
    answer = {
      status: 200,
      rows: [
        { id: 2, n: 5 },
        { id: 3, n: 1 },
      ],
      etag: '"b"',
    };
    await following.shows('orders', [
      { id: 2, n: 5 },
      { id: 3, n: 1 },
    ]);
    answer = { ...answer, status: 500 };
    await following.until('down', async () => {
      const { status } = await fetch(`${following.url}/readyz`);
      return status === 503;
    });
  }
  server.closeAllConnections();
  server.close();
});
