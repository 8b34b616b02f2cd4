import { constants, gunzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { Channel } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { tableFraming } from '../../server/stream/encoder.ts';
import { Table } from '../../server/table/table.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ScriptedSink } from './model-client.ts';

const test = suite('GzipCoding');

function setUp() {
  const clock = new FakeClock();
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  const channel = new Channel(table, tableFraming(table), {
    clock,
    random: () => 0.5,
    counters: createCounters(),
    ringFrames: 1_024,
    ringBytes: 8e6,
    flushMs: 16,
    heartbeatMs: 15_000,
    stallTimeoutMs: 1e9,
    maxLifetimeMs: 0,
    retryMs: 2_000,
  });
  const join = (gzip: boolean, lastEventId?: string) => {
    const parts: Buffer[] = [];
    const sink = new ScriptedSink((bytes) => parts.push(bytes), 1e9);
    channel.join(sink, { lastEventId, gzip });
    return {
      sink,
      bytes() {
        sink.read(1e9);
        return Buffer.concat(parts);
      },
    };
  };
  const tick = (n: number) => {
    const data = { id: n % 50, score: (n * 7) % 100, status: 'active', city: `city ${n % 10}` };
    table.apply([{ type: 'update', data }]);
    clock.advance(100);
  };
  return { clock, table, channel, join, tick };
}

test('a whole stream: gunzip gives what a plain client gets, and checks length and CRC', () => {
  const { clock, channel, join, tick } = setUp();
  for (let n = 0; n < 200; n++) tick(n);
  const zipped = join(true);
  const plain = join(false);
  for (let n = 0; n < 300; n++) {
    tick(n);
    if (n === 150) clock.advance(16_000);
  }
  channel.end('shutdown', 'bye');
  assert.is(gunzipSync(zipped.bytes()).toString(), plain.bytes().toString());
});

test('clients who join anywhere: each reads its own stream at once', () => {
  const { join, tick } = setUp();
  const clients: { zipped: ReturnType<typeof join>; plain: ReturnType<typeof join> }[] = [];
  for (let n = 0; n < 200; n++) {
    tick(n);
    if (n % 7 === 0) clients.push({ zipped: join(true, `e.${n}`), plain: join(false, `e.${n}`) });
  }
  for (const { zipped, plain } of clients) {
    const text = gunzipSync(zipped.bytes(), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    assert.is(text, plain.bytes().toString());
  }
});

test('a stream without gzip clients in between: those who return share again', () => {
  const { channel, join, tick } = setUp();
  const first = join(true);
  for (let n = 0; n < 20; n++) tick(n);
  const second = join(true);
  for (let n = 0; n < 70; n++) tick(n);
  channel.end('shutdown', 'bye');
  assert.match(gunzipSync(first.bytes()).toString(), /"end"/);
  assert.match(gunzipSync(second.bytes()).toString(), /"end"/);
  const third = join(true);
  tick(1);
  const fourth = join(true);
  for (let n = 0; n < 70; n++) tick(n);
  channel.end('shutdown', 'bye');
  assert.match(gunzipSync(third.bytes()).toString(), /"end"/);
  assert.match(gunzipSync(fourth.bytes()).toString(), /"end"/);
});

test('row updates: at most a quarter of their size', () => {
  const { join, tick } = setUp();
  for (let n = 0; n < 100; n++) tick(n);
  const zipped = join(true);
  const plain = join(false);
  const before = { zipped: zipped.bytes().length, plain: plain.bytes().length };
  for (let n = 0; n < 640; n++) tick(n);
  const ratio = (zipped.bytes().length - before.zipped) / (plain.bytes().length - before.plain);
  assert.ok(ratio < 0.27, `ratio ${ratio}`);
});

test('frames are deflated once for 100 clients', () => {
  const { join, tick } = setUp();
  const clients = Array.from({ length: 100 }, () => join(true));
  for (let n = 0; n < 70; n++) tick(n);
  const [first, ...others] = clients.map((client) => client.bytes());
  for (const bytes of others) assert.ok(first?.equals(bytes));
});
