import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as assert from 'uvu/assert';
import type { Change } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';
import { CERTIFICATE, connectHttp2 } from './http2-client.ts';
import { type Running, withApp } from './server.ts';

const test = suite('fairness over real sockets');

const ROWS = 50_000;
const ROW_BYTES = 1_000;
const PATH = '/api/tables/t/stream';

/** Changes that the other one gets, one after the other, while 50 MB go out: far more in practice. */
const LEAST_CHANGES = 20;

/** Reads a stream and tells of each chunk. */
type Read = (onText: (text: string) => void) => Promise<() => void>;

function overSocket(open: () => Socket): Read {
  return async (onText) => {
    const socket = open();
    socket.on('data', (bytes) => onText(bytes.toString('latin1')));
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return () => socket.destroy();
  };
}

const WAYS: [title: string, options: object, read: (running: Running) => Promise<Read>][] = [
  ['HTTP/1.1', {}, async ({ port }) => overSocket(() => connect(port, '127.0.0.1'))],
  [
    'HTTP/1.1 over TLS',
    CERTIFICATE,
    async ({ port }) =>
      overSocket(() =>
        connectTls({ port, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false }),
      ),
  ],
  [
    'HTTP/2, both on one connection',
    CERTIFICATE,
    async ({ url }) => {
      const session = await connectHttp2(url);
      let streams = 0;
      return async (onText) => {
        const stream = session.request({ ':path': PATH });
        streams++;
        stream.on('data', (bytes: Buffer) => onText(bytes.toString('latin1')));
        return () => {
          stream.close(8);
          if (--streams === 0) session.close();
        };
      };
    },
  ],
];

for (const [title, options, connectBy] of WAYS) {
  test(`${title}: live changes arrive while another reads a snapshot of 50 MB`, {
    timeoutMs: 60_000,
  }, async () => {
    await withApp({ ...options, flush: 0 }, async (running) => {
      const table = running.app.table('t');
      const text = 'x'.repeat(ROW_BYTES);
      table.apply(
        Array.from({ length: ROWS }, (_, id): Change => ({ type: 'add', data: { id, text } })),
      );
      const read = await connectBy(running);

      let changes = -1;
      let live = '';
      const next = (): void => {
        changes++;
        table.apply([{ type: 'update', data: { id: 0, n: `<${changes}>` } }]);
      };
      const { promise: isLive, resolve: setLive } = Promise.withResolvers<void>();
      const leave = await read((more) => {
        live = live.slice(-200) + more;
        if (live.includes('"type":"ready"')) setLive();
        if (live.includes(`<${changes}>`)) next();
      });
      await isLive;
      next();

      let bytes = 0;
      let tail = '';
      const { promise: isDone, resolve: setDone } = Promise.withResolvers<void>();
      const before = changes;
      const leaveToo = await read((more) => {
        bytes += more.length;
        tail = tail.slice(-100) + more;
        if (tail.includes('"type":"ready"')) setDone();
      });
      await isDone;
      const meanwhile = changes - before;
      assert.ok(bytes > ROWS * ROW_BYTES, `${bytes} bytes`);
      assert.ok(meanwhile >= LEAST_CHANGES, `${meanwhile} changes arrived meanwhile`);
      leave();
      leaveToo();
    });
  });
}
