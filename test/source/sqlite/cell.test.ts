import * as assert from 'uvu/assert';
import {
  type CellKind,
  cellKind,
  readCell,
  type SqliteValue,
  writeCell,
} from '../../../server/source/sqlite/cell.ts';
import type { Json } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('sqlite cell');

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

const READ: [value: SqliteValue, kind: CellKind, json: Json][] = [
  [null, 'plain', null],
  [0n, 'plain', 0],
  [9_007_199_254_740_991n, 'plain', 9_007_199_254_740_991],
  [9_007_199_254_740_992n, 'plain', '9007199254740992'],
  [-9_007_199_254_740_992n, 'plain', '-9007199254740992'],
  [-9_223_372_036_854_775_808n, 'real', '-9223372036854775808'],
  [0.1, 'real', 0.1],
  [Number.POSITIVE_INFINITY, 'real', 'Infinity'],
  [Number.NEGATIVE_INFINITY, 'plain', '-Infinity'],
  ['', 'plain', ''],
  ['a\0b', 'blob', 'a\0b'],
  [bytes('\0\xff'), 'plain', 'AP8='],
  [bytes(''), 'blob', ''],
  [bytes('{"a":[true]}'), 'json', { a: [true] }],
  [bytes('{"a":[true]}'), 'plain', 'eyJhIjpbdHJ1ZV19'],
  [bytes('\xff'), 'json', '/w=='],
];
for (const [value, kind, json] of READ) {
  test(`readCell: ${typeof value} ${value} of a ${kind} column is ${JSON.stringify(json)}`, () => {
    assert.equal(readCell(value, kind), json);
  });
}

const WRITTEN: [json: Json, kind: CellKind, value: SqliteValue][] = [
  [5, 'plain', 5n],
  [-0, 'real', 0n],
  [5.5, 'plain', 5.5],
  [1e300, 'plain', 1e300],
  [true, 'plain', 1n],
  [false, 'plain', 0n],
  [true, 'json', bytes('true')],
  ['true', 'json', 'true'],
  [['é'], 'plain', '["é"]'],
  ['Infinity', 'real', Number.POSITIVE_INFINITY],
  ['Infinity', 'plain', 'Infinity'],
  ['AP8=', 'blob', bytes('\0\xff')],
  ['', 'blob', bytes('')],
];
for (const [json, kind, value] of WRITTEN) {
  test(`writeCell: ${JSON.stringify(json)} into a ${kind} column is ${typeof value} ${value}`, () => {
    const written = writeCell(json, kind, 'a');
    if (value instanceof Uint8Array) assert.equal([...(written as Uint8Array)], [...value]);
    else assert.is(written, value);
  });
}

test('writeCell: no base64 for a blob is refused', () => {
  assert.throws(() => writeCell('a b', 'blob', 'photo'), /column "photo" holds blobs; send base64/);
});

const KINDS: [declared: string, isOwn: boolean, kind: CellKind][] = [
  ['INTEGER', false, 'plain'],
  ['', false, 'plain'],
  ['blob', false, 'blob'],
  ['Double Precision', false, 'real'],
  ['FLOAT', true, 'real'],
  ['ANY', false, 'plain'],
  ['ANY', true, 'json'],
];
for (const [declared, isOwn, kind] of KINDS) {
  test(`cellKind: "${declared}" is ${kind}${isOwn ? " in the server's own file" : ''}`, () => {
    assert.is(cellKind(declared, isOwn), kind);
  });
}
