import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import type { Json } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { Program } from '../services/program.ts';
import { findSqlite3, NO_SQLITE3, sqlite3 } from '../services/sqlite3.ts';
import { suite } from '../suite.ts';
import { EventSourceClient, type Heard } from './event-source-client.ts';
import { readStream, withApp } from './server.ts';

const test = suite('messages');

const root = mkdtempSync(join(tmpdir(), 'sse-table-messages-'));
test.after(() => rmSync(root, { recursive: true }));

/** A request with a JSON body. */
async function send(
  url: string,
  path: string,
  body: Json,
  options: { method?: string; token?: string } = {},
): Promise<{
  status: number;
  body: { [name: string]: Json } & { data: { [name: string]: Json } };
}> {
  const { method = 'POST', token } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

function dataOf(event: Heard | undefined): Record<string, unknown> {
  return event?.data as Record<string, unknown>;
}

function contents(events: readonly Heard[]): unknown[] {
  return events.map((event) => dataOf(event).content);
}

async function stream(url: string, query = ''): Promise<EventSourceClient> {
  const client = new EventSourceClient(`${url}/api/sse/messages${query}`);
  await client.first(1, 'connected');
  return client;
}

test('a message posted reaches the streams of its session and of its robot, and the one of all', () =>
  withApp({}, async ({ url }) => {
    using session = await stream(url, '?sessionId=123');
    using robot = await stream(url, '?robotId=r1');
    using both = await stream(url, '?sessionId=123&robotId=r1');
    using all = await stream(url);
    using other = await stream(url, '?sessionId=124');
    const { status, body } = await send(url, '/api/messages', {
      sessionId: '123',
      robotId: 'r1',
      content: '你好\nline 2',
      isFromBot: true,
      intent: 'greeting',
    });
    assert.is(status, 201);
    assert.is(body.status, 'success');
    await send(url, '/api/messages', { sessionId: '124', content: 'elsewhere' });
    await other.first(1, 'message');
    await all.first(2, 'message');
    const [event] = await session.first(1, 'message');
    const { createdAt } = body.data;
    assert.match(String(createdAt), /^\d{4}-.*Z$/);
    assert.equal(event?.data, {
      id: 1,
      sessionId: '123',
      robotId: 'r1',
      content: '你好\nline 2',
      isFromBot: true,
      isHuman: false,
      intent: 'greeting',
      createdAt,
    });
    assert.equal(body.data, event?.data);
    await robot.first(1, 'message');
    await both.first(1, 'message');
    assert.equal(contents(other.of('message')), ['elsewhere']);
    assert.equal(contents(session.of('message')), ['你好\nline 2']);
    const [hello] = session.of('connected');
    assert.is(hello?.sessionId, '123');
    assert.is(hello?.robotId, null);
    assert.is(hello?.heartbeat_ms, 30_000);
  }));

test('stats: all open streams, and those of messages by channel', () =>
  withApp({ demo: true }, async ({ url }) => {
    using _a = await stream(url, '?sessionId=123');
    using _b = await stream(url, '?sessionId=123&robotId=9');
    using _c = await stream(url);
    using table = new EventSourceClient(`${url}/api/tables/users/stream`);
    await table.first(1, 'init');
    assert.equal(await (await fetch(`${url}/api/sse/stats`)).json(), {
      success: true,
      data: {
        totalConnections: 4,
        channels: { 'session_messages:123': 2, 'session_messages:global': 1 },
      },
    });
  }));

test('who comes back gets what was missed, once; history is for who asks', () =>
  withApp({}, async ({ url }) => {
    using client = await stream(url, '?sessionId=s');
    for (const content of ['a', 'b', 'c']) {
      await send(url, '/api/messages', { sessionId: 's', content });
      await send(url, '/api/messages', { sessionId: 'other', content: 'x' });
    }
    const [first] = await client.first(3, 'message');
    const end = (text: string): boolean => text.includes('"content":"c"');
    const path = `${url}/api/sse/messages?sessionId=s`;
    const resumed = await readStream(path, end, { 'Last-Event-ID': String(first?.id) });
    assert.match(resumed.text, /"resumed":true/);
    assert.match(resumed.text, /"content":"b"/);
    assert.not.match(resumed.text, /"content":"[ax]"/);
    const latest = await readStream(`${path}&history=2`, end);
    assert.match(latest.text, /"content":"b".*"content":"c"/s);
    assert.not.match(latest.text, /"content":"[ax]"/);
    using fresh = await stream(url, '?sessionId=s');
    await send(url, '/api/messages', { sessionId: 's', content: 'd' });
    assert.equal(contents(await fresh.first(1, 'message')), ['d']);
  }));

test('a place that is not known is told: there may be a gap', () =>
  withApp({}, async ({ url }) => {
    await send(url, '/api/messages', { sessionId: 's', content: 'a' });
    const headers = { 'Last-Event-ID': 'older.7' };
    const path = `${url}/api/sse/messages?sessionId=s&history=1`;
    const { text } = await readStream(path, (all) => all.includes('"content"'), headers);
    assert.match(text, /"type":"skipped".*"type":"connected".*"content":"a"/s);
  }));

test('a message for everyone reaches every session and every user, once each', () =>
  withApp({}, async ({ url }) => {
    using session = await stream(url, '?sessionId=1');
    using both = await stream(url, '?sessionId=2&robotId=3');
    using user = new EventSourceClient(`${url}/api/users/ada/messages`);
    await user.first(1, 'connected');
    const { status } = await send(url, '/api/broadcast', { content: 'hear ye', data: { a: [1] } });
    assert.is(status, 201);
    for (const client of [session, both, user]) {
      assert.equal(contents(await client.first(1, 'message')), ['hear ye']);
    }
    assert.is(dataOf(session.of('message')[0]).sessionId, null);
    assert.equal(dataOf(user.of('message')[0]).data, { a: [1] });
  }));

test('a user who is away finds what was sent, in order; another does not', () =>
  withApp({}, async ({ url }) => {
    for (const content of ['a', 'b']) {
      const { body } = await send(url, '/api/users/ada/messages', { content });
      assert.is(body.waiting, content === 'a' ? 1 : 2);
    }
    await send(url, '/api/users/bob/messages', { content: 'for bob' });
    using ada = new EventSourceClient(`${url}/api/users/ada/messages`);
    assert.equal(contents(await ada.first(2, 'message')), ['a', 'b']);
    await send(url, '/api/users/ada/messages', { content: 'c' });
    const [, second] = await ada.first(3, 'message');
    // Read as far as b.
    const path = `/api/users/ada/messages?lastEventId=${second?.id}`;
    const { text } = await readStream(url + path, (all) => all.includes('"content":"c"'));
    assert.not.match(text, /"content":"[ab]"/);
    const { body } = await send(url, path, null, { method: 'DELETE' });
    assert.is(body.count, 2);
    using again = new EventSourceClient(`${url}/api/users/ada/messages`);
    assert.equal(contents(await again.first(1, 'message')), ['c']);
  }));

test('1,000 wait for a user, the oldest leave and are counted', { timeoutMs: 30_000 }, () =>
  withApp({}, async ({ url, app }) => {
    for (let n = 1; n <= 1_005; n++) {
      await send(url, '/api/users/ada/messages', { content: `n=${n}` });
    }
    assert.is(app.tables.require('user_messages').size, 1_000);
    using ada = new EventSourceClient(`${url}/api/users/ada/messages`);
    const events = await ada.first(1_000, 'message');
    assert.is(contents(events)[0], 'n=6');
    const { messages } = await (await fetch(`${url}/api/metrics`)).json();
    assert.equal(messages, { waiting: 1_000, dropped: 5, limited: 0 });
  }),
);

const WRONG: [path: string, body: Json, problem: RegExp][] = [
  ['/api/messages', [], /the body is \[\]; send an object/],
  ['/api/messages', { content: 'a' }, /sessionId is missing; give 1 to 200/],
  ['/api/messages', { sessionId: 's' }, /content is missing; give a text/],
  ['/api/messages', { sessionId: 's', content: '' }, /content is ""/],
  ['/api/messages', { sessionId: '*', content: 'a' }, /sessionId is "\*"/],
  ['/api/messages', { sessionId: 's\n', content: 'a' }, /sessionId is "s\\n"/],
  [
    '/api/messages',
    { sessionId: 's', content: 'a', isHuman: 'yes' },
    /isHuman is "yes"; give true/,
  ],
  ['/api/messages', { sessionId: 's', content: 'a', text: 'b' }, /"text" is not known here/],
  ['/api/users/%2A/messages', { content: 'a' }, /the user is "\*"/],
  [
    '/api/broadcast',
    { content: 'x'.repeat(16_385) },
    /content has 16385 characters; at most 16384/,
  ],
  ['/api/broadcast', { content: 7 }, /content is 7/],
];

for (const [path, body, problem] of WRONG) {
  test(`POST ${path} ${JSON.stringify(body).slice(0, 60)}: 400 names what is wrong`, () =>
    withApp({}, async ({ url }) => {
      const answer = await send(url, path, body);
      assert.is(answer.status, 400);
      assert.match(String(answer.body.message), problem);
    }));
}

for (const query of ['?session=1', '?sessionId=*', '?history=1001', '?history=-1']) {
  test(`GET /api/sse/messages${query}: 400`, () =>
    withApp({}, async ({ url }) => {
      assert.is((await fetch(`${url}/api/sse/messages${query}`)).status, 400);
    }));
}

test('--message-rate: more are refused, and counted; time gives room again', async () => {
  const clock = new FakeClock();
  const options = { messageRate: 2 };
  await withApp(
    options,
    async ({ url }) => {
      const message = { sessionId: 's', content: 'a' };
      const statuses: number[] = [];
      for (let n = 0; n < 3; n++) statuses.push((await send(url, '/api/messages', message)).status);
      clock.advance(500);
      statuses.push((await send(url, '/api/messages', message)).status);
      assert.equal(statuses, [201, 201, 429, 201]);
    },
    { clock },
  );
});

test('--read-only: 403', () =>
  withApp({ readOnly: true }, async ({ url }) => {
    for (const path of ['/api/messages', '/api/broadcast', '/api/users/a/messages']) {
      assert.is((await send(url, path, { content: 'a' })).status, 403, path);
    }
  }));

const SECRET = 'a-secret-of-at-least-32-characters';

function tokenOf(sub: string, scope: string): Promise<string> {
  return new SignJWT({ sub, scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}

test('tokens: a user reads their own messages and no other reads them', () =>
  withApp({ jwtSecret: SECRET }, async ({ url }) => {
    const [service, ada, eve] = await Promise.all([
      tokenOf('service', 'sse:write'),
      tokenOf('ada', 'sse:read'),
      tokenOf('eve', 'sse:read sse:write:session_messages'),
    ]);
    const path = '/api/users/ada/messages';
    const note = { content: 'secret' };
    assert.is((await send(url, path, note, { token: eve })).status, 403);
    assert.is((await send(url, path, note, { token: service })).status, 201);
    assert.is((await send(url, '/api/broadcast', note, { token: eve })).status, 403);
    const as = (token: string) => ({ Authorization: `Bearer ${token}` });
    const own = await readStream(url + path, (text) => text.includes('secret'), as(ada));
    assert.is(own.status, 200);
    assert.is((await fetch(url + path, { headers: as(eve) })).status, 403);
    // Neither by way of its table.
    for (const end of ['', '/stream', '/1']) {
      const response = await fetch(`${url}/api/tables/user_messages${end}`, { headers: as(eve) });
      assert.is(response.status, 403, end);
    }
    const listed = await (await fetch(`${url}/api/tables`, { headers: as(eve) })).json();
    assert.equal(
      listed.data.map(({ name }: { name: string }) => name),
      [],
    );
  }));

test('--messages with another kind of source is refused', () => {
  assert.throws(() => createApp({ messages: 'a.ndjson' }), /no SQLite file and no postgres/);
});

test('--messages chat.db: kept over a restart, where clients resume, and rows of others arrive', {
  timeoutMs: 40_000,
}, async () => {
  const path = join(root, 'chat.db');
  let lastEventId = '';
  {
    await using program = new Program(['--messages', path]);
    const url = await program.url();
    using client = await stream(url, '?sessionId=s');
    await send(url, '/api/messages', { sessionId: 's', content: 'kept', isFromBot: true });
    await send(url, '/api/users/ada/messages', { content: 'waits', data: { n: 1 } });
    const [event] = await client.first(1, 'message');
    lastEventId = String(event?.id);
    program.kill('SIGKILL');
    await program.exited;
  }
  await using program = new Program(['--messages', path]);
  const url = await program.url();
  using client = new EventSourceClient(
    `${url}/api/sse/messages?sessionId=s&lastEventId=${lastEventId}`,
  );
  const [hello] = await client.first(1, 'connected');
  assert.is(hello?.resumed, true);
  await send(url, '/api/messages', { sessionId: 's', content: 'after' });
  assert.equal(contents(await client.first(1, 'message')), ['after']);
  const { text } = await readStream(`${url}/api/sse/messages?sessionId=s&history=10`, (all) =>
    all.includes('after'),
  );
  assert.match(text, /"id":1,.*"content":"kept","isFromBot":true,"isHuman":false.*"id":2,/s);
  using ada = new EventSourceClient(`${url}/api/users/ada/messages`);
  const [note] = await ada.first(1, 'message');
  assert.equal(dataOf(note).data, { n: 1 });
  if (findSqlite3() === undefined) return;
  sqlite3(path, "INSERT INTO session_messages (session_id, content) VALUES ('s', 'by hand')");
  await client.first(2, 'message');
  assert.is(contents(client.of('message'))[1], 'by hand');
});

if (findSqlite3() === undefined)
  test.skip('rows that others insert into a SQLite file', NO_SQLITE3);

test('an embedded store keeps them without being asked', { timeoutMs: 20_000 }, async () => {
  const path = join(root, 'new.db');
  await using program = new Program([path]);
  const url = await program.url();
  for (const content of ['a', 'b']) await send(url, '/api/messages', { sessionId: 's', content });
  const { data } = await (await fetch(`${url}/api/tables/session_messages`)).json();
  assert.equal(
    data.map(({ id, content }: { id: number; content: string }) => [id, content]),
    [
      [1, 'a'],
      [2, 'b'],
    ],
  );
});

test('--workers: forwarded, and heard at all of them', { timeoutMs: 30_000 }, async () => {
  await using program = new Program(['--workers', '2']);
  const url = await program.url();
  using client = await stream(url, '?sessionId=s');
  assert.is((await send(url, '/api/messages', { sessionId: 's', content: 'a' })).status, 201);
  assert.equal(contents(await client.first(1, 'message')), ['a']);
});
