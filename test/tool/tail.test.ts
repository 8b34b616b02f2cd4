import * as assert from 'uvu/assert';
import { runTail, type TailOptions } from '../../server/tool/tail/run-tail.ts';
import { Program } from '../services/program.ts';
import { suite } from '../suite.ts';
import { STREAM, scriptedServer } from './scripted-server.ts';
import { testTerminal } from './test-terminal.ts';

const OPTIONS: TailOptions = {
  json: false,
  max: 0,
  lastEventId: undefined,
  heartbeats: false,
  header: [],
  insecure: false,
};
const LIMIT = { timeoutMs: 30_000 };

/** The lines without their times, which are the machine's. */
const lines = (text: string) => text.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/gm, '');

const test = suite('tail');

test('events of sse-table: kind, key, changed columns', async () => {
  await using server = await scriptedServer((_, response) => {
    response.writeHead(200, STREAM).end(
      [
        { type: 'init', table: 'orders', key: 'no', columns: [], data: [], total: 2, more: false },
        { type: 'add', data: { no: 7, item: 'tea set', count: 2 } },
        { type: 'update', data: { no: 7, count: 3 }, removed: ['item'] },
        {
          type: 'batch',
          changes: [
            { type: 'delete', data: { no: 7 } },
            { type: 'add', data: { no: 'a' } },
          ],
        },
        { type: 'heartbeat', timestamp: 1, version: 'a.1' },
        { type: 'end', reason: 'stopped', message: 'it was stopped' },
      ]
        .map((event) => `data: ${JSON.stringify(event)}\n\n`)
        .join(''),
    );
  });
  const terminal = testTerminal();
  assert.is(await runTail(server.url, OPTIONS, terminal), 0);
  assert.is(
    lines(terminal.stdout.text),
    `init      orders: 2 rows, key no
add       orders/7 item="tea set" count=2
update    orders/7 count=3 -item
delete    orders/7
add       orders/a
end       stopped: it was stopped
`,
  );
});

test('events of others: as they are, control characters made visible', async () => {
  await using server = await scriptedServer((_, response, count) => {
    if (count > 0) response.writeHead(204).end();
    else
      response.writeHead(200, STREAM).end('event: tick\ndata: a\u001b[2J\ndata: b\n\ndata: 5\n\n');
  });
  const terminal = testTerminal();
  assert.is(await runTail(server.url, OPTIONS, terminal), 0);
  assert.is(lines(terminal.stdout.text), 'tick      a\\u001b[2J⏎b\nmessage   5\n');
});

test('a lost stream: reconnects after the last event it printed, and none is printed twice', async () => {
  await using server = await scriptedServer((request, response, count) => {
    response.writeHead(200, STREAM);
    if (count === 0) {
      const text = 'retry: 10\nid: a.1\ndata: 1\n\nid: a.2\ndata: 2\n\nid: a.3\nda';
      response.write(text, () => response.socket?.end());
    } else response.end(`id: a.3\ndata: ${request.headers['last-event-id']}\n\n`);
  });
  const terminal = testTerminal();
  const options = { ...OPTIONS, json: true, max: 3 };
  assert.is(await runTail(server.url, options, terminal), 0);
  assert.is(terminal.stdout.text, '1\n2\n"a.2"\n');
  assert.match(terminal.stderr.text, 'closed before the response ended; trying again in');
});

const ENDS: [what: string, status: number, headers: object, code: number, says: RegExp][] = [
  ['204', 204, {}, 0, /^$/],
  ['404', 404, {}, 1, /the server answers 404/],
  [
    'another type',
    200,
    { 'Content-Type': 'text/html' },
    1,
    /not an event stream: Content-Type text\/html/,
  ],
];
for (const [what, status, headers, code, says] of ENDS) {
  test(`${what}: ends with ${code}`, async () => {
    await using server = await scriptedServer((_, response) => {
      response.writeHead(status, { ...headers }).end();
    });
    const terminal = testTerminal();
    assert.is(await runTail(server.url, OPTIONS, terminal), code);
    assert.match(terminal.stderr.text, says);
  });
}

test('a redirect to another origin: followed without the headers', async () => {
  await using other = await scriptedServer((_, response) => {
    response.writeHead(200, STREAM).end('data: there\n\n');
  });
  await using server = await scriptedServer((_, response) => {
    response.writeHead(302, { Location: other.url }).end();
  });
  const terminal = testTerminal();
  const options = { ...OPTIONS, max: 1, header: ['Authorization: Bearer x'] };
  assert.is(await runTail(server.url, options, terminal), 0);
  assert.is(server.requests[0]?.headers.authorization, 'Bearer x');
  assert.is(other.requests[0]?.headers.authorization, undefined);
});

test('output that takes no more: reading waits for it', async () => {
  await using server = await scriptedServer((_, response) => {
    response.writeHead(200, STREAM).write('data: 1\n\n');
    setImmediate(() => response.write('data: 2\n\n'));
  });
  const terminal = testTerminal();
  terminal.stdout.takes = false;
  const running = runTail(server.url, { ...OPTIONS, json: true, max: 2 }, terminal);
  await terminal.printed(/1\n/);
  assert.is(terminal.stdout.listenerCount('drain'), 1);
  terminal.stdout.takes = true;
  terminal.stdout.emit('drain');
  assert.is(await running, 0);
});

test('the program against the program; a reader like head ends it with 0', LIMIT, async () => {
  await using server = new Program(['--create']);
  const base = await server.url();
  const post = (row: object) =>
    fetch(`${base}/api/tables/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(row),
    });
  await post({ id: 1, item: 'tea' });
  await using tail = new Program(['tail', `${base}/api/tables/orders/stream`]);
  await tail.printed(/init {6}orders: 1 rows, key id/);
  await post({ id: 1, item: 'cup' });
  await tail.printed(/update {4}orders\/1 item=cup/);
  tail.closeStdout();
  for (let count = 0; count < 3; count++) await post({ id: 1, item: `cup ${count}` });
  assert.is(await tail.exited, 0);
});

test('no URL, no http: one line, exit 2', LIMIT, async () => {
  await using none = new Program(['tail']);
  assert.is(await none.exited, 2);
  assert.match(none.stderr, 'tail needs one URL');
  await using wrong = new Program(['tail', 'localhost:8088/x']);
  assert.is(await wrong.exited, 2);
  assert.match(
    wrong.stderr,
    '"localhost:8088/x" is not an http or https URL; try http://localhost:8088/x',
  );
});
