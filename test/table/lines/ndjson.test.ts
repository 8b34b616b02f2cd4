import * as assert from 'uvu/assert';
import { createNdjsonReader } from '../../../server/table/lines/ndjson.ts';
import type { RowReaderOptions } from '../../../server/table/lines/reader.ts';
import { suite } from '../../suite.ts';
import { readCuts } from './read-cuts.ts';

const test = suite('createNdjsonReader');

interface Case {
  name: string;
  input: string | Buffer;
  options?: Partial<RowReaderOptions>;
  /** As JSON, so that `__proto__` and the order of columns count. */
  rows: string[];
  problems?: string[];
  key?: string;
}

const cases: Case[] = [
  { name: 'LF', input: '{"id":1}\n{"id":2}\n', rows: ['{"id":1}', '{"id":2}'] },
  { name: 'CRLF', input: '{"id":1}\r\n{"id":2}\r\n', rows: ['{"id":1}', '{"id":2}'] },
  { name: 'no line feed at the end', input: '{"id":1}\n{"id":2}', rows: ['{"id":1}', '{"id":2}'] },
  { name: 'nothing', input: '', rows: [] },
  {
    name: 'blank lines are skipped and counted',
    input: '\n  \n{"id":1}\n\r\n\t\n{bad\n',
    rows: ['{"id":1}'],
    problems: ["6:2:not JSON: Expected property name or '}'"],
  },
  { name: 'BOM', input: '\ufeff{"id":1}\n', rows: ['{"id":1}'] },
  {
    name: 'BOM on a later line is no BOM',
    input: '{"id":1}\n\ufeff{"id":2}\n',
    rows: ['{"id":1}'],
    problems: ['2:1:not JSON: Unexpected token \'\ufeff\', "\ufeff{"id":2}" is not valid JSON'],
  },
  {
    name: 'UTF-8 of 2, 3 and 4 bytes',
    input: '{"id":"é","a":"李四","b":"😀"}\n',
    rows: ['{"id":"é","a":"李四","b":"😀"}'],
  },
  {
    name: 'U+2028, U+2029, U+0085 end no line',
    input: '{"id":"a\u2028b\u2029c\u0085d"}\n',
    rows: ['{"id":"a\u2028b\u2029c\u0085d"}'],
  },
  { name: 'a real U+FFFD is kept', input: '{"id":"\ufffd"}\n', rows: ['{"id":"\ufffd"}'] },
  {
    name: 'bytes that are not UTF-8 are reported',
    input: Buffer.concat([
      Buffer.from('{"id":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n{"id":2}\n'),
    ]),
    rows: ['{"id":2}'],
    problems: ['1::not valid UTF-8'],
  },
  {
    name: 'malformed lines are skipped, each with its place',
    input: '{"id":1}\n{"id":2\n{"id":3,}\n{"id":4}x\n{"id":nope}\n{"id":6}\n',
    rows: ['{"id":1}', '{"id":6}'],
    problems: [
      "2:8:not JSON: Expected ',' or '}' after property value",
      '3:9:not JSON: Expected double-quoted property name',
      '4:9:not JSON: Unexpected non-whitespace character after JSON',
      '5:7:not JSON: Unexpected token \'o\', "{"id":nope}" is not valid JSON',
    ],
  },
  {
    name: 'what is no object, has no key or a bad one',
    input: '7\n[1]\nnull\n{"a":1}\n{"id":null}\n{"id":""}\n{"id":{}}\n',
    rows: [],
    problems: [
      '1::a row must be a JSON object, not a number',
      '2::a row must be a JSON object, not an array',
      '3::a row must be a JSON object, not null',
      '4::the key column "id" is missing',
      '5::the key column "id" is null; it must be a string or a number',
      '6::the key column "id" is empty',
      '7::the key column "id" is an object; it must be a string or a number',
    ],
  },
  {
    name: 'a number that does not fit is refused, not rounded',
    input: '{"id":1,"n":9007199254740993}\n{"id":2,"n":1e400}\n{"id":3,"n":9007199254740991}\n',
    rows: ['{"id":3,"n":9007199254740991}'],
    problems: [
      '1::column "n": 9007199254740993 does not fit a JSON number exactly; send it as a string',
      '2::column "n": 1e400 does not fit a JSON number exactly; send it as a string',
    ],
  },
  {
    name: '__proto__ and constructor are ordinary columns',
    input: '{"id":1,"__proto__":{"a":1},"constructor":2}\n{"__proto__":{"id":1}}\n',
    rows: ['{"id":1,"__proto__":{"a":1},"constructor":2}'],
    problems: ['2::the key column "id" is missing'],
  },
  {
    name: 'a line at the limit is read, one byte more is skipped',
    input: `{"id":"${'x'.repeat(11)}"}\n{"id":"${'x'.repeat(12)}"}\n{"id":1}\n`,
    options: { maxLineBytes: 20 },
    rows: ['{"id":"xxxxxxxxxxx"}', '{"id":1}'],
    problems: ['2::longer than 20 bytes; --max-body sets the limit'],
  },
  {
    name: 'a long last line without a line feed is reported',
    input: `{"id":1}\n${'x'.repeat(30)}`,
    options: { maxLineBytes: 20 },
    rows: ['{"id":1}'],
    problems: ['2::longer than 20 bytes; --max-body sets the limit'],
  },
  {
    name: 'a BOM does not count towards the limit',
    input: `\ufeff{"id":"${'x'.repeat(11)}"}\n`,
    options: { maxLineBytes: 20 },
    rows: ['{"id":"xxxxxxxxxxx"}'],
  },
  {
    name: 'key undefined: id when the first row has it',
    input: '\n{bad\n{"id":1}\n{"a":1}\n',
    options: { key: undefined },
    rows: ['{"id":1}'],
    problems: ["2:2:not JSON: Expected property name or '}'", '4::the key column "id" is missing'],
    key: 'id',
  },
  {
    name: 'key undefined: else the line number, first column of the row',
    input: '{"a":1}\n\n{"id":7,"line":"x","line_":0}\n',
    options: { key: undefined, lineOffset: 10 },
    rows: ['{"line":11,"a":1}', '{"line":13,"id":7,"line_":0,"line__":"x"}'],
    key: 'line',
  },
  {
    name: 'key undefined: an unusable id is no key',
    input: '{"id":null}\n',
    options: { key: undefined },
    rows: ['{"line":1,"id":null}'],
    key: 'line',
  },
  {
    name: 'lineKey: the line number, whatever the first row has',
    input: '{"id":7}\n[]\n',
    options: { key: 'line', lineKey: true },
    rows: ['{"line":1,"id":7}'],
    problems: ['2::a row must be a JSON object, not an array'],
    key: 'line',
  },
  {
    name: 'key line without lineKey: the column of the data',
    input: '{"line":7}\n{"a":1}\n',
    options: { key: 'line' },
    rows: ['{"line":7}'],
    problems: ['2::the key column "line" is missing'],
    key: 'line',
  },
];

