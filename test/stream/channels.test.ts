import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { Channels } from '../../server/stream/channels.ts';
import { Table } from '../../server/table/table.ts';
import { parseView } from '../../server/table/view/parse-view.ts';
import type { View } from '../../server/table/view/view.ts';
import type { Row } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ModelClient } from './model-client.ts';

const test = suite('Channels');

/** Longer than an idle channel is kept. */
const LONG_MS = 62_000;

function setUp(maxViews = 3): { clock: FakeClock; table: Table; channels: Channels } {
  const clock = new FakeClock();
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  const channels = new Channels({
    clock,
    random: () => 0.5,
    maxViews,
    ringFrames: 16,
    ringBytes: 1e6,
    flushMs: 16,
    heartbeatMs: 15_000,
    stallTimeoutMs: 1e9,
    maxLifetimeMs: 0,
    retryMs: 1_000,
  });
  return { clock, table, channels };
}

function viewOf(query: string): View | undefined {
  return parseView(new URLSearchParams(query), { name: 't', key: 'id', columns: [] });
}

function clientOf(channels: Channels, table: Table, query: string): ModelClient {
  const view = viewOf(query);
  const client = new ModelClient(() => channels.of(table, { full: false, view }), 'id');
  client.connect(1e6);
  client.read(1e6);
  return client;
}

function put(table: Table, ...rows: Row[]): void {
  table.apply(rows.map((data) => ({ type: 'add', data })));
}

function types(client: ModelClient): string[] {
  return client.model.events.map(({ type }) => type);
}

test('of: one channel for all who ask for the same view, whatever the order of its filters', () => {
  const { table, channels } = setUp();
  const of = (query: string, full = false) => channels.of(table, { full, view: viewOf(query) });
  assert.is(of('a=eq.1&b=gt.2'), of('b=gt.2&a=eq.1'));
  assert.is(of(''), of('full=1'));
  assert.is.not(of('a=eq.1&b=gt.2'), of('a=eq.1'));
  assert.is.not(of('a=eq.1'), of(''));
  assert.is.not(of('a=eq.1'), of('a=eq.1', true));
  assert.is(channels.stats().channels, 4);
  assert.is(channels.stats().views, 3);
});

test('of: tables whose names look like variants have channels of their own', () => {
  const { table, channels } = setUp();
  const other = new Table({ name: 't?full', key: 'id', epoch: 'f' });
  assert.is.not(channels.of(table, { full: true }), channels.of(other, { full: false }));
});

test('of: at the limit the view longest without a client leaves; a watched one never does', () => {
  const { clock, table, channels } = setUp(3);
  const of = (query: string) => channels.of(table, { full: false, view: viewOf(query) });
  const watched = clientOf(channels, table, 'a=eq.1');
  clock.advance(10);
  // Made first but watched last: what counts is the use.
  const used = of('a=eq.2');
  const unused = of('a=eq.3');
  clock.advance(10);
  clientOf(channels, table, 'a=eq.2').disconnect();
  of('a=eq.4');
  assert.is(channels.stats().views, 3);
  assert.is(channels.stats().viewsEvicted, 1);
  assert.is(of('a=eq.2'), used);
  assert.is.not(of('a=eq.3'), unused);
  assert.is(watched.sink?.isDestroyed, false);
});

test('of: more watched views than allowed are refused with too_many, the table itself never', () => {
  const { table, channels } = setUp(2);
  const clients = ['a=eq.1', 'a=eq.2'].map((query) => clientOf(channels, table, query));
  const refused = () => channels.of(table, { full: false, view: viewOf('a=eq.3') });
  assert.throws(refused, (error: unknown) => {
    return (
      error instanceof SseTableError &&
      error.code === 'too_many' &&
      /--max-views/.test(error.message)
    );
  });
  assert.is(channels.stats().viewsRefused, 1);
  assert.ok(channels.of(table, { full: false, view: viewOf('a=eq.1') }));
  assert.ok(channels.of(table, { full: false }));
  clients[0]?.disconnect();
  assert.ok(refused());
});

test('an idle view is let go, and its index with it: the table has no listener left', () => {
  const { clock, table, channels } = setUp();
  let listeners = 0;
  const { listen } = table;
  table.listen = (listener) => {
    listeners++;
    const stop = listen.call(table, listener);
    return () => {
      listeners--;
      stop();
    };
  };
  const client = clientOf(channels, table, 'a=eq.1');
  clock.advance(LONG_MS);
  assert.is(listeners, 1);
  client.disconnect();
  clock.advance(LONG_MS);
  assert.is(listeners, 0);
  assert.is(channels.stats().views, 0);
});

