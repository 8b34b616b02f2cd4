import * as assert from 'uvu/assert';
import { type Random, seededRandom } from '../../../server/base/random.ts';
import { bestOf } from '../../../server/table/view/best-of.ts';
import { parseView } from '../../../server/table/view/parse-view.ts';
import { TopRows } from '../../../server/table/view/top-rows.ts';
import type { View } from '../../../server/table/view/view.ts';
import type { Row } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('TopRows');

const SEED = 77;

function viewOf(query: string): View {
  const view = parseView(new URLSearchParams(query), { name: 't', key: 'id', columns: [] });
  if (view === undefined) throw new TypeError(`${query} is no view`);
  return view;
}

/** Rows in a Map, read as often as the test wants to know. */
class Source {
  readonly held = new Map<number, Row>();
  reads = 0;

  rows(): Row[] {
    this.reads++;
    return [...this.held.values()];
  }
}

function randomRow(id: number, random: Random, scores: number): Row {
  const score = random() < 0.1 ? null : Math.floor(random() * scores);
  return { id, score, group: Math.floor(random() * 3) };
}

/** The top as slowly and plainly as can be: by score downwards, nulls last, then by id. */
function slowTop(rows: Iterable<Row>, limit: number): Row[] {
  return Array.from(rows)
    .filter((row) => row.group !== 0)
    .sort((a, b) => Number(b.score ?? -1) - Number(a.score ?? -1) || Number(a.id) - Number(b.id))
    .slice(0, limit);
}

for (const { limit, ids, steps, scores } of [
  { limit: 1, ids: 5, steps: 4_000, scores: 4 },
  { limit: 3, ids: 12, steps: 4_000, scores: 8 },
  { limit: 10, ids: 1_800, steps: 3_000, scores: 10_000 },
  { limit: 5, ids: 60, steps: 3_000, scores: 2 },
]) {
  test(`move: as sorting everything says; limit ${limit} of ${ids}, seed ${SEED}`, () => {
    const random = seededRandom(SEED);
    const view = viewOf(`group=neq.0&order=score.desc&limit=${limit}`);
    const source = new Source();
    for (let id = 0; id < ids; id++) source.held.set(id, randomRow(id, random, scores));
    const top = new TopRows(view, limit, source);
    const client = new Map(top.rows().map((row) => [row.id, row]));
    for (let step = 0; step < steps; step++) {
      const id = Math.floor(random() * ids);
      const was = source.held.get(id);
      const now = random() < 0.3 ? undefined : randomRow(id, random, scores);
      if (now === undefined) source.held.delete(id);
      else source.held.set(id, now);
      const before = was !== undefined && view.matches(was) ? was : undefined;
      const after = now !== undefined && view.matches(now) ? now : undefined;
      if (before === undefined && after === undefined) continue;
      for (const move of top.move(before, after)) {
        const { before: gone, after: come } = move;
        if (gone !== undefined) assert.is(client.get(gone.id), gone, `step ${step}: was held`);
        else assert.not.ok(come !== undefined && client.has(come.id), `step ${step}: is new`);
        if (come !== undefined) client.set(come.id, come);
        else if (gone !== undefined) client.delete(gone.id);
      }
      const expected = slowTop(source.held.values(), limit);
      assert.equal(top.rows(), expected, `step ${step}`);
      assert.is(client.size, expected.length);
      assert.is(top.size, expected.length);
      for (const row of expected) assert.is(client.get(row.id), row, `step ${step}`);
    }
  });
}

test('move: the table is looked through once in a thousand departures, and not for the rest', () => {
  const view = viewOf('order=score.desc&limit=10');
  const source = new Source();
  const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, score: -id }));
  for (const row of rows) source.held.set(row.id, row);
  const top = new TopRows(view, 10, source);
  assert.is(source.reads, 1);
  for (const [index, row] of rows.slice(0, 3_000).entries()) {
    source.held.delete(row.id);
    assert.equal(top.move(row, undefined), [
      { before: row, after: undefined },
      { before: undefined, after: rows[index + 10] },
    ]);
  }
  assert.is(source.reads, 3);
  const low = { id: 9_999, score: -9_999 };
  source.held.set(low.id, low);
  assert.equal(top.move(undefined, low), []);
  assert.equal(top.move(low, undefined), []);
  assert.is(source.reads, 3);
});

test(`bestOf: as sorting everything says, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const compare = (a: Row, b: Row): number =>
    Number(a.n) - Number(b.n) || Number(a.id) - Number(b.id);
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: Math.floor(random() * 2_000) }, (_, id) => ({
      id,
      n: Math.floor(random() * 300),
    }));
    const count = 1 + Math.floor(random() * (round % 2 === 0 ? 20 : 1_500));
    const expected = [...rows].sort(compare).slice(0, count);
    assert.equal(bestOf(rows, count, compare), expected, `round ${round}`);
  }
});
