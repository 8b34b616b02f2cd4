import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import { jsonErrorIndex } from '../../../server/table/lines/json-error.ts';
import { suite } from '../../suite.ts';

const test = suite('jsonErrorIndex');

const cases: [text: string, index: number | undefined][] = [
  ['{"a":[1,-2.5e+3,"x\\u00e9\\n",true,false,null,{}],"b":[]}', undefined],
  [' 1 ', undefined],
  ['', 0],
  ['{', 1],
  ['{"a"}', 4],
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ['[1,]', 3],
  ['[1}', 2],
  ['{"a":1]', 6],
  ['{"a":1}}', 7],
  ['"a\nb"', 2],
  ['"a\\x"', 2],
  ['"a\\u12g4"', 2],
  ['"open', 5],
  ['01', 1],
  ['nul', 0],
  ['{a:1}', 1],
  ['['.repeat(100_000), 100_000],
];

for (const [text, index] of cases) {
  test(`${JSON.stringify(text.slice(0, 40))} goes wrong at ${index}`, () => {
    assert.is(jsonErrorIndex(text), index);
  });
}

test('agrees with JSON.parse on what is JSON, and with its place where it gives one', () => {
  const seed = 7;
  const random = seededRandom(seed);
  const whole = '{"a":[1,-2.5,"x\\n",true],"b":{"c":null}}';
  const alphabet = '{}[],:"\\ 01-.eEtn\n';
  let wrong = 0;
  for (let round = 0; round < 5_000; round++) {
    const at = Math.floor(random() * whole.length);
    const char = alphabet[Math.floor(random() * alphabet.length)] ?? '';
    const text = whole.slice(0, at) + char + whole.slice(at + (random() < 0.5 ? 1 : 0));
    const message = errorOf(text);
    const index = jsonErrorIndex(text);
    assert.is(index === undefined, message === undefined, `seed ${seed}: ${text}`);
    const place = /at position (\d+)/.exec(message ?? '');
    // V8 points into a bad number or escape, we at what cannot be: never past its place by more than
    // the token.
    if (place === null) continue;
    wrong++;
    const distance = Number(place[1]) - (index ?? 0);
    assert.ok(distance >= -2 && distance <= 6, `seed ${seed}: ${text}: ${message}, not ${index}`);
  }
  assert.ok(wrong > 1_000);
});

function errorOf(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
