import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import { createCsvReader } from '../../../server/table/lines/csv.ts';
import type { RowReaderOptions } from '../../../server/table/lines/reader.ts';
import type { Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';
import { readCuts } from './read-cuts.ts';

const test = suite('createCsvReader');

interface Case {
  name: string;
  input: string | Buffer;
  options?: Partial<RowReaderOptions>;
  delimiter?: ',' | '\t';
  rows: string[];
  problems?: string[];
  key?: string | undefined;
  thrown?: string;
}

const cases: Case[] = [
  { name: 'LF', input: 'id,a\n1,x\n2,y\n', rows: ['{"id":1,"a":"x"}', '{"id":2,"a":"y"}'] },
  { name: 'CRLF', input: 'id,a\r\n1,x\r\n2,y\r\n', rows: ['{"id":1,"a":"x"}', '{"id":2,"a":"y"}'] },
  { name: 'CRLF after a quoted cell', input: 'id,a\r\n1,"x"\r\n', rows: ['{"id":1,"a":"x"}'] },
  { name: 'no line feed at the end', input: 'id,a\n1,"x"', rows: ['{"id":1,"a":"x"}'] },
  { name: 'nothing but a header', input: 'id,a\n', rows: [] },
  { name: 'BOM', input: '\ufeffid,a\n1,x\n', rows: ['{"id":1,"a":"x"}'] },
  { name: 'BOM before a quoted header', input: '\ufeff"id",a\n1,x\n', rows: ['{"id":1,"a":"x"}'] },
  {
    name: 'blank lines',
    input: '\nid,a\n\n1,x\n\r\n  \n2,y\n',
    rows: ['{"id":1,"a":"x"}', '{"id":2,"a":"y"}'],
  },
  {
    name: 'TSV',
    input: 'id\ta\n1\tx,y\n',
    delimiter: '\t',
    rows: ['{"id":1,"a":"x,y"}'],
  },
  {
    name: 'quoted cells: commas, quotes, line endings, blank lines',
    input: 'id,a\n1,"x,y"\n2,"say ""hi"""\n3,"a\r\nb\n\nc"\n4,z\n',
    rows: [
      '{"id":1,"a":"x,y"}',
      '{"id":2,"a":"say \\"hi\\""}',
      '{"id":3,"a":"a\\r\\nb\\n\\nc"}',
      '{"id":4,"a":"z"}',
    ],
  },
  {
    name: 'an empty cell is null, "" the empty string',
    input: 'id,a,b\n1,,""\n2,"",\n',
    rows: ['{"id":1,"a":null,"b":""}', '{"id":2,"a":"","b":null}'],
  },
  {
    name: 'a quoted cell is text',
    input: 'id,a,b\n"1","true","2.5"\n',
    rows: ['{"id":"1","a":"true","b":"2.5"}'],
  },
  {
    name: 'UTF-8, U+2028, NUL and spaces are kept',
    input: 'id,名前\n1, 李四😀 \n2,a\u2028b\n3,a\0b\n',
    rows: [
      '{"id":1,"名前":" 李四😀 "}',
      '{"id":2,"名前":"a\u2028b"}',
      '{"id":3,"名前":"a\\u0000b"}',
    ],
  },
  {
    name: 'bytes that are not UTF-8 are reported, the rest goes on',
    input: Buffer.from('id,a\n1,x\n2,\xe9\n3,z\n', 'latin1'),
    rows: ['{"id":1,"a":"x"}', '{"id":3,"a":"z"}'],
    problems: ['3::not valid UTF-8'],
  },
  {
    name: '__proto__ and constructor are ordinary columns',
    input: 'id,__proto__,constructor\n1,x,y\n',
    rows: ['{"id":1,"__proto__":"x","constructor":"y"}'],
  },
  {
    name: 'header names empty or there twice are reported and named',
    input: 'id,a,a,,a_2\n1,2,3,4,5\n',
    rows: ['{"id":1,"a":2,"a_2":3,"column_4":4,"a_2_2":5}'],
    problems: [
      '1:3:the header\'s column "a" is there twice; it is read as "a_2"',
      '1:4:the header\'s column has no name; it is read as "column_4"',
      '1:5:the header\'s column "a_2" is there twice; it is read as "a_2_2"',
    ],
  },
  {
    name: 'a wrong number of cells is reported with its line',
    input: 'id,a\n1\n2,x,y\n3,z\n',
    rows: ['{"id":3,"a":"z"}'],
    problems: [
      '2:2:a record of 1 cells; the header has 2',
      '3:3:a record of 3 cells; the header has 2',
    ],
  },
  {
    name: 'a bad key is reported with its cell',
    input: 'a,id\nx,\ny,""\nz,true\nw,1\n',
    rows: ['{"a":"w","id":1}'],
    problems: [
      '2:2:the key column "id" is null; it must be a string or a number',
      '3:2:the key column "id" is empty',
      '4:2:the key column "id" is a boolean; it must be a string or a number',
    ],
  },
  {
    name: 'a quote inside a cell costs its line only',
    input: 'id,a\n1,5" pipe\n2,y\n3,"p" q\n4,z\n',
    rows: ['{"id":2,"a":"y"}', '{"id":4,"a":"z"}'],
    problems: [
      '2:2:the cell of "a" has a quote inside; quote the cell and double the quote',
      '4:2:the cell of "a" goes on after its closing quote',
    ],
  },
  {
    name: 'a quote never closed costs its line only',
    input: 'id,a\n1,"open\n2,y\n3,"fine"\n4,z',
    rows: ['{"id":2,"a":"y"}', '{"id":3,"a":"fine"}', '{"id":4,"a":"z"}'],
    problems: ['2:2:the cell of "a" has a quote that is never closed'],
  },
  {
    name: 'two quotes never closed cost two lines',
    input: 'id,a\n1,"open\n2,y\n3,"open\n4,z\n',
    rows: ['{"id":2,"a":"y"}', '{"id":4,"a":"z"}'],
    problems: [
      '2:2:the cell of "a" has a quote that is never closed',
      '4:2:the cell of "a" has a quote that is never closed',
    ],
  },
  {
    name: 'a record of several lines is held to the limit, and no line after it is lost',
    input: `id,a\n1,"${'x'.repeat(20)}\n2,y\n3,${'z'.repeat(20)}\n`,
    options: { maxLineBytes: 30 },
    rows: ['{"id":2,"a":"y"}', `{"id":3,"a":"${'z'.repeat(20)}"}`],
    problems: ['2:2:the cell of "a" has a quote that is never closed'],
  },
  {
    name: 'a long line is skipped, and closes what is open',
    input: `id,a\n1,"x\n2,${'y'.repeat(40)}\n3,z\n`,
    options: { maxLineBytes: 30 },
    rows: ['{"id":3,"a":"z"}'],
    problems: [
      '2:2:the cell of "a" has a quote that is never closed',
      '3::longer than 30 bytes; --max-body sets the limit',
    ],
  },
  {
    name: 'key undefined: id when the header has it',
    input: 'a,id\nx,1\n',
    options: { key: undefined },
    rows: ['{"a":"x","id":1}'],
    key: 'id',
  },
  {
    name: 'key undefined: else the number of the first line of the record',
    input: 'a,line\n"x\ny",7\nz,8\n',
    options: { key: undefined, lineOffset: 100 },
    rows: ['{"line":102,"a":"x\\ny","line_":7}', '{"line":104,"a":"z","line_":8}'],
    key: 'line',
  },
  {
    name: 'a header without the key column',
    input: 'a,b\n1,2\n',
    rows: [],
    thrown: 'line 1: the header has no key column "id"; it has: a, b',
  },
  {
    name: 'a header that is unreadable',
    input: 'a,b"c\n1,2\n',
    rows: [],
    thrown:
      'the header is unreadable: line 1, column 2: a cell has a quote inside; ' +
      'quote the cell and double the quote',
  },
  {
    name: 'a header that is too long',
    input: 'id,abcdefghijkl\n1,2\n',
    options: { maxLineBytes: 10 },
    rows: [],
    thrown: 'the header is unreadable: line 1: longer than 10 bytes; --max-body sets the limit',
  },
];

for (const { name, input, options = {}, delimiter = ',', rows, problems = [], ...rest } of cases) {
  test(`${name}, whole and at every cut`, () => {
    const factory = (base: RowReaderOptions) => createCsvReader({ ...base, delimiter });
    const outcome = readCuts(factory, input, options);
    assert.equal(
      outcome.rows.map((row) => JSON.stringify(row)),
      rows,
    );
    assert.equal(outcome.problems, problems);
    assert.is(outcome.key, rest.key ?? 'id');
    assert.is(outcome.thrown, rest.thrown);
  });
}

test('a header of 1,001 columns is refused', () => {
  const header = Array.from({ length: 1_001 }, () => 'a').join();
  const reader = createCsvReader({
    key: 'a',
    lineKey: false,
    maxLineBytes: 10_000,
    onProblem: () => undefined,
  });
  assert.throws(() => reader.push(Buffer.from(`${header}\n`)), /a header of 1001 columns; at most/);
});

test('push: rows after a quote never closed come once the limit is passed, not at the end only', () => {
  const problems: number[] = [];
  const reader = createCsvReader({
    key: 'id',
    lineKey: false,
    maxLineBytes: 20,
    onProblem: ({ line }) => problems.push(line),
  });
  assert.equal(reader.push(Buffer.from('id,a\n1,"open\n2,y\n')), []);
  assert.equal(
    reader.push(Buffer.from('3,z\n4,x\n5,w\n')).map((row) => row.id),
    [2, 3, 4, 5],
  );
  assert.equal(problems, [2]);
});

test('push: rows before the problem that stops reading are kept, those after it are not', () => {
  const outcome = readCuts(createCsvReader, 'id,a\n1,x\n2,y,z\n3,z\n', {
    onProblem: ({ line }) => {
      throw new Error(`stopped at line ${line}`);
    },
  });
  assert.equal(outcome.rows, [{ id: 1, a: 'x' }]);
  assert.is(outcome.thrown, 'stopped at line 3');
});

test('reads back what a writer of RFC 4180 wrote, for random rows', () => {
  const seed = 20_260_101;
  const random = seededRandom(seed);
  const pieces = [
    '',
    'a',
    ',',
    '"',
    '""',
    '\n',
    '\r\n',
    '\r',
    ' ',
    '0',
    '1',
    '-',
    '.',
    'e',
    'true',
  ];
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  for (let round = 0; round < 200; round++) {
    const rows: Row[] = [];
    for (let id = 0; id < 5; id++) {
      const text = Array.from({ length: 4 }, () => pick(pieces) ?? '').join('');
      const number = pick([0, -1, 2.5, 1e21, 5e-324, 2 ** 53 - 1, -1e-7]) ?? 0;
      rows.push({ id, text, value: pick([number, null, true, false, '', '12', 'false']) ?? null });
    }
    const csv = writeCsv(rows);
    const chunks = Math.ceil(random() * 20);
    const problems: unknown[] = [];
    const reader = createCsvReader({
      key: 'id',
      lineKey: false,
      maxLineBytes: 10_000,
      onProblem: (problem) => problems.push(problem),
    });
    const bytes = Buffer.from(csv);
    const read: Row[] = [];
    for (let at = 0; at < bytes.length; at += chunks)
      reader.push(bytes.subarray(at, at + chunks), read);
    reader.end(read);
    assert.equal(problems, [], `seed ${seed}: ${csv}`);
    assert.equal(read, rows, `seed ${seed}: ${csv}`);
  }
});

function writeCsv(rows: readonly Row[]): string {
  const lines = [Object.keys(rows[0] ?? {}).join()];
  for (const row of rows) lines.push(Object.values(row).map(writeCell).join());
  return lines.map((line) => `${line}\r\n`).join('');
}

/** Quotes all text, so that no text can be taken for a number, a boolean or null. */
function writeCell(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : String(value);
}
