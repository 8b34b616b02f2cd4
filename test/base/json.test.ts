import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { parseJson } from '../../server/base/json.ts';
import { suite } from '../suite.ts';

const test = suite('parseJson');

const EXACT = [
  '{"a":1,"b":[true,null,"x"]}',
  '9007199254740991',
  '-9007199254740991',
  '0.1',
  '1e22',
  '1.5e300',
  '0e999',
  '0.0e-999',
  '"1e400"',
  '"12345678901234567890"',
  '{"id":"12345678901234567890","n":7}',
  '{"__proto__":1,"constructor":2}',
  '"\\ud800"',
];
for (const text of EXACT) {
  test(`keeps ${text}`, () => {
    assert.is(JSON.stringify(parseJson(text)), JSON.stringify(JSON.parse(text)));
  });
}

const INEXACT: [string, string][] = [
  ['{"n":1e400}', 'column "n": 1e400'],
  ['{"n":-1e400}', 'column "n": -1e400'],
  ['{"n":9007199254740992}', 'column "n": 9007199254740992'],
  ['{"id":12345678901234567890}', 'column "id": 12345678901234567890'],
  ['[{"ok":1},{"deep":{"n":-9007199254740993}}]', 'column "n": -9007199254740993'],
  ['{"n":1e-999}', 'column "n": 1e-999'],
  [`{"n":${'9'.repeat(60)}}`, `column "n": ${'9'.repeat(40)}…`],
];
for (const [text, message] of INEXACT) {
  test(`refuses ${text.slice(0, 50)}, naming the column`, () => {
    assert.throws(
      () => parseJson(text),
      (error: unknown) =>
        error instanceof SseTableError &&
        error.code === 'bad_row' &&
        error.message.startsWith(message) &&
        error.message.endsWith('send it as a string'),
    );
  });
}

for (const text of ['', '{', '{"a":}', "{'a':1}", '[1,]', 'NaN', '{"n":12345678901234567890']) {
  test(`bad_json for ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseJson(text),
      (error: unknown) => error instanceof SseTableError && error.code === 'bad_json',
    );
  });
}
