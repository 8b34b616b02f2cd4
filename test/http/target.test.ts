import * as assert from 'uvu/assert';
import { parseTarget } from '../../server/http/target.ts';
import { suite } from '../suite.ts';

const test = suite('parseTarget');

for (const [url, segments, query] of [
  ['/', [''], ''],
  ['/api/tables', ['api', 'tables'], ''],
  ['/a%2Fb/%E8%AE%A2', ['a/b', '订'], ''],
  ['/a%0D%0Ab', ['a\r\nb'], ''],
  ['/a?x=1&y=a%26b', ['a'], 'x=1&y=a%26b'],
  ['/a?b?c', ['a'], 'b%3Fc='],
  ['//a', ['', 'a'], ''],
  ['/a#b?c', ['a'], ''],
  ['http://host:1/a?x=1', ['a'], 'x=1'],
  ['https://host', [''], ''],
  ['/a?%zz=1', ['a'], '%25zz=1'],
] as const) {
  test(`${url} is ${JSON.stringify(segments)}`, () => {
    const target = parseTarget(url);
    assert.equal(target.segments, [...segments]);
    assert.is(target.query.toString(), query);
  });
}

for (const url of ['/%00', '/a%00b', '/%', '/%zz', '/%ff', '/%C0%AF', '/a/%E0%A4']) {
  test(`${url} is refused`, () => {
    assert.throws(() => parseTarget(url), /the path has a malformed escape/);
  });
}

test('8 KiB are fine, one byte more is refused', () => {
  assert.is(parseTarget(`/${'a'.repeat(8_191)}`).path.length, 8_192);
  assert.throws(() => parseTarget(`/${'a'.repeat(8_192)}`), /8193 bytes; at most 8192/);
});
