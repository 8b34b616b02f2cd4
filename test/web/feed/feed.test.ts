/**
 * Feed with a scripted fetch, a fake clock and a fake page: every rule of connecting again.
 *
 * @see SPEC 3.2, FRONTEND 4 "Honest freshness"
 */
import * as assert from 'uvu/assert';
import { backOffMs, retryAfterMs } from '../../../web/feed/back-off.ts';
import { Feed, type FeedState } from '../../../web/feed/feed.ts';
import { suite } from '../../suite.ts';
import { FakePage, init, scriptedFetch, settle, TIME, text } from './scripted-fetch.ts';

const test = suite('Feed');

function start(random = 0.5) {
  const page = new FakePage();
  const { fetch, calls, last } = scriptedFetch();
  const states: FeedState[] = [];
  const feed = new Feed('http://h/stream', { fetch, page, random: () => random });
  feed.on('state', (state) => states.push(state));
  feed.open();
  return { feed, page, calls, states, last };
}

const BEAT = text({ type: 'heartbeat', timestamp: 1, version: 'e.1' });

test('open: asks for a stream or a refusal as JSON, without cookies for others', async () => {
  const { feed, last, states } = start();
  assert.is(feed.state, 'connecting');
  assert.is(last().headers.accept, 'text/event-stream, application/json');
  assert.is(last().headers['last-event-id'], undefined);
  assert.is(last().init.credentials, 'same-origin');
  await last().send(text(init([{ id: 1 }]), 'e.1'));
  assert.equal(states, ['live']);
  assert.is(feed.rows.size, 1);
  assert.equal(feed.init?.data, []);
});

test('cut: connects again after the jittered retry, with the id, and resumes', async () => {
  const { feed, last, page, calls, states } = start(0.5);
  await last().send('retry: 2000\n\n', text(init([{ id: 1 }]), 'e.1'));
  await last().end();
  assert.is(feed.state, 'reconnecting');
  assert.is(feed.retryAt, page.now() + 1_000);
  page.clock.advance(999);
  assert.is(calls.length, 1);
  page.clock.advance(1);
  assert.is(calls.length, 2);
  assert.is(last().headers['last-event-id'], 'e.1');
  const add = { type: 'add', data: { id: 2 }, message: '', timestamp: TIME } as const;
  await last().send(text({ type: 'resumed', missed: 1 }), text(add, 'e.2'), text(add, 'e.2'));
  assert.is(feed.rows.size, 2);
  assert.equal(states, ['live', 'reconnecting', 'live']);
  assert.is(feed.attempts, 0);
});

test('cut within a chunked snapshot: no resume', async () => {
  const { last, page, feed } = start(0);
  await last().send(text(init([{ id: 1 }]), 'e.1'), text(init([{ id: 1 }], 3)));
  assert.equal(feed.loaded, { loaded: 1, total: 3 });
  await last().send(text({ type: 'rows', data: [{ id: 2 }], loaded: 2, total: 3 }));
  assert.equal(feed.loaded, { loaded: 2, total: 3 });
  await last().break();
  page.clock.advance(0);
  assert.is(last().headers['last-event-id'], undefined);
  await last().send(text(init([{ id: 1 }], 2)), text({ type: 'ready', total: 1 }, 'e.9'));
  assert.is(feed.loaded, undefined);
  await last().break();
  page.clock.advance(0);
  assert.is(last().headers['last-event-id'], 'e.9');
});

