/**
 * Messages in PostgreSQL, against a real one.
 *
 * @see SPEC 3.4
 */
import pg from 'pg';
import * as assert from 'uvu/assert';
import { EventSourceClient } from '../http/event-source-client.ts';
import { withApp } from '../http/server.ts';
import { findPostgres, NO_POSTGRES, PostgresServer } from '../services/postgres.ts';
import { suite } from '../suite.ts';
import { until } from './follow-source.ts';

const test = suite('--messages postgres://…');

const LIMIT = { timeoutMs: 40_000 };

let server: PostgresServer;

function contents(client: EventSourceClient): unknown[] {
  return client.of('message').map(({ data }) => (data as { content: unknown }).content);
}

async function post(url: string, body: object): Promise<{ status: number; id: unknown }> {
  const response = await fetch(`${url}/api/messages`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { data } = await response.json();
  return { status: response.status, id: data?.id };
}

async function ready(url: string): Promise<void> {
  await until('ready', async () => (await fetch(`${url}/readyz`)).ok);
}

if (findPostgres() === undefined) {
  test.skip('all', NO_POSTGRES);
} else {
  test.before(async () => {
    server = await PostgresServer.create();
  });
  test.after(() => server[Symbol.asyncDispose]());

  test(
    'makes its tables; rows inserted with psql arrive, and so do posted ones',
    LIMIT,
    async () => {
      server.psql('CREATE DATABASE chat');
      const messages = server.url('chat');
      await withApp({ messages }, async ({ url }) => {
        await ready(url);
        using client = new EventSourceClient(`${url}/api/sse/messages?sessionId=7`);
        await client.first(1, 'connected');
        const psql = (sql: string): string => server.psql(sql, 'chat');
        psql(
          `INSERT INTO session_messages (session_id, content) VALUES ('7', 'by psql'), ('8', 'no')`,
        );
        await client.first(1, 'message');
        const { status, id } = await post(url, {
          sessionId: 7,
          content: 'posted',
          isFromBot: true,
        });
        assert.is(status, 201);
        assert.is(id, 3);
        await client.first(2, 'message');
        assert.equal(contents(client), ['by psql', 'posted']);
        const row = psql(
          'SELECT content, is_from_bot, is_human FROM session_messages WHERE id = 3',
        );
        assert.match(row, /posted\W+t\W+f/);
      });
      // A restart finds them, and makes nothing anew.
      await withApp({ messages }, async ({ url }) => {
        await ready(url);
        using client = new EventSourceClient(`${url}/api/sse/messages?history=10`);
        await client.first(3, 'message');
        assert.equal(contents(client), ['by psql', 'no', 'posted']);
      });
    },
  );

  test(
    'NOTIFY tells others of each message; a long session id does not fail the writer',
    LIMIT,
    async () => {
      server.psql('CREATE DATABASE told');
      const messages = server.url('told');
      await withApp({ messages }, async ({ url }) => {
        await ready(url);
        const listener = new pg.Client({ connectionString: messages });
        await listener.connect();
        const heard: string[] = [];
        listener.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`));
        await listener.query('LISTEN "session_messages:7"; LISTEN "session_messages:global"');
        await post(url, { sessionId: '7', content: 'a' });
        assert.is((await post(url, { sessionId: 'x'.repeat(200), content: 'b' })).status, 201);
        await until(
          'all are told',
          () => heard.length === 3,
          () => heard.join(),
        );
        assert.equal(heard, [
          'session_messages:7 1',
          'session_messages:global 1',
          'session_messages:global 2',
        ]);
        await listener.end();
      });
    },
  );

  test(
    'a table that is there is served as it is, whatever its columns are called',
    LIMIT,
    async () => {
      server.psql('CREATE DATABASE own');
      server.psql(
        `CREATE TABLE session_messages (id serial PRIMARY KEY, "sessionId" int, content text, "isFromBot" boolean);
       INSERT INTO session_messages ("sessionId", content) VALUES (5, 'there')`,
        'own',
      );
      await withApp({ messages: server.url('own') }, async ({ url }) => {
        await ready(url);
        using client = new EventSourceClient(`${url}/api/sse/messages?sessionId=5&history=1`);
        await client.first(1, 'message');
        server.psql(`INSERT INTO session_messages ("sessionId", content) VALUES (5, 'new')`, 'own');
        await client.first(2, 'message');
        assert.equal(contents(client), ['there', 'new']);
      });
    },
  );

  test('a database that is away is waited for', LIMIT, async () => {
    server.psql('CREATE DATABASE away');
    const messages = server.url('away').replace(/:\d+\//, ':1/');
    await withApp({ messages }, async ({ url }) => {
      await until('it is said', async () => (await fetch(`${url}/readyz`)).status === 503);
      const { status } = await post(url, { sessionId: 's', content: 'a' });
      assert.is(status, 503);
    });
  });
}
