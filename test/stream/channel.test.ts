import * as assert from 'uvu/assert';
import { Channel, type ChannelOptions } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { type Decorate, tableFraming } from '../../server/stream/encoder.ts';
import { Table } from '../../server/table/table.ts';
import type { Change, Row } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ScriptedSink } from './model-client.ts';

const test = suite('Channel');

const add = (data: Row): Change => ({ type: 'add', data });
const START = '2023-11-14T22:13:20.000Z';

function setUp(options: Partial<ChannelOptions> = {}, decorate: Decorate = {}) {
  const clock = new FakeClock();
  const counters = createCounters();
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  const channel = new Channel(table, tableFraming(table, decorate), {
    clock,
    random: () => 0.5,
    counters,
    ringFrames: 1_024,
    ringBytes: 8e6,
    flushMs: 16,
    heartbeatMs: 15_000,
    stallTimeoutMs: 30_000,
    maxLifetimeMs: 0,
    retryMs: 2_000,
    ...options,
  });
  const join = (lastEventId?: string, highWaterMark = 1e6) => {
    let text = '';
    const sink = new ScriptedSink((bytes) => {
      text += bytes.toString();
    }, highWaterMark);
    const subscriber = channel.join(sink, { lastEventId });
    const read = (bytes = 1e9) => {
      if (sink.read(bytes)) subscriber.drained();
      const got = text;
      text = '';
      return got;
    };
    return { sink, subscriber, read };
  };
  return { clock, counters, table, channel, join };
}

test('join: retry, then the whole table with its id', () => {
  const { table, join } = setUp();
  table.apply([add({ id: 1, a: 'x' })]);
  assert.is(
    join().read(),
    'retry: 2000\n\n' +
      'data: {"type":"init","table":"t","key":"id","columns":[{"name":"id","type":"number"},' +
      '{"name":"a","type":"string"}],"data":[{"id":1,"a":"x"}],"total":1,"more":false,' +
      `"heartbeat_ms":15000,"timestamp":"${START}"}\nid: e.1\n\n`,
  );
});

test('one change: its own event, at once when idle', () => {
  const { table, clock, join } = setUp();
  const { read } = join();
  read();
  clock.advance(1_000);
  table.apply([add({ id: 7 })]);
  clock.runImmediate();
  const timestamp = '2023-11-14T22:13:21.000Z';
  assert.is(
    read(),
    `data: {"type":"add","data":{"id":7},"message":"Added 7","timestamp":"${timestamp}"}\nid: e.1\n\n`,
  );
});

test('changes while busy: gathered for the flush window into one batch', () => {
  const { table, clock, counters, join } = setUp();
  const { read } = join();
  read();
  table.apply([add({ id: 1 })]);
  clock.runImmediate();
  read();
  clock.advance(3);
  table.apply([add({ id: 2 }), { type: 'update', data: { id: 1, a: 1 } }]);
  clock.advance(3);
  table.apply([{ type: 'update', data: { id: 1, a: 2 } }]);
  clock.advance(9);
  assert.is(read(), '');
  clock.advance(1);
  assert.is(
    read(),
    'data: {"type":"batch","changes":[{"type":"add","data":{"id":2}},{"type":"update",' +
      '"data":{"id":1,"a":2}}],"timestamp":"2023-11-14T22:13:20.016Z"}\nid: e.4\n\n',
  );
  assert.is(counters.changesMerged, 1);
});

test('batch update: one event with whole rows, after what was pending', () => {
  const { table, clock, join } = setUp({}, { generationCount: () => 9 });
  const { read } = join();
  table.apply([add({ id: 1, a: 1 })]);
  clock.runImmediate();
  read();
  table.apply([{ type: 'update', data: { id: 1, a: 2 } }], {
    batchUpdate: 'Batch updated 1 users',
  });
  assert.is(
    read(),
    'data: {"type":"batch_update","data":[{"id":1,"a":2}],"message":"Batch updated 1 users",' +
      `"timestamp":"${START}","generation_count":9}\nid: e.2\n\n`,
  );
});

test('values with CR, LF, NUL, U+2028 and a lone surrogate stay on one data line', () => {
  const { table, join } = setUp();
  const value = 'a\r\nb\u0000\u2028\ud800';
  table.apply([add({ id: value })]);
  const lines = join()
    .read()
    .split(/\r\n|\r|\n/);
  const data = lines.find((line) => line.startsWith('data: ')) ?? '';
  assert.is(JSON.parse(data.slice(6)).data[0].id, value);
  assert.equal(
    lines.filter((line) => line !== '' && !/^(retry|data|id): /.test(line)),
    [],
  );
});

