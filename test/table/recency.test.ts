import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { type Entry, Recency } from '../../server/table/recency.ts';
import { suite } from '../suite.ts';

const test = suite('Recency');

const SEED = 20_261_120;

function newEntry(key: number, seq: number): Entry {
  return { key, row: { id: key }, seq, segment: undefined, slot: 0 };
}

test('since, countSince, at, oldest: equal a sorted list after 60,000 random changes', () => {
  const random = seededRandom(SEED);
  const recency = new Recency();
  const held = new Map<number, Entry>();
  let seq = 0;
  for (let step = 1; step <= 60_000; step++) {
    const key = Math.floor(random() * 6_000);
    const entry = held.get(key);
    if (entry !== undefined && random() < 0.3) {
      recency.remove(entry);
      held.delete(key);
    } else if (entry !== undefined) {
      entry.seq = ++seq;
      recency.touch(entry);
    } else {
      const fresh = newEntry(key, ++seq);
      held.set(key, fresh);
      recency.touch(fresh);
    }
    if (step % 3_000 !== 0) continue;
    const sorted = [...held.values()].sort((a, b) => a.seq - b.seq);
    const from = Math.floor(random() * seq);
    const expected = sorted.filter((item) => item.seq > from);
    const keys = (entries: Iterable<Entry>) => Array.from(entries, ({ key }) => key);
    assert.equal(keys(recency.since(from)), keys(expected), `seed ${SEED}, step ${step}`);
    assert.is(recency.countSince(from), expected.length);
    assert.is(recency.size, held.size);
    assert.is(recency.oldest()?.key, sorted[0]?.key);
    const position = Math.floor(random() * sorted.length);
    assert.is(recency.at(position)?.key, sorted[position]?.key);
  }
});

test('touch: the same entry a million times does not grow it', () => {
  const recency = new Recency();
  const still = newEntry(0, 1);
  recency.touch(still);
  const moving = newEntry(1, 2);
  for (let seq = 2; seq < 1_000_000; seq++) {
    moving.seq = seq;
    recency.touch(moving);
  }
  assert.is([...recency.since(0)].length, 2);
  assert.is(recency.countSince(1), 1);
});
