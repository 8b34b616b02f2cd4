import { get as getHttp } from 'node:http';
import type { ClientHttp2Session } from 'node:http2';
import { get as getHttps } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as assert from 'uvu/assert';
import { suite } from '../suite.ts';
import { CERTIFICATE, connectHttp2 } from './http2-client.ts';
import { type Running, withApp } from './server.ts';

const test = suite('connection churn');

const PATH = '/api/tables/t/stream';

/** Streams opened and left, in rounds of so many at once. */
const CONNECTIONS = 3_000;
const AT_ONCE = 50;

/** Some come first, so that caches and pools are as large as they get. */
const WARM_UP = 1_000;

/** Growth that is V8's: code compiled meanwhile. A subscriber left for each stream would be more. */
const MAX_GROWTH_BYTES = 1_024 * 1_024;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

async function heapUsed(): Promise<number> {
  if (typeof collect !== 'function') throw new Error('there is no gc()');
  for (let n = 0; n < 5; n++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

/** Sockets that the process has open, of either end, and time-outs that wait. */
function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /socket|tls|timeout/i.test(kind));
}

/** Whether the server holds a stream, or a socket beside that of the question. */
function isAnyoneThere(url: string): Promise<boolean> {
  const get = url.startsWith('https:') ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const options = { agent: false, rejectUnauthorized: false };
    const request = get(`${url}/api/metrics`, options, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const { total_connections, streams, http } = JSON.parse(text);
      resolve(total_connections > 0 || streams.subscribers > 0 || http.sockets > 1);
    });
    request.on('error', reject);
  });
}

/** Opens a stream, reads its first event, and leaves. */
type Visit = (gzip: boolean, isPolite: boolean) => Promise<void>;

function visitBySocket(open: () => Socket): Visit {
  return (gzip, isPolite) =>
    new Promise((resolve, reject) => {
      const socket = open();
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.once('data', () => {
        if (isPolite) socket.end();
        else socket.destroy();
      });
      const coding = gzip ? 'Accept-Encoding: gzip\r\n' : '';
      socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n${coding}\r\n`);
    });
}

/** Each session is used for one round and left in either way. */
function visitByHttp2(url: string): { visit: Visit; leave: () => void } {
  let session: Promise<ClientHttp2Session> | undefined;
  const visit: Visit = async (gzip) => {
    session ??= connectHttp2(url);
    const stream = (await session).request({
      ':path': PATH,
      ...(gzip && { 'accept-encoding': 'gzip' }),
    });
    await new Promise<void>((resolve, reject) => {
      stream.on('error', reject);
      stream.on('close', () => resolve());
      stream.once('data', () => stream.close(8));
    });
  };
  const leave = (): void => {
    const left = session;
    session = undefined;
    void left?.then((used) => used.close());
  };
  return { visit, leave };
}

interface Way {
  title: string;
  options: object;
  begin: (running: Running) => { visit: Visit; leave: () => void };
}

const nothing = (): void => undefined;

const WAYS: Way[] = [
  {
    title: 'HTTP/1.1',
    options: {},
    begin: ({ port }) => ({
      visit: visitBySocket(() => connect(port, '127.0.0.1')),
      leave: nothing,
    }),
  },
  {
    title: 'HTTP/1.1 over TLS',
    options: CERTIFICATE,
    begin: ({ port }) => ({
      visit: visitBySocket(() =>
        connectTls({ port, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false }),
      ),
      leave: nothing,
    }),
  },
  { title: 'HTTP/2', options: CERTIFICATE, begin: ({ url }) => visitByHttp2(url) },
];

for (const { title, options, begin } of WAYS) {
  test(`${title}: ${CONNECTIONS} streams opened and left leave nothing behind`, {
    timeoutMs: 120_000,
  }, async () => {
    await withApp(
      { ...options, maxPerAddress: 10_000, ringFrames: 16, accessLog: true },
      async (running) => {
        const { app } = running;
        const table = app.table('t');
        table.apply([{ type: 'add', data: { id: 1 } }]);
        const { visit, leave } = begin(running);

        async function churn(count: number): Promise<void> {
          for (let done = 0; done < count; done += AT_ONCE) {
            const round = Array.from({ length: AT_ONCE }, (_, n) =>
              visit(n % 2 === 0, n % 3 === 0),
            );
            table.apply([{ type: 'update', data: { id: 1, n: done } }]);
            await Promise.all(round);
            leave();
          }
          while (await isAnyoneThere(running.url)) await pause();
        }

        await churn(WARM_UP);
        const heapBefore = await heapUsed();
        await churn(CONNECTIONS);
        const growth = (await heapUsed()) - heapBefore;
        // The sockets of the last questions close in their own time.
        for (let n = 0; n < 200 && openHandles().length > 1; n++) await pause();
        assert.equal(openHandles(), ['Timeout'], "only the test's own limit");
        assert.ok(growth < MAX_GROWTH_BYTES, `the heap has grown by ${growth} bytes`);
      },
    );
  });
}
