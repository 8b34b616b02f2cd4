import * as assert from 'uvu/assert';
import { suite } from '../suite.ts';
import { openStream, type Running, readStream, withApp } from './server.ts';

const test = suite('demo routes');

const DEMO = { demo: true };

async function post(
  url: string,
  body?: string,
): Promise<{ status: number; json: Record<string, string> }> {
  const init = body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } };
  const response = await fetch(url, { method: 'POST', ...init });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

async function startSession({ url }: Running, body = '{"interval_ms":60000}'): Promise<string> {
  const { json } = await post(`${url}/api/start`, body);
  assert.match(json.session_id ?? '', /^[A-Za-z0-9]{16}$/);
  return json.session_id ?? '';
}

test('GET /api/data: the rows of users and a timestamp', async () => {
  await withApp(DEMO, async ({ url, app }) => {
    const { status, data, timestamp } = JSON.parse(await (await fetch(`${url}/api/data`)).text());
    assert.is(status, 'success');
    assert.equal(data, app.tables.require('users').rows());
    assert.equal(Object.keys(data[0]), ['id', 'name', 'age', 'city', 'score', 'status']);
    assert.is(new Date(timestamp).toISOString(), timestamp);
  });
});

test('the first rows come from --seed', async () => {
  const names = async (seed: number): Promise<string> => {
    let text = '';
    await withApp({ demo: true, seed }, async ({ app }) => {
      text = JSON.stringify(app.tables.require('users').rows());
    });
    return text;
  };
  assert.is(await names(7), await names(7));
  assert.is.not(await names(7), await names(8));
});

test('without the demo none of its routes is there', async () => {
  await withApp({}, async ({ url, app }) => {
    assert.is((await fetch(`${url}/api/data`)).status, 404);
    assert.is((await post(`${url}/api/start`)).status, 404);
    assert.is(app.tables.size, 0);
  });
});

test('POST /api/start: without a body, with an empty one, and with settings', async () => {
  await withApp(DEMO, async ({ url }) => {
    for (const body of [undefined, '', '{}', '{"interval_ms":50,"seed":3}']) {
      const { status, json } = await post(`${url}/api/start`, body);
      assert.is(status, 200);
      assert.is(json.status, 'success');
      assert.match(json.session_id ?? '', /^[A-Za-z0-9]{16}$/);
      assert.type(json.message, 'string');
    }
    const metrics = JSON.parse(await (await fetch(`${url}/api/metrics`)).text());
    assert.is(metrics.active_sessions, 4);
  });
});

for (const [body, code, message] of [
  ['{"interval_ms":0}', 'bad_option', /interval_ms 0/],
  ['{"max_session_s":"x"}', 'bad_option', /max_session_s "x"/],
  ['{"weights":{"add":-1}}', 'bad_option', /weights\.add -1/],
  ['{"nope":1}', 'bad_option', /"nope"/],
  ['[]', 'bad_option', /JSON object/],
  ['{', 'bad_json', /not JSON/],
] as const) {
  test(`POST /api/start: ${body} is refused`, async () => {
    await withApp(DEMO, async ({ url }) => {
      const answer = await post(`${url}/api/start`, body);
      assert.is(answer.status, 400);
      assert.is(answer.json.code, code);
      assert.match(answer.json.message ?? '', message);
    });
  });
}

test('GET /api/stream: init with the session, then changes with generation_count', async () => {
  await withApp(DEMO, async (running) => {
    const id = await startSession(running, '{"interval_ms":20,"weights":{"add":1}}');
    const { text, status } = await readStream(`${running.url}/api/stream/${id}`, (all) =>
      all.includes('"generation_count"'),
    );
    assert.is(status, 200);
    assert.match(text, new RegExp(`^retry: \\d+\\n\\ndata: \\{"type":"init","session_id":"${id}"`));
    assert.match(text, /"heartbeat_ms":10000/);
    assert.match(text, /"message":"Added user: /);
  });
});

test('POST /api/stop: every stream gets end, a reconnect 204, a second stop is harmless', async () => {
  await withApp(DEMO, async (running) => {
    const { url } = running;
    const id = await startSession(running);
    const stream = `${url}/api/stream/${id}`;
    let stopped: Promise<unknown> | undefined;
    const { text } = await readStream(stream, (all) => {
      if (all.includes('\nid: ')) stopped ??= post(`${url}/api/stop/${id}`);
      return false;
    });
    await stopped;
    assert.match(
      text,
      new RegExp(
        `\\{"type":"end","reason":"stopped","message":"[^"]+","session_id":"${id}"\\}\\n\\n$`,
      ),
    );
    assert.is((await fetch(stream)).status, 204);
    assert.is((await post(`${url}/api/stop/${id}`)).status, 200);
    const { streams } = JSON.parse(await (await fetch(`${url}/api/metrics`)).text());
    assert.is(streams.channels, 0);
    for (const unknown of ['AAAAAAAAAAAAAAAA', 'nope', '%0D%0A']) {
      const answer = await post(`${url}/api/stop/${unknown}`);
      assert.is(answer.status, 404);
      assert.is(answer.json.code, 'unknown_session');
    }
  });
});

test('GET /api/stream: an expired session gives end, then 204', async () => {
  await withApp(DEMO, async (running) => {
    const id = await startSession(running, '{"interval_ms":60000,"max_session_s":1}');
    const { text } = await readStream(`${running.url}/api/stream/${id}`, () => false);
    assert.match(text, /\{"type":"end","reason":"expired"/);
    assert.is((await fetch(`${running.url}/api/stream/${id}`)).status, 204);
  });
});

test('GET /api/stream: a bad or unknown session is told so once, then 204', async () => {
  await withApp(DEMO, async ({ url }) => {
    for (const id of ['AAAAAAAAAAAAAAAA', 'short', '%0D%0Aid%3A%20x', '%E2%80%A8']) {
      const { status, text, headers } = await readStream(`${url}/api/stream/${id}`, () => false);
      assert.is(status, 200);
      assert.is(headers.get('content-type'), 'text/event-stream');
      assert.match(
        text,
        /^data: \{"type":"error","code":"invalid_session","message":"[^\n]*"\}\nid: gone\.0\n\n$/,
      );
      const again = await fetch(`${url}/api/stream/${id}`, {
        headers: { 'Last-Event-ID': 'gone.0' },
      });
      assert.is(again.status, 204);
      assert.is((await fetch(`${url}/api/stream/${id}?lastEventId=gone.0`)).status, 204);
    }
  });
});

test('GET /api/stream: at most 5 for a session, and room again when one leaves', async () => {
  await withApp(DEMO, async (running) => {
    const id = await startSession(running);
    const stream = `${running.url}/api/stream/${id}`;
    const open = await Promise.all(
      Array.from({ length: 5 }, () => openStream(running.port, `/api/stream/${id}`)),
    );
    const refused = await readStream(stream, () => false);
    assert.is(refused.status, 429);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(refused.text, /"code":"too_many".*--max-per-session/);
    open[2]?.destroy();
    let status = 429;
    while (status === 429) status = (await readStream(stream, (all) => all !== '')).status;
    assert.is(status, 200);
    for (const socket of open) socket.destroy();
  });
});

test('POST /api/protected/start: without configuration 401 that says how to configure it', async () => {
  await withApp(DEMO, async ({ url }) => {
    const response = await fetch(`${url}/api/protected/start`, { method: 'POST' });
    assert.is(response.status, 401);
    assert.is(response.headers.get('www-authenticate'), 'Bearer realm="sse-table"');
    assert.match(await response.text(), /--jwt-secret or --jwks-url/);
  });
});
