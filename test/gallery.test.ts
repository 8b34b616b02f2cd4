/** The gallery's tables, by a clock turned by hand. @see FRONTEND 6 */
import * as assert from 'uvu/assert';
import { Gallery } from '../server/gallery.ts';
import { EXHIBITS } from '../server/source/showcase.ts';
import { Tables } from '../server/table/tables.ts';
import { FakeClock } from './fake-clock.ts';
import { suite } from './suite.ts';

const test = suite('Gallery');

function open() {
  const clock = new FakeClock();
  const tables = new Tables({ maxTables: 20, maxRows: 20_000, epoch: () => 'e' });
  const gallery = new Gallery({ tables, clock, seed: 1 });
  const version = () =>
    tables
      .list()
      .map(({ seq }) => seq)
      .join();
  return { clock, tables, gallery, version };
}

test('visit: tables that change, until nobody has come for a while', () => {
  const { clock, tables, gallery, version } = open();
  assert.is(tables.size, 0);
  assert.equal(
    gallery.visit().tables,
    EXHIBITS.map(({ name }) => name),
  );
  const first = version();
  clock.advance(60_000);
  const second = version();
  assert.is.not(second, first);
  gallery.visit();
  clock.advance(100_000);
  const third = version();
  assert.is.not(third, second);
  clock.advance(60_000);
  const rest = version();
  clock.advance(600_000);
  assert.is(version(), rest);
  assert.is(clock.waiting, 0);
  gallery.visit();
  clock.advance(1_000);
  assert.is.not(version(), rest);
});

test('every exhibit: keeps its rows, whatever happens', () => {
  const { clock, tables, gallery } = open();
  gallery.visit();
  const sizes = () => tables.list().map(({ name, size }) => `${name} ${size}`);
  gallery.visit();
  clock.advance(100_000);
  gallery.visit();
  clock.advance(80_000);
  assert.equal(sizes(), [
    'demo-book 24',
    'demo-players 40',
    'demo-fleet 24',
    'demo-requests 212',
    'demo-sensors 10000',
  ]);
});

test('visit: a table of the user’s own by such a name is left alone', () => {
  const { tables, gallery } = open();
  tables.create({ name: 'demo-fleet', key: 'id' });
  assert.throws(() => gallery.visit(), /your table "demo-fleet"/);
  assert.is(tables.size, 1);
});

test('close: a visit while the server is closing wakes nothing', () => {
  const { clock, gallery } = open();
  gallery.visit();
  gallery.close();
  gallery.visit();
  assert.is(clock.waiting, 0);
});