const LAST_IDS: { title: string; lastEventId: string; expected: RegExp }[] = [
  {
    title: 'in the ring',
    lastEventId: 'e.2',
    expected: /"type":"resumed","missed":2.*e\.3.*e\.4/s,
  },
  { title: 'at the head', lastEventId: 'e.4', expected: /"type":"resumed","missed":0\}\n\n$/ },
  { title: 'of another epoch', lastEventId: 'f.2', expected: /"type":"init"/ },
  { title: 'from the future', lastEventId: 'e.5', expected: /"type":"init"/ },
  { title: 'garbage', lastEventId: '../\u00e9', expected: /"type":"init"/ },
  { title: 'too long', lastEventId: `${'e'.repeat(63)}.2`, expected: /"type":"init"/ },
  { title: 'empty', lastEventId: '', expected: /"type":"init"/ },
];

for (const { title, lastEventId, expected } of LAST_IDS) {
  test(`join with a Last-Event-ID ${title}`, () => {
    const { table, clock, join } = setUp();
    join();
    for (let id = 1; id <= 4; id++) {
      table.apply([add({ id })]);
      clock.advance(100);
    }
    assert.match(join(lastEventId).read(), expected);
  });
}

test('join with an id older than the ring: sync of what changed, when that is cheaper', () => {
  const { table, clock, join } = setUp({ ringFrames: 2 });
  table.apply(Array.from({ length: 100 }, (_, id) => add({ id })));
  join();
  for (let n = 0; n < 5; n++) {
    table.apply([{ type: 'update', data: { id: 5, n } }]);
    clock.advance(100);
  }
  table.apply([{ type: 'delete', data: { id: 6 } }]);
  clock.advance(100);
  assert.is(
    join('e.101').read(),
    'retry: 2000\n\ndata: {"type":"sync","data":[{"id":5,"n":4}],"deleted":[6]}\nid: e.106\n\n',
  );
});

