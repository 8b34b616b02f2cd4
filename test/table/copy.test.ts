import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';

const test = suite('Table copies');

function statesOf(table: Table): string[] {
  return Array.from(
    table.changesSince(0),
    ({ key, row, seq }) => `${seq} ${key} ${JSON.stringify(row)}`,
  );
}

for (const seed of [1, 2, 3]) {
  test(`restore, catchUp: a copy that follows in leaps equals its table, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const change = (): Change => {
      const id = below(40);
      if (random() < 0.4) return { type: 'delete', data: { id } };
      return { type: random() < 0.5 ? 'add' : 'update', data: { id, [`c${below(3)}`]: below(5) } };
    };
    const table = new Table({ name: 't', key: 'id', epoch: 'e' });
    for (let i = 0; i < 200; i++) table.apply([change()]);
    const copy = new Table({ name: 't', key: 'id', epoch: 'e', floorSeq: table.floorSeq });
    copy.restore(table.states(), table.columns);
    assert.equal(statesOf(copy), statesOf(table));
    assert.equal(copy.rows(), table.rows());
    assert.equal(copy.columns, table.columns);
    const held = new Map(copy.rows().map((row) => [String(row.id), JSON.stringify(row)]));
    copy.listen({
      onChange: ({ seq, key, before, after }) => {
        assert.is(seq, table.seq, 'told as one change');
        assert.is(before && JSON.stringify(before), held.get(String(key)));
        if (after === undefined) held.delete(String(key));
        else held.set(String(key), JSON.stringify(after));
      },
      onApplied: () => undefined,
    });
    for (let leap = 0; leap < 30; leap++) {
      for (let i = below(30); i >= 0; i--) table.apply([change()]);
      copy.catchUp([...table.changesSince(copy.seq)], table.seq);
      assert.equal(statesOf(copy), statesOf(table));
      assert.is(copy.version, table.version);
    }
    assert.is(held.size, table.size);
  });
}
