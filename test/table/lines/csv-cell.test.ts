import * as assert from 'uvu/assert';
import { type Cell, typeCell } from '../../../server/table/lines/csv-cell.ts';
import { suite } from '../../suite.ts';

const test = suite('typeCell');

const cases: [text: string, cell: Cell][] = [
  ['', null],
  ['true', true],
  ['false', false],
  ['True', 'True'],
  ['0', 0],
  ['-1.5', -1.5],
  ['1e+21', 1e21],
  ['5e-324', 5e-324],
  ['-1.7976931348623157e+308', -1.7976931348623157e308],
  ['9007199254740991', 9_007_199_254_740_991],
  ['9007199254740992', '9007199254740992'],
  ['9007199254740993', '9007199254740993'],
  ['100000000000000000000', '100000000000000000000'],
  ['00501', '00501'],
  ['0E0', '0E0'],
  ['1.0', '1.0'],
  ['1e5', '1e5'],
  ['-0', '-0'],
  ['+1', '+1'],
  ['.5', '.5'],
  ['0x10', '0x10'],
  ['1_000', '1_000'],
  [' 1', ' 1'],
  ['1 ', '1 '],
  ['1e400', '1e400'],
  ['Infinity', 'Infinity'],
  ['-Infinity', '-Infinity'],
  ['NaN', 'NaN'],
  ['null', 'null'],
  ['2024-01-01', '2024-01-01'],
];

for (const [text, cell] of cases) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(cell)}`, () => {
    assert.is(typeCell(text), cell);
    if (typeof cell === 'number' || typeof cell === 'boolean') assert.is(String(cell), text);
  });
}