test('fetch fails: backs off 1, 2, 4 … 30 s, and says unreachable', async () => {
  const { feed, last, page } = start(1);
  const waits: number[] = [];
  for (let round = 0; round < 7; round++) {
    await last().fail();
    assert.is(feed.problem?.code, 'unreachable');
    waits.push((feed.retryAt ?? 0) - page.now());
    page.clock.advance(waits.at(-1) ?? 0);
  }
  assert.equal(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  assert.is(feed.attempts, 7);
});

test('204: ended, never again by itself; retryNow asks once more', async () => {
  const { feed, last, page, calls } = start();
  await last().refuse(204);
  assert.is(feed.state, 'ended');
  page.set({ visible: false });
  page.set({ visible: true });
  page.clock.advance(3_600_000);
  assert.is(calls.length, 1);
  feed.retryNow();
  assert.is(calls.length, 2);
});

for (const reason of ['stopped', 'expired', 'unauthorized'] as const) {
  test(`end ${reason}: ended, never again by itself`, async () => {
    const { feed, last, page, calls } = start();
    await last().send(text(init([]), 'e.1'), text({ type: 'end', reason, message: 'over' }));
    assert.is(feed.state, 'ended');
    assert.is(feed.end?.message, 'over');
    assert.ok(last().isAborted());
    page.clock.advance(3_600_000);
    assert.is(calls.length, 1);
  });
}

for (const reason of ['shutdown', 'lifetime', 'slow'] as const) {
  test(`end ${reason}: comes back with jitter`, async () => {
    const { feed, last, page, calls } = start(0.25);
    await last().send(text(init([]), 'e.1'), text({ type: 'end', reason, message: '' }));
    assert.is(feed.state, 'reconnecting');
    assert.is((feed.retryAt ?? 0) - page.now(), 250);
    page.clock.advance(250);
    assert.is(calls.length, 2);
    assert.is(last().headers['last-event-id'], 'e.1');
  });
}

for (const status of [400, 401, 403, 404]) {
  test(`${status}: the server's own words, and ended`, async () => {
    const { feed, last, page, calls } = start();
    const json = { 'content-type': 'application/json' };
    await last().refuse(status, json, '{"status":"error","code":"unknown_table","message":"no"}');
    assert.is(feed.state, 'ended');
    assert.equal(feed.problem, { code: 'unknown_table', message: 'no' });
    page.clock.advance(3_600_000);
    assert.is(calls.length, 1);
  });
}

for (const status of [429, 503]) {
  test(`${status} with Retry-After: waits it out, even when the page wakes`, async () => {
    const { feed, last, page, calls } = start(0.5);
    const headers = { 'retry-after': '7', 'content-type': 'application/json' };
    await last().refuse(status, headers, 'not json {');
    assert.is(feed.problem?.code, `http_${status}`);
    assert.is((feed.retryAt ?? 0) - page.now(), 7_500);
    page.set({ visible: false });
    page.set({ visible: true });
    page.clock.advance(7_499);
    assert.is(calls.length, 1);
    page.clock.advance(1);
    assert.is(calls.length, 2);
  });
}

test('not a stream: says so and tries again', async () => {
  const { feed, last } = start();
  await last().refuse(200, { 'content-type': 'text/html' }, '<p>');
  assert.is(feed.state, 'reconnecting');
  assert.is(feed.problem?.code, 'not_a_stream');
});

test('wake: online or visible again connects at once; retryNow too; never twice', async () => {
  const { feed, page, calls, last } = start(1);
  await last().fail();
  page.set({ online: false });
  assert.is(feed.state, 'offline');
  page.set({ online: true });
  assert.is(calls.length, 2);
  await last().fail();
  page.set({ visible: false });
  assert.is(calls.length, 2);
  page.set({ visible: true });
  assert.is(calls.length, 3);
  feed.retryNow();
  page.set({ visible: false });
  page.set({ visible: true });
  page.clock.advance(10_000);
  assert.is(calls.length, 3);
  assert.is(calls.filter((call) => !call.isAborted()).length, 1);
  await last().fail();
  feed.retryNow();
  assert.is(calls.length, 4);
  page.clock.advance(20_000);
  assert.is(calls.length, 4);
});

test('silence: stale after 2.5 heartbeats, live at the next byte', async () => {
  const { last, page, states } = start();
  await last().send(text(init([]), 'e.1'));
  page.clock.advance(24_000);
  assert.equal(states, ['live']);
  page.clock.advance(1_000);
  assert.equal(states, ['live', 'stale']);
  await last().send(BEAT.slice(0, 3));
  assert.equal(states, ['live', 'stale', 'live']);
});

test('staleAfterMs: decides instead of the heartbeat', async () => {
  const { feed, last, page } = start();
  feed.staleAfterMs = 3_000;
  await last().send(text(init([]), 'e.1'));
  page.clock.advance(3_000);
  assert.is(feed.state, 'stale');
});

test('silence: a connection silent for 3 heartbeats is aborted and made again', async () => {
  const { feed, last, page, calls } = start(0);
  await last().send(text(init([]), 'e.1'));
  page.clock.advance(29_000);
  assert.is(calls.length, 1);
  page.clock.advance(1_000);
  assert.ok(calls[0]?.isAborted());
  assert.is(calls.length, 2);
  assert.is(last().headers['last-event-id'], 'e.1');
  assert.is(feed.problem?.code, 'silent');
});

test('a request that is never answered is given up as well', async () => {
  const { page, calls } = start(0);
  page.clock.advance(45_000);
  assert.ok(calls[0]?.isAborted());
  assert.is(calls.length, 2);
});

const BROKEN = ['{"type":"add"}', 'nonsense', '[]', '{"type":"batch","changes":[null]}'];
for (const data of BROKEN) {
  test(`broken event ${data}: a new snapshot instead of a gap`, async () => {
    const { feed, last, page, calls } = start(0);
    await last().send(text(init([{ id: 1 }]), 'e.1'), `data: ${data}\nid: e.2\n\n`);
    assert.is(feed.problem?.code, 'bad_event');
    assert.ok(calls[0]?.isAborted());
    page.clock.advance(0);
    assert.is(last().headers['last-event-id'], undefined);
  });
}

test('error event: told, and the stream goes on', async () => {
  const { feed, last, calls } = start();
  await last().send(text({ type: 'error', code: 'invalid_session', message: 'gone' }, 'gone.0'));
  assert.equal(feed.problem, { code: 'invalid_session', message: 'gone' });
  assert.is(calls.length, 1);
});

test('on event: after merging, with the id; a listener that is undone is silent', async () => {
  const { feed, last } = start();
  const heard: unknown[] = [];
  const off = feed.on('event', (event, id) => heard.push([event.type, id, feed.rows.size]));
  await last().send(text(init([{ id: 1 }]), 'e.1'));
  off();
  await last().send(BEAT);
  assert.equal(heard, [['init', 'e.1', 1]]);
});

test('hidden: goes on merging', async () => {
  const { feed, last, page } = start();
  page.set({ visible: false });
  await last().send(text(init([{ id: 1 }]), 'e.1'));
  assert.is(feed.rows.size, 1);
});

test('a stream cut anywhere into chunks gives the same rows', async () => {
  const bytes = text(init([{ id: 1, name: '张三 \u2028 🙂' }]), 'e.1');
  for (let at = 1; at < bytes.length; at += 7) {
    const { feed, last } = start();
    await last().send(bytes.slice(0, at), bytes.slice(at));
    assert.equal(feed.rows.get(1), { id: 1, name: '张三 \u2028 🙂' });
  }
});

test('close: aborts, and nothing happens any more', async () => {
  const { feed, last, page, calls } = start(0);
  await last().send(text(init([]), 'e.1'));
  feed.close();
  assert.ok(last().isAborted());
  await settle();
  page.clock.advance(3_600_000);
  assert.is(calls.length, 1);
  assert.is(page.clock.waiting, 0);
});

const RETRY_AFTER: readonly [string | null, number | undefined][] = [
  [null, undefined],
  ['3', 3_000],
  [' 0 ', 0],
  ['-1', undefined],
  ['soon', undefined],
  ['Wed, 21 Oct 2015 07:28:05 GMT', 5_000],
  ['Wed, 21 Oct 2015 07:27:00 GMT', 0],
  ['999999999', 3_600_000],
];
for (const [header, ms] of RETRY_AFTER) {
  test(`retryAfterMs: ${header} is ${ms}`, () => {
    assert.is(retryAfterMs(header, Date.UTC(2015, 9, 21, 7, 28, 0)), ms);
  });
}

test('backOffMs: full jitter below min(30 s, retry × 2^(attempts−1))', () => {
  assert.is(
    backOffMs(1, 1_000, () => 0),
    0,
  );
  assert.is(
    backOffMs(3, 1_000, () => 0.5),
    2_000,
  );
  assert.is(
    backOffMs(2_000, 1_000, () => 1),
    30_000,
  );
});
