/** The dashboard's address. @see FRONTEND 5 */
import * as assert from 'uvu/assert';
import {
  NOTHING_SET,
  readAddress,
  writeAddress,
} from '../../../web/dashboard/dashboard-address.ts';
import { suite } from '../../suite.ts';

const test = suite('dashboard address');
const HREF = 'http://h/?table=orders&theme=dark';

test('writeAddress, readAddress: back and forth, the rest of the address stays', () => {
  const shown = {
    sort: 'score.desc,name',
    search: 'a&b=c',
    filters: { city: '=São Paulo', table: '>1' },
    top: 10,
  };
  const href = writeAddress(HREF, shown);
  assert.equal(readAddress(href), shown);
  assert.is(new URL(href).searchParams.get('table'), 'orders');
  assert.is(writeAddress(href, NOTHING_SET), HREF);
});

for (const top of ['', '0', '-1', '1.5', 'x']) {
  test(`readAddress: top=${top} means all`, () => {
    assert.is(readAddress(`http://h/?top=${top}`).top, undefined);
  });
}