test('a view hears what is its own; its ids come from the table', () => {
  const { clock, table, channels } = setUp();
  put(table, { id: 1, a: 1 }, { id: 2, a: 2 });
  const client = clientOf(channels, table, 'a=eq.1');
  put(table, { id: 3, a: 2 });
  clock.advance(20);
  put(table, { id: 2, a: 1 });
  clock.advance(20);
  client.read(1e6);
  assert.equal(types(client), ['init', 'add']);
  assert.match(client.model.lastEventId ?? '', /^e-.{8}\.4$/);
  assert.equal([...client.model.rows.keys()], ['1', '2']);
});

test('a quiet view of a busy table: who comes back resumes from the ring', () => {
  const { clock, table, channels } = setUp();
  put(table, { id: 1, a: 1 });
  const clients = [clientOf(channels, table, 'a=eq.1')];
  for (let i = 0; i < 50; i++) {
    put(table, { id: 2, a: 2, i });
    clock.advance(20);
    if (i === 25) clients.push(clientOf(channels, table, 'a=eq.1'));
  }
  for (const client of clients) {
    client.disconnect();
    client.connect();
    client.read(1e6);
    assert.equal(types(client), ['init', 'resumed']);
  }
});

test('after a sync too: the id of a catch-up is one that the ring knows', () => {
  const { clock, table, channels } = setUp();
  put(table, ...Array.from({ length: 100 }, (_, id) => ({ id, a: 1 })));
  const client = clientOf(channels, table, 'a=eq.1');
  client.disconnect();
  clock.advance(LONG_MS);
  put(table, { id: 1, a: 1, n: 1 });
  const other = clientOf(channels, table, 'a=eq.1');
  put(table, { id: 200, a: 2 });
  client.connect(1e6);
  client.read(1e6);
  assert.is(other.model.lastEventId, client.model.lastEventId);
  put(table, { id: 201, a: 2 });
  client.disconnect();
  client.connect(1e6);
  client.read(1e6);
  assert.equal(types(client), ['init', 'sync', 'resumed']);
});

test('an id of another view, or of the table, is answered with init', () => {
  const { table, channels } = setUp();
  put(table, { id: 1, a: 1 }, { id: 2, a: 2 });
  const queries = ['', 'a=eq.1', 'a=eq.2', 'select=a'];
  for (const from of queries) {
    for (const to of queries) {
      const at = { query: from };
      const client = new ModelClient(
        () => channels.of(table, { full: false, view: viewOf(at.query) }),
        'id',
      );
      client.connect(1e6);
      client.read(1e6);
      client.disconnect();
      at.query = to;
      client.connect(1e6);
      client.read(1e6);
      assert.is(types(client).at(-1), from === to ? 'resumed' : 'init', `${from} to ${to}`);
      client.disconnect();
    }
  }
});

test('full: each change carries the rows of the view', () => {
  const { clock, table, channels } = setUp();
  put(table, { id: 1, a: 1 }, { id: 2, a: 2 });
  const view = viewOf('a=eq.1');
  const client = new ModelClient(() => channels.of(table, { full: true, view }), 'id');
  client.connect(1e6);
  put(table, { id: 3, a: 1 });
  clock.advance(20);
  client.read(1e6);
  const last = client.model.events.at(-1);
  assert.ok(last?.type === 'add');
  assert.equal(last.table_data, [
    { id: 1, a: 1 },
    { id: 3, a: 1 },
  ]);
});

test('setOverloaded: windows are eight times as long, of new channels too, and back again', () => {
  const { clock, table, channels } = setUp();
  const early = clientOf(channels, table, '');
  const waitMs = (client: ModelClient): number => {
    clock.advance(1_000);
    put(table, { id: `${clock.now()}` });
    clock.advance(0); // at once, being idle
    put(table, { id: `${clock.now()}, again` });
    client.read(1e6);
    const before = client.model.rows.size;
    for (let ms = 0; ms <= 1_000; ms++) {
      client.read(1e6);
      if (client.model.rows.size > before) return ms;
      clock.advance(1);
    }
    throw new Error('it never came');
  };
  assert.is(waitMs(early), 16);
  channels.setOverloaded(true);
  assert.is(channels.stats().flushMs, 128);
  assert.is(waitMs(early), 128);
  const late = clientOf(channels, table, 'id=neq.x');
  assert.is(waitMs(late), 128);
  channels.setOverloaded(false);
  assert.is(channels.stats().flushMs, 16);
  assert.is(waitMs(early), 16);
  assert.is(waitMs(late), 16);
});
