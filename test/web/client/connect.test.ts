/**
 * `connect()` with a scripted fetch and a page whose time is turned by hand.
 *
 * @see SPEC 5
 */
import * as assert from 'uvu/assert';
import { type Client, type ConnectOptions, connect } from '../../../web/client/connect.ts';
import { suite } from '../../suite.ts';
import { FakePage, init, scriptedFetch, settle, TIME, text } from '../feed/scripted-fetch.ts';

const test = suite('connect');

function start(options: ConnectOptions = {}) {
  const page = new FakePage();
  const { fetch, calls, last } = scriptedFetch();
  const told: string[] = [];
  const client = connect('http://h/stream', {
    fetch,
    page,
    onConnected: () => told.push('connected'),
    onDisconnected: () => told.push('disconnected'),
    onMessage: (message) => told.push(message.type),
    onError: ({ code }) => told.push(code),
    ...options,
  });
  return { client, page, calls, last, told };
}

function types(client: Client): string[] {
  return client.messages.map(({ type }) => type);
}

test('callbacks: connected, each message, disconnected, in order; no sign of life is a message', async () => {
  const { client, last, told } = start();
  assert.equal([client.connected, client.state], [false, 'connecting']);
  await last().send(text(init([{ id: 1 }]), 'e.1'), 'data: {"type":"heartbeat"}\n\n');
  await last().send('data: {"type":"progress","progress":10}\n\n');
  assert.equal([client.connected, client.state], [true, 'live']);
  assert.equal(client.messages, [{ type: 'progress', progress: 10 }]);
  client.disconnect();
  assert.is(last().isAborted(), true);
  assert.equal([client.connected, client.state], [false, 'closed']);
  assert.equal(told, ['connected', 'progress', 'disconnected']);
});

const ANY: [sent: string, message: unknown][] = [
  ['data: hello\n\n', { type: 'message', data: 'hello' }],
  ['data: 42\n\n', { type: 'message', data: 42 }],
  ['data: [1,2]\n\n', { type: 'message', data: [1, 2] }],
  ['event: tick\ndata: {"n":1}\n\n', { type: 'tick', data: { n: 1 } }],
  ['event: tick\ndata: {"type":"tock"}\n\n', { type: 'tock' }],
];
for (const [sent, message] of ANY) {
  test(`messages: ${JSON.stringify(sent)} of any stream`, async () => {
    const { client, last } = start();
    await last().send(sent);
    assert.equal(client.messages, [message]);
  });
}

test('maxMessages: the last ones, as they were when they came', async () => {
  const { client, last } = start({ maxMessages: 2 });
  await last().send(text(init([]), 'e.1'));
  for (let id = 1; id <= 7; id++) {
    const add = { type: 'add', data: { id, n: 0 }, message: '', timestamp: TIME } as const;
    await last().send(text(add, `e.${id}`));
  }
  const update = { type: 'update', data: { id: 7, n: 5 }, message: '', timestamp: TIME } as const;
  await last().send(text(update, 'e.9'));
  assert.equal(types(client), ['add', 'update']);
  assert.equal(client.messages[0]?.data, { id: 7, n: 0 });
  client.clearMessages();
  assert.equal(client.messages, []);
});

test('snapshot: the same object until something changes; unchanged rows stay the same objects', async () => {
  const { client, last } = start();
  await last().send(
    text(
      init([
        { id: 1, n: 1 },
        { id: 2, n: 2 },
      ]),
      'e.1',
    ),
  );
  const before = client.snapshot;
  assert.is(client.snapshot, before);
  const update = { type: 'update', data: { id: 1, n: 5 }, message: '', timestamp: TIME } as const;
  await last().send(text(update, 'e.2'));
  const after = client.snapshot;
  assert.is.not(after, before);
  assert.equal(before.rows, [
    { id: 1, n: 1 },
    { id: 2, n: 2 },
  ]);
  assert.equal(after.rows, [
    { id: 1, n: 5 },
    { id: 2, n: 2 },
  ]);
  assert.is(after.rows[1], before.rows[1]);
});

test('subscribe: once for many changes', { timeoutMs: 5_000 }, async () => {
  const { client, last } = start();
  let told = 0;
  const first = new Promise<void>((resolve) => {
    client.subscribe(() => {
      told++;
      resolve();
    });
  });
  await last().send(text(init([{ id: 1 }]), 'e.1'), 'data: a\n\n', 'data: b\n\n');
  await first;
  assert.is(told, 1);
  assert.is(client.messages.length, 2);
});

test('reconnects by itself, with the last id, after reconnectInterval whatever the server says', async () => {
  const { client, last, calls, page, told } = start({ reconnectInterval: 400 });
  await last().send('retry: 60000\n\n', text(init([]), 'e.7'));
  await last().break();
  assert.equal([client.reconnectAttempts, client.error?.code], [1, 'unreachable']);
  page.clock.advance(400);
  await settle();
  assert.is(calls.length, 2);
  assert.is(last().headers['last-event-id'], 'e.7');
  await last().send(text({ type: 'resumed', missed: 0 }));
  assert.equal([client.reconnectAttempts, client.error], [0, undefined]);
  assert.equal(told, ['connected', 'disconnected', 'unreachable', 'connected']);
});

const FAILURES: [name: string, fail: (last: ReturnType<typeof start>['last']) => Promise<void>][] =
  [
    ['nothing answers', (last) => last().fail()],
    ['refusals', (last) => last().refuse(503)],
  ];
for (const [name, fail] of FAILURES) {
  test(`maxReconnectAttempts: gives up after so many, at ${name}; connect() tries again`, async () => {
    const { client, last, calls, page } = start({ maxReconnectAttempts: 2 });
    for (let attempt = 0; attempt < 3; attempt++) {
      await fail(last);
      assert.is(client.state, attempt < 2 ? 'reconnecting' : 'ended');
      page.clock.advance(5_000); // less than what is taken for silence
      await settle();
    }
    assert.is(calls.length, 3);
    assert.ok(client.error);
    client.connect();
    await settle();
    assert.is(calls.length, 4);
  });
}

test('disconnect while waiting: no further attempt; connect() resumes', async () => {
  const { client, last, calls, page } = start();
  await last().send(text(init([]), 'e.1'));
  await last().break();
  client.disconnect();
  page.clock.advance(600_000);
  await settle();
  assert.is(calls.length, 1);
  client.connect();
  await settle();
  assert.is(last().headers['last-event-id'], 'e.1');
});

test('autoConnect false: waits for connect()', async () => {
  const { client, calls } = start({ autoConnect: false });
  assert.is(calls.length, 0);
  assert.is(client.state, 'closed');
  client.connect();
  await settle();
  assert.is(calls.length, 1);
});

test('a damaged event of a table is no message: the snapshot is asked for anew', async () => {
  const { client, last, page } = start();
  await last().send(text(init([{ id: 1 }]), 'e.1'), 'data: {"type":"add"}\nid: e.2\n\n');
  assert.is(client.error?.code, 'bad_event');
  page.clock.advance(60_000);
  await settle();
  assert.is(last().headers['last-event-id'], undefined);
});