for (const { name, input, options = {}, rows, problems = [], key = 'id' } of cases) {
  test(`${name}, whole and at every cut`, () => {
    const outcome = readCuts(createNdjsonReader, input, options);
    assert.equal(
      outcome.rows.map((row) => JSON.stringify(row)),
      rows,
    );
    assert.equal(outcome.problems, problems);
    assert.is(outcome.key, key);
    assert.is(outcome.thrown, undefined);
  });
}

test('push: rows before the problem that stops reading are kept, those after it are not', () => {
  const outcome = readCuts(createNdjsonReader, '{"id":1}\nbad\n{"id":3}\n', {
    onProblem: ({ line }) => {
      throw new Error(`stopped at line ${line}`);
    },
  });
  assert.equal(outcome.rows, [{ id: 1 }]);
  assert.is(outcome.thrown, 'stopped at line 2');
});

test('push: an endless line is not held in memory', () => {
  const problems: number[] = [];
  const reader = createNdjsonReader({
    key: 'id',
    lineKey: false,
    maxLineBytes: 1_000,
    onProblem: ({ line }) => problems.push(line),
  });
  const chunk = Buffer.alloc(1_000_000, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 100; i++) reader.push(chunk);
  assert.ok(process.memoryUsage().arrayBuffers - before < 10_000_000);
  assert.equal(reader.push(Buffer.from('\n{"id":1}\n')), [{ id: 1 }]);
  assert.equal(problems, [1]);
  assert.is(reader.lines, 2);
});
