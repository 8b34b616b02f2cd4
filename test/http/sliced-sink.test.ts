import { Duplex } from 'node:stream';
import * as assert from 'uvu/assert';
import { SlicedSink } from '../../server/http/sliced-sink.ts';
import { suite } from '../suite.ts';

const test = suite('SlicedSink');

const SLICE = 64 * 1_024;

/** A stream that takes one write at a time, when the test says so. */
function create(chunked: boolean) {
  const written: Buffer[] = [];
  let take: () => void = () => undefined;
  const stream = new Duplex({
    writableHighWaterMark: SLICE,
    read() {},
    write(chunk, _encoding, done) {
      written.push(chunk);
      take = done;
    },
  });
  const sink = new SlicedSink(stream, chunked);
  const drains: boolean[] = [];
  stream.on('drain', () => drains.push(sink.drained()));
  const takeOne = async (): Promise<void> => {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const sizes = () => written.map(({ length }) => length);
  return { stream, sink, written, sizes, takeOne, drains };
}

test('write: a small one goes as it is, and there is room for more', () => {
  const { sink, sizes } = create(false);
  assert.is(sink.write(Buffer.alloc(1_000)), true);
  assert.equal(sizes(), [1_000]);
  assert.is(sink.pendingBytes(), 1_000);
});

test('write: a large one goes slice by slice, and pendingBytes tells of each', async () => {
  const { sink, sizes, takeOne, drains, written } = create(false);
  const bytes = Buffer.from('0123456789abcdef'.repeat(10_000));
  assert.is(sink.write(bytes), false);
  const pending = [sink.pendingBytes()];
  for (let n = 0; n < 3; n++) {
    await takeOne();
    pending.push(sink.pendingBytes());
  }
  assert.equal(sizes(), [SLICE, SLICE, 160_000 - 2 * SLICE]);
  assert.equal(pending, [160_000, 160_000 - SLICE, 160_000 - 2 * SLICE, 0]);
  assert.equal(drains, [false, true]);
  assert.ok(Buffer.concat(written).equals(bytes));
});

test('write: while slices wait, what comes goes after them', async () => {
  const { sink, takeOne, written } = create(false);
  sink.write(Buffer.alloc(SLICE + 1, 'a'));
  assert.is(sink.write(Buffer.from('b')), false);
  await takeOne();
  await takeOne();
  assert.is(Buffer.concat(written).toString(), `${'a'.repeat(SLICE + 1)}b`);
});

test('end: what waits goes first, then the last chunk', async () => {
  const { sink, takeOne, written } = create(true);
  sink.write(Buffer.alloc(SLICE + 1, 'a'));
  sink.end();
  for (let n = 0; n < 3; n++) await takeOne();
  assert.is(Buffer.concat(written).toString(), `${'a'.repeat(SLICE + 1)}0\r\n\r\n`);
});

test('destroy: nothing more is written, and writing is harmless', async () => {
  const { stream, sink, takeOne, sizes } = create(false);
  sink.write(Buffer.alloc(3 * SLICE));
  sink.destroy();
  await takeOne();
  assert.is(sink.write(Buffer.alloc(1)), true);
  assert.equal(sizes(), [SLICE]);
  assert.is(stream.destroyed, true);
});
