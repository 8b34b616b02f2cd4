import * as assert from 'uvu/assert';
import { EventSampler } from '../../bench/measure/event-sampler.ts';
import { nextEventText } from '../../bench/servers/event.ts';
import { suite } from '../suite.ts';

const FIRST_US = 1_700_000_000_000_001;

const BATCH = `data: {"type":"batch","changes":[{"data":{"id":1,"at":${FIRST_US}}},{"data":{"at":${FIRST_US + 5}}}]}\n\n`;
const UPDATE = `data: {"type":"update","data":{"id":1,"at":${FIRST_US + 9}}}\nid: b.7\n\n`;
const STREAM = `retry: 2000\n\n${BATCH}data: {"type":"heartbeat"}\n\n${UPDATE}`;

const test = suite('EventSampler');

for (const size of [STREAM.length, 100, 30, 21, 7, 1]) {
  test(`push: every stamp once, read ${size} bytes at a time`, () => {
    const sampler = new EventSampler();
    for (let start = 0; start < STREAM.length; start += size) {
      sampler.push(Buffer.from(STREAM.slice(start, start + size)), FIRST_US + 10);
    }
    assert.is(sampler.changes, 3);
    assert.equal(sampler.latenciesUs, [10, 5, 1]);
    assert.is(sampler.newestUs, FIRST_US + 9);
  });
}

test('reset: a stamp of which half has been read still counts', () => {
  const sampler = new EventSampler();
  const middle = STREAM.length - 20;
  sampler.push(Buffer.from(STREAM.slice(0, middle)), FIRST_US);
  sampler.reset();
  sampler.push(Buffer.from(STREAM.slice(middle)), FIRST_US + 9);
  assert.equal(sampler.latenciesUs, [0]);
});

test('nextEventText: 172 bytes with one stamp, whatever its number', () => {
  for (const count of [0, 1, 999, 1_000, 123_456]) {
    const text = nextEventText(count);
    assert.is(Buffer.byteLength(text), 172);
    const sampler = new EventSampler();
    sampler.push(Buffer.from(text), 0);
    assert.is(sampler.changes, 1);
  }
});
