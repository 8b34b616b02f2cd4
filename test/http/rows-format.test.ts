import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import {
  csvFormat,
  jsonFormat,
  ndjsonFormat,
  type RowsFormat,
} from '../../server/http/rows-format.ts';
import { createCsvReader } from '../../server/table/lines/csv.ts';
import type { Json, Row } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('RowsFormat');

function write(format: RowsFormat, rows: readonly Row[]): string {
  return format.head + rows.map((row) => format.row(row)).join(format.separator) + format.tail;
}

test('jsonFormat: the rows between status and the rest', () => {
  const format = jsonFormat({ version: 'k.1' });
  assert.is(write(format, []), '{"status":"success","data":[],"version":"k.1"}');
  assert.is(
    write(format, [{ id: 1 }, { id: 2 }]),
    '{"status":"success","data":[{"id":1},{"id":2}],"version":"k.1"}',
  );
});

test('ndjsonFormat: a line for each row, whatever is in it', () => {
  assert.is(
    write(ndjsonFormat(), [{ a: 'x\ny\u2028' }, { a: 1 }]),
    '{"a":"x\\ny\u2028"}\n{"a":1}\n',
  );
});

for (const [value, cell] of [
  [null, ''],
  ['', '""'],
  ['plain', 'plain'],
  ['a b', 'a b'],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\r\nb', '"a\r\nb"'],
  [5, '5'],
  ['5', '"5"'],
  ['-1.5', '"-1.5"'],
  ['00501', '00501'],
  ['0E0', '0E0'],
  [true, 'true'],
  ['true', '"true"'],
  [{ a: [1] }, '"{""a"":[1]}"'],
  ['2026-11-21', '2026-11-21'],
] as const) {
  test(`csvFormat: ${JSON.stringify(value)} is ${cell}`, () => {
    assert.is(csvFormat(['v'], false).row({ v: value as Json }), `${cell}\r\n`);
  });
}

for (const [value, cell] of [
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@x', `"'@x"`],
  ['\tx', `"'\tx"`],
  [-1, '-1'],
  ['a=1', 'a=1'],
] as const) {
  test(`csvFormat: safe ${JSON.stringify(value)} is ${JSON.stringify(cell)}`, () => {
    assert.is(csvFormat(['v'], true).row({ v: value }), `${cell}\r\n`);
  });
}

test('csvFormat: a missing column is an empty cell, even one that every object inherits', () => {
  const format = csvFormat(['id', 'constructor', '__proto__'], false);
  assert.is(format.head, 'id,constructor,__proto__\r\n');
  assert.is(format.row({ id: 1 }), '1,,\r\n');
  assert.is(format.row(JSON.parse('{"id":1,"__proto__":"p"}')), '1,,p\r\n');
});

test('csvFormat: what is written is read back the same', () => {
  const seed = 20_261_121;
  const random = seededRandom(seed);
  const parts = [
    '"',
    ',',
    '\n',
    '\r\n',
    'true',
    '5',
    '-0',
    '1e3',
    ' ',
    '',
    'é',
    '订',
    '\u2028',
    "'",
  ];
  const pick = (): string => parts[Math.floor(random() * parts.length)] ?? '';
  const cell = (): Json => {
    const kind = random();
    if (kind < 0.15) return null;
    if (kind < 0.3) return Math.round(random() * 1e6) / (random() < 0.5 ? 1 : 1_000);
    if (kind < 0.4) return random() < 0.5;
    return pick() + pick() + pick();
  };
  const rows: Row[] = Array.from({ length: 2_000 }, (_, index) => ({
    id: `k${index}`,
    a: cell(),
    'b,"c"': cell(),
  }));
  const text = write(csvFormat(['id', 'a', 'b,"c"'], false), rows);
  const reader = createCsvReader({
    key: 'id',
    lineKey: false,
    maxLineBytes: 1_000_000,
    onProblem: (problem) => assert.unreachable(`seed ${seed}: ${JSON.stringify(problem)}`),
  });
  const read = [...reader.push(Buffer.from(text)), ...reader.end()];
  assert.equal(read, rows, `seed ${seed}`);
});
