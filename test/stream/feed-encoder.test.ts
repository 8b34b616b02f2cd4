import { createParser } from 'eventsource-parser';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { Channel } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { type FeedFormat, feedFraming } from '../../server/stream/feed-encoder.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ScriptedSink } from './model-client.ts';

const test = suite('FeedEncoder');

const SEED = 7;

function add(line: number): Change {
  return { type: 'add', data: { line, message: `m${line}`, timestamp: 'T' } };
}

function setUp({ history = 0, maxRows = 1e6, ringFrames = 1_024 } = {}) {
  const clock = new FakeClock();
  const table = new Table({ name: 't', key: 'line', epoch: 'e', maxRows, whenFull: 'evict' });
  const format: FeedFormat = {
    name: 'log:t',
    history,
    heartbeatMs: 1_000,
    connected: { message: 'hello' },
    eventOf: ({ line, message }) => ({
      type: 'log',
      service: 't',
      message: String(message),
      line: Number(line),
      timestamp: 'T',
    }),
  };
  const channel = new Channel(table, feedFraming(table, format), {
    clock,
    random: () => 0.5,
    counters: createCounters(),
    ringFrames,
    ringBytes: 8e6,
    flushMs: 16,
    heartbeatMs: 1_000,
    stallTimeoutMs: 1e9,
    maxLifetimeMs: 0,
    retryMs: 2_000,
  });
  const join = (lastEventId?: string, highWaterMark = 1e9) => {
    const heard: { type: string; line?: number; id: string | undefined }[] = [];
    const decoder = new TextDecoder();
    const parser = createParser({
      onEvent: ({ data, id }) => heard.push({ ...JSON.parse(data), id }),
    });
    const sink = new ScriptedSink((bytes) => {
      parser.feed(decoder.decode(bytes, { stream: true }));
    }, highWaterMark);
    const subscriber = channel.join(sink, { lastEventId });
    const read = (bytes = 1e9): void => {
      if (sink.read(bytes)) subscriber.drained();
    };
    const lines = (): unknown[] => heard.filter(({ type }) => type === 'log').map((e) => e.line);
    return { heard, read, lines };
  };
  return { clock, table, channel, join };
}

test('join: connected, the latest rows, each with an id to go on from', () => {
  const { table, join } = setUp({ history: 2 });
  table.apply([add(1), add(2), add(3)]);
  const { heard, read } = join();
  read();
  assert.equal(
    heard.map(({ type, line, id }) => [type, line, id]),
    [
      ['connected', undefined, 'e.1'],
      ['log', 2, 'e.2'],
      ['log', 3, 'e.3'],
    ],
  );
});

test('join: never what came between an older snapshot and now', () => {
  const { table, join } = setUp({ history: 1 });
  const first = join();
  for (const line of [1, 2, 3]) table.apply([add(line)]);
  const late = join();
  for (const { read } of [first, late]) read();
  assert.equal(first.lines(), [1, 2, 3]);
  assert.equal(late.lines(), [3]);
});

test('a row that is deleted is not told, one that changes is told again, whole', () => {
  const { clock, table, join } = setUp();
  const { read, lines, heard } = join();
  table.apply([add(1), add(2)]);
  clock.advance(20);
  table.apply([{ type: 'delete', data: { line: 2 } }]);
  table.apply([{ type: 'update', data: { line: 1, message: 'edited' } }]);
  clock.advance(20);
  read();
  assert.equal(lines(), [1, 2, 1]);
  assert.is(Reflect.get(heard.at(-1) ?? {}, 'message'), 'edited');
});

test('a place that rows have gone from, or that is not known, is told', () => {
  const { clock, table, join } = setUp({ maxRows: 2, ringFrames: 1 });
  for (const line of [1, 2, 3, 4]) {
    table.apply([add(line)]);
    clock.advance(20);
  }
  for (const id of ['e.1', 'other.1']) {
    const { heard, read } = join(id);
    read();
    assert.ok(
      heard.some(({ type }) => type === 'skipped'),
      id,
    );
  }
});

test(`slow readers get every row once and in order, lapped or not (seed ${SEED})`, () => {
  const random = seededRandom(SEED);
  const { clock, table, join } = setUp({ ringFrames: 4 });
  const clients = [join(undefined, 1_000), join(undefined, 100), join()];
  const ROWS = 3_000;
  for (let line = 1; line <= ROWS; ) {
    const batch: Change[] = [];
    for (let n = Math.ceil(random() * 20); n > 0 && line <= ROWS; n--) batch.push(add(line++));
    table.apply(batch);
    clock.advance(random() * 30);
    for (const { read } of clients) if (random() < 0.2) read(Math.ceil(random() * 3_000));
  }
  clock.advance(100);
  for (let n = 0; n < 500; n++) for (const { read } of clients) read();
  const all = Array.from({ length: ROWS }, (_, n) => n + 1);
  for (const { lines } of clients) assert.equal(lines(), all);
});
