import { crc32 } from 'node:zlib';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { joinCrc, restCrc } from '../../server/stream/crc32.ts';
import { suite } from '../suite.ts';

const test = suite('crc32');

test('joinCrc, restCrc: equal the CRC of the bytes put together, seeded', () => {
  const random = seededRandom(5);
  for (let round = 0; round < 300; round++) {
    const a = Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => random() * 256));
    const b = Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => random() * 256));
    const ab = crc32(Buffer.concat([a, b]));
    assert.is(joinCrc(crc32(a), crc32(b), b.length), ab);
    assert.is(restCrc(crc32(a), ab, b.length), crc32(b));
  }
});
