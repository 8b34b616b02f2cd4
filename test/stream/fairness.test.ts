import * as assert from 'uvu/assert';
import { Channel } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { tableFraming } from '../../server/stream/encoder.ts';
import type { Subscriber } from '../../server/stream/subscriber.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { ScriptedSink } from './model-client.ts';

const test = suite('fairness');

const ROWS = 50_000;
const ROW_BYTES = 1_000;

/** What a subscriber may write before it is the others' turn, and one chunk beyond it. */
const TURN_BYTES = (512 + 128) * 1_024;

const FLUSH_MS = 16;

function setUp(flushMs: number) {
  const clock = new FakeClock();
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  const text = 'x'.repeat(ROW_BYTES);
  table.apply(
    Array.from({ length: ROWS }, (_, id): Change => ({ type: 'add', data: { id, text } })),
  );
  const counters = createCounters();
  const channel = new Channel(table, tableFraming(table), {
    clock,
    random: () => 0.5,
    counters,
    ringFrames: 1_024,
    ringBytes: 8e6,
    flushMs,
    heartbeatMs: 1e9,
    stallTimeoutMs: 1e9,
    maxLifetimeMs: 0,
    retryMs: 2_000,
  });
  /** A reader whose appetite has no end: it is told of each write and takes all. */
  const join = (onWrite: (bytes: Buffer) => void, lastEventId?: string): Subscriber => {
    const sink = new ScriptedSink(onWrite, Number.POSITIVE_INFINITY);
    const write = sink.write.bind(sink);
    sink.write = (bytes) => {
      const result = write(bytes);
      sink.read(bytes.length);
      return result;
    };
    return channel.join(sink, { lastEventId });
  };
  return { clock, table, channel, counters, join };
}

const GREEDY: [title: string, lastEventId: string | undefined, isEncoded: boolean][] = [
  ['a snapshot being encoded', undefined, false],
  ['a snapshot that is there already', undefined, true],
  ['a catch-up of what changed', 'e.30000', false],
];
for (const [title, lastEventId, isEncoded] of GREEDY) {
  test(`another's live changes wait for no more than one turn of who reads ${title}`, () => {
    const { clock, table, channel, counters, join } = setUp(0);
    if (isEncoded) {
      channel.leave(join(() => undefined));
      join(() => undefined);
      clock.advance(1);
    }
    let greedyBytes = 0;
    let bytesAtChange = 0;
    let awaited: number | undefined;
    const waits: number[] = [];
    join((bytes) => {
      if (awaited === undefined || !bytes.includes(`"n":${awaited}}`)) return;
      waits.push(greedyBytes - bytesAtChange);
      awaited = undefined;
    }, `e.${ROWS}`);
    // The reader itself makes a change with each MiB that it gets, in the middle of its turn.
    join((bytes) => {
      greedyBytes += bytes.length;
      if (awaited !== undefined || greedyBytes < (waits.length + 1) * 1_024 * 1_024) return;
      awaited = waits.length;
      bytesAtChange = greedyBytes;
      table.apply([{ type: 'update', data: { id: 1, n: awaited } }]);
    }, lastEventId);
    clock.advance(1);
    const rows = lastEventId === undefined ? ROWS : ROWS - 30_000;
    assert.ok(greedyBytes > rows * ROW_BYTES, `${greedyBytes} bytes`);
    assert.is(counters.snapshotsEncoded, lastEventId === undefined ? 1 : 0);
    assert.is(waits.length, Math.floor(greedyBytes / (1_024 * 1_024)));
    const longest = Math.max(...waits);
    assert.ok(longest <= TURN_BYTES, `one waited for ${longest} bytes`);
    channel.close();
  });
}

test("another's live changes wait for no more than one flush window", () => {
  const { clock, table, channel, join } = setUp(FLUSH_MS);
  let got = -1;
  join((bytes) => {
    got = Number(/"n":(\d+)\}/.exec(bytes.toString())?.[1] ?? got);
  }, `e.${ROWS}`);
  for (let n = 0; n < 50; n++) {
    // Ever more who catch up, each with 50 MB.
    join(() => undefined);
    table.apply([{ type: 'update', data: { id: 1, n } }]);
    clock.advance(FLUSH_MS);
    assert.is(got, n);
  }
  channel.close();
});