test('large snapshot: chunks of bounded bytes, the id only at ready', () => {
  const { table, clock, join } = setUp();
  table.apply(Array.from({ length: 3_000 }, (_, id) => add({ id, text: 'x'.repeat(50) })));
  const { read } = join();
  clock.advance(1);
  const events = read().trimEnd().split('\n\n').slice(1);
  assert.ok(events.length > 3);
  assert.match(events[0] ?? '', /"type":"init".*"more":true.*\nid$/s);
  assert.match(events[1] ?? '', /^data: \{"type":"rows","data":\[.*"loaded":\d+,"total":3000\}$/);
  assert.match(events.at(-1) ?? '', /^data: \{"type":"ready","total":3000\}\nid: e\.3000$/);
  for (const event of events) assert.ok(event.length < 80_000);
});

test('snapshot: encoded once for 1,000 who join together, and each change once for all', () => {
  const { table, clock, counters, join } = setUp();
  table.apply(Array.from({ length: 3_000 }, (_, id) => add({ id, text: 'x'.repeat(50) })));
  const clients = Array.from({ length: 1_000 }, () => join());
  clock.advance(1);
  const { framesEncoded } = counters;
  table.apply([add({ id: 'new' })]);
  clock.advance(20);
  assert.is(counters.snapshotsEncoded, 1);
  assert.is(counters.framesEncoded - framesEncoded, 1);
  for (const { read } of clients) assert.match(read(), /"ready".*"Added new"/s);
});

test('slow readers of many old snapshots: bounded, the oldest are given the newest', () => {
  const { table, clock, counters, channel, join } = setUp({ ringFrames: 1 });
  const rows = (text: string) => Array.from({ length: 3_000 }, (_, id) => add({ id, text }));
  table.apply(rows('x'.repeat(50)));
  const slow = [];
  for (let n = 0; n < 5; n++) {
    slow.push(join(undefined, 1_000));
    join();
    clock.advance(100);
    table.apply(rows(`${n}`.repeat(50)));
    clock.advance(100);
    channel.sweep();
  }
  assert.ok(counters.snapshotsRestarted > 0);
  const first = slow[0];
  let text = '';
  for (let n = 0; n < 100; n++) {
    text += first?.read() ?? '';
    clock.advance(1);
  }
  assert.match(text, /"type":"ready"/);
});

test('stalled: a socket that accepts nothing is destroyed, one that accepts little is not', () => {
  const { table, clock, channel, counters, join } = setUp();
  table.apply(Array.from({ length: 100 }, (_, id) => add({ id, text: 'x'.repeat(500) })));
  const dead = join(undefined, 100);
  const slow = join(undefined, 100);
  for (let second = 0; second < 40; second++) {
    clock.advance(1_000);
    slow.read(10);
    channel.sweep();
  }
  assert.is(dead.sink.isDestroyed, true);
  assert.is(slow.sink.isDestroyed, false);
  assert.is(counters.stalled, 1);
});

test('a reader that stops: what waits for it is bounded, whatever the table does', () => {
  const { table, clock, join } = setUp({ ringFrames: 4 });
  const { sink, read } = join(undefined, 10_000);
  for (let n = 0; n < 2_000; n++) {
    table.apply([{ type: 'add', data: { id: n % 50, n, text: 'x'.repeat(1_000) } }]);
    clock.advance(20);
  }
  assert.ok(sink.maxPending < 80_000, `${sink.maxPending} bytes`);
  let text = read();
  for (let more = read(); more !== ''; more = read()) text += more;
  assert.match(text, /"n":1999/);
});

test('heartbeat: an event with Unix seconds and the version, not for those who lag', () => {
  const { table, clock, join } = setUp();
  table.apply([add({ id: 1 })]);
  const well = join();
  const slow = join(undefined, 10);
  well.read();
  clock.advance(15_000);
  assert.is(well.read(), 'data: {"type":"heartbeat","timestamp":1700000015,"version":"e.1"}\n\n');
  assert.not.match(slow.read(), /heartbeat/);
});

test('lifetime and expiry: each stream ends with its reason', () => {
  const { clock, channel, join } = setUp({ maxLifetimeMs: 60_000 });
  const { sink, read } = join();
  read();
  clock.advance(59_000);
  read();
  channel.sweep();
  assert.is(sink.isEnded, false);
  clock.advance(1_000);
  channel.sweep();
  assert.match(read(), /"type":"end","reason":"lifetime"/);
  assert.is(sink.isEnded, true);
  assert.is(channel.subscribers, 0);
  const expiring = new ScriptedSink(() => {});
  channel.join(expiring, { lastEventId: undefined, expiresAtMs: clock.now() + 5_000 });
  clock.advance(5_000);
  channel.sweep();
  assert.is(expiring.isEnded, true);
});

test('end: what is pending leaves first', () => {
  const { table, channel, join } = setUp({}, { sessionId: 's1' });
  const { sink, read } = join();
  table.apply([add({ id: 1 })]);
  channel.end('stopped', 'bye');
  const text = read();
  assert.match(
    text,
    /"Added 1".*"type":"end","reason":"stopped","message":"bye","session_id":"s1"/s,
  );
  assert.is(sink.isEnded, true);
  assert.is(channel.subscribers, 0);
});

test('full: each change carries the whole table', () => {
  const { table, clock, join } = setUp({}, { full: true });
  const { read } = join();
  read();
  table.apply([add({ id: 1 }), add({ id: 2 })]);
  clock.advance(20);
  table.apply([{ type: 'delete', data: { id: 1 } }]);
  clock.advance(20);
  const tables = [...read().matchAll(/"table_data":(\[.*?\])/g)].map((match) => match[1]);
  assert.equal(tables, ['[{"id":1},{"id":2}]', '[{"id":2}]']);
});

test('full, grown too large: one error, no table_data until it is small again', () => {
  const { table, clock, channel, join } = setUp({}, { full: true });
  table.apply(Array.from({ length: 999 }, (_, id) => add({ id })));
  const { read } = join();
  read();
  const kinds = (): string[] => {
    clock.advance(20);
    const events = read().matchAll(/^data: (.*)$/gm);
    return Array.from(events, ([, json = '']) => {
      const { type, code, table_data } = JSON.parse(json);
      return code ?? `${type} ${table_data?.length}`;
    });
  };
  table.apply([add({ id: 'a' })]);
  assert.equal(kinds(), ['add 1000']);
  table.apply([add({ id: 'b' })]);
  assert.equal(kinds(), ['table_too_large', 'add undefined']);
  table.apply([add({ id: 'c' })]);
  assert.equal(kinds(), ['add undefined']);
  // Who resumes before it gets it too, in its place and without an id of its own.
  const resumed = join('e.1000').read();
  assert.match(
    resumed,
    /"resumed","missed":2\}\n\ndata: \{"type":"error","code":"table_too_large"/,
  );
  assert.match(resumed, /without table_data until it has fewer"\}\n\ndata: .*\nid: e\.1001\n/);
  table.apply([
    { type: 'delete', data: { id: 'a' } },
    { type: 'delete', data: { id: 'b' } },
  ]);
  assert.equal(kinds(), ['batch 1000']);
  table.apply([add({ id: 'd' })]);
  assert.equal(kinds(), ['table_too_large', 'add undefined']);
  channel.close();
});

test('setFlushMs: longer from now on, shorter for what waits already', () => {
  const { table, clock, channel, join } = setUp();
  const { read } = join();
  const changeAt = (ms: number): string => {
    table.apply([add({ id: `${clock.now()}` })]);
    clock.advance(ms);
    return read();
  };
  changeAt(1);
  channel.setFlushMs(128);
  assert.is(changeAt(120), '');
  assert.match(changeAt(7), /"type":"batch"/);
  assert.is(changeAt(100), '');
  channel.setFlushMs(16);
  clock.runImmediate();
  assert.match(read(), /"type":"add"/);
  clock.advance(1_000);
  channel.setFlushMs(128);
  assert.match(changeAt(0), /"type":"add"/, 'still at once when idle');
});

test('close: nothing is left on the clock', () => {
  const { table, clock, channel, join } = setUp();
  join();
  table.apply([add({ id: 1 })]);
  channel.close();
  assert.is(clock.waiting, 0);
});
