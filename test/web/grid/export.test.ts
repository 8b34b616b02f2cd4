/**
 * Rows as text, byte by byte.
 *
 * @see FRONTEND 4 "Selection", SPEC 10 "Out"
 */
import * as assert from 'uvu/assert';
import type { Row } from '../../../server/wire/change.ts';
import { resolveColumns } from '../../../web/grid/columns.ts';
import { exportRows } from '../../../web/grid/export.ts';
import { Wording } from '../../../web/wording/wording.ts';
import { suite } from '../../suite.ts';

const test = suite('exportRows');

const COLUMNS = resolveColumns(
  [{ field: 'id' }, { field: 'n', format: 'number', digits: 1 }, { field: 'text' }],
  [],
  'id',
  new Wording('en'),
);
const ROWS: Row[] = [
  { id: 1, n: 1234.5, text: 'plain', hidden: 'x' },
  { id: 2, n: null, text: 'a "b",\nc' },
  { id: 3, n: 0, text: '' },
  { id: 4, text: ['x', 1] },
];

test('csv: names, quotes, null and the empty string apart', () => {
  assert.is(
    exportRows(ROWS, COLUMNS, 'csv'),
    'id,n,text\r\n1,1234.5,plain\r\n2,,"a ""b"",\nc"\r\n3,0,""\r\n4,,"[""x"",1]"\r\n',
  );
});

test('tsv: as shown, one line a row', () => {
  assert.is(
    exportRows(ROWS, COLUMNS, 'tsv'),
    '1\t1,234.5\tplain\n2\t\ta "b", c\n3\t0.0\t\n4\t\t["x",1]',
  );
});

test('json: the values, of the columns shown', () => {
  assert.equal(JSON.parse(exportRows(ROWS, COLUMNS, 'json')), [
    { id: 1, n: 1234.5, text: 'plain' },
    { id: 2, n: null, text: 'a "b",\nc' },
    { id: 3, n: 0, text: '' },
    { id: 4, text: ['x', 1] },
  ]);
});
