import * as assert from 'uvu/assert';
import { type ErrorCode, SseTableError } from '../../server/base/errors.ts';
import { checkKey, checkRow, MAX_ROW_COLUMNS, MAX_ROW_DEPTH } from '../../server/table/row.ts';
import { suite } from '../suite.ts';

const failsWith = (code: ErrorCode, part: string) => (error: unknown) =>
  error instanceof SseTableError && error.code === code && error.message.includes(part);

/** A value in which `levels` objects and arrays contain each other. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function wide(columns: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: columns }, (_, at) => [at ? `c${at}` : 'id', at]));
}

const test = suite('checkRow');

const ROWS: [string, unknown][] = [
  ['a plain row', { id: 1, name: 'x' }],
  ['a string key', { id: 'a' }],
  ['key 0', { id: 0 }],
  ['the deepest allowed', { id: 1, deep: nested(MAX_ROW_DEPTH - 1) }],
  ['the widest allowed', wide(MAX_ROW_COLUMNS)],
  ['columns __proto__ and constructor', JSON.parse('{"id":1,"__proto__":{"x":1},"constructor":2}')],
];
for (const [what, row] of ROWS) {
  test(`accepts ${what}, unchanged`, () => assert.is(checkRow(row, 'id'), row));
}

test('accepts __proto__ as the key column', () => {
  const row = JSON.parse('{"__proto__":"k"}');
  assert.is(checkRow(row, '__proto__'), row);
});

const REFUSED: [string, unknown, ErrorCode, string][] = [
  ['null', null, 'bad_row', 'not null'],
  ['an array', [1], 'bad_row', 'not an array'],
  ['a string', 'x', 'bad_row', 'not a string'],
  ['a number', 5, 'bad_row', 'not a number'],
  ['a level too many', { id: 1, deep: nested(MAX_ROW_DEPTH) }, 'bad_row', 'column "deep"'],
  ['a column too many', wide(MAX_ROW_COLUMNS + 1), 'bad_row', `${MAX_ROW_COLUMNS + 1} columns`],
  ['no key', { name: 'x' }, 'bad_key', '"id" is missing'],
  ['an inherited key', Object.create({ id: 1 }), 'bad_key', '"id" is missing'],
  ['a null key', { id: null }, 'bad_key', 'is null'],
  ['a boolean key', { id: true }, 'bad_key', 'a boolean'],
  ['an object key', { id: {} }, 'bad_key', 'an object'],
  ['an empty key', { id: '' }, 'bad_key', 'is empty'],
  ['a key of 1,025 characters', { id: 'x'.repeat(1_025) }, 'bad_key', '1025 characters'],
];
for (const [what, row, code, part] of REFUSED) {
  test(`refuses ${what}`, () => assert.throws(() => checkRow(row, 'id'), failsWith(code, part)));
}

const keyTest = suite('checkKey');

for (const key of ['a', 'x'.repeat(1_024), 0, -1.5]) {
  keyTest(`accepts ${String(key).slice(0, 20)}`, () => assert.is(checkKey(key, 'id'), key));
}
