import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { encodeFrame, type Frame } from '../../server/stream/frame.ts';
import { Ring } from '../../server/stream/ring.ts';
import { suite } from '../suite.ts';

const test = suite('Ring');

const SEED = 7;

function frame(seq: number, chars = 1, changes = 1): Frame {
  return encodeFrame('x'.repeat(chars), undefined, seq, changes);
}

test('encodeFrame: chunk framing around data, then id', () => {
  const { chunk, payload } = encodeFrame('{"a":"é"}', 'k.7', 7, 1);
  assert.is(payload.toString(), 'data: {"a":"é"}\nid: k.7\n\n');
  assert.is(chunk.toString(), '1a\r\ndata: {"a":"é"}\nid: k.7\n\n\r\n');
  assert.is(payload.buffer, chunk.buffer);
});

test('push: the oldest leave at the frame limit', () => {
  const ring = new Ring({ maxFrames: 3, maxBytes: 1e6, seq: 10 });
  for (let seq = 11; seq <= 15; seq++) ring.push(frame(seq));
  assert.is(ring.tail, 2);
  assert.is(ring.head, 5);
  assert.is(ring.at(1), undefined);
  assert.is(ring.at(2)?.seq, 13);
});

test('push: the oldest leave at the byte limit, and a frame beyond it leaves nothing behind', () => {
  const size = frame(1, 100).chunk.length;
  const ring = new Ring({ maxFrames: 99, maxBytes: 2 * size, seq: 0 });
  for (let seq = 1; seq <= 3; seq++) ring.push(frame(seq, 100));
  assert.is(ring.tail, 1);
  assert.is(ring.bytes, 2 * size);
  ring.push(frame(4, 500));
  assert.is(ring.tail, ring.head);
  assert.is(ring.bytes, 0);
  assert.is(ring.indexAfter(4), 4);
  assert.is(ring.indexAfter(3), undefined);
});

test('indexAfter: only exact frame ends still known', () => {
  const ring = new Ring({ maxFrames: 3, maxBytes: 1e6, seq: 100 });
  assert.is(ring.indexAfter(100), 0);
  for (const seq of [103, 104, 109, 110]) ring.push(frame(seq));
  const cases: [number, number | undefined][] = [
    [99, undefined],
    [100, undefined],
    [103, 1],
    [104, 2],
    [105, undefined],
    [109, 3],
    [110, 4],
    [111, undefined],
  ];
  for (const [seq, index] of cases) assert.is(ring.indexAfter(seq), index, `seq ${seq}`);
});

test('span: the bytes of its frames, joined once for all who ask', () => {
  const ring = new Ring({ maxFrames: 8, maxBytes: 1e6, seq: 0 });
  for (let seq = 1; seq <= 4; seq++) ring.push(frame(seq, seq));
  const joined = ring.span(1, 3, 'chunk');
  assert.is(joined.toString(), `${ring.at(1)?.chunk}${ring.at(2)?.chunk}`);
  assert.is(ring.span(1, 3, 'chunk'), joined);
  assert.is(ring.span(1, 3, 'payload').toString(), `${ring.at(1)?.payload}${ring.at(2)?.payload}`);
  assert.is(ring.span(0, 1, 'chunk'), ring.at(0)?.chunk);
});

test('spanEnd, bytesFrom, changesFrom: equal sums over the frames, seeded', () => {
  const random = seededRandom(SEED);
  const ring = new Ring({ maxFrames: 50, maxBytes: 5_000, seq: 0 });
  const pushed: Frame[] = [];
  for (let seq = 1; seq <= 500; seq++) {
    const next = frame(seq, Math.floor(random() * 400), Math.floor(random() * 5));
    pushed.push(next);
    ring.push(next);
    const held = pushed.slice(ring.tail);
    assert.ok(held.length <= 50);
    assert.is(
      ring.bytes,
      held.reduce((sum, { chunk }) => sum + chunk.length, 0),
    );
    assert.ok(ring.bytes <= 5_000);
    const from = ring.tail + Math.floor(random() * held.length);
    const rest = pushed.slice(from);
    assert.is(
      ring.bytesFrom(from),
      rest.reduce((sum, { chunk }) => sum + chunk.length, 0),
    );
    assert.is(
      ring.changesFrom(from),
      rest.reduce((sum, { changes }) => sum + changes, 0),
    );
    let end = from + 1;
    let bytes = rest[0]?.chunk.length ?? 0;
    for (const { chunk } of rest.slice(1)) {
      bytes += chunk.length;
      if (bytes > 1_000) break;
      end++;
    }
    assert.is(ring.spanEnd(from, 1_000), end, `seed ${SEED}, seq ${seq}`);
  }
});
