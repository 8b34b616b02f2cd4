import * as assert from 'uvu/assert';
import { seededRandom } from '../../../server/base/random.ts';
import type { Applied } from '../../../server/table/applied.ts';
import { Table } from '../../../server/table/table.ts';
import { parseView } from '../../../server/table/view/parse-view.ts';
import type { Pin, View } from '../../../server/table/view/view.ts';
import { ViewIndex, type ViewListener } from '../../../server/table/view/view-index.ts';
import type { Change, Json } from '../../../server/wire/change.ts';
import { suite } from '../../suite.ts';

const test = suite('ViewIndex');

const SEED = 11;

/** Counts how often it is asked. */
class Asked implements ViewListener {
  readonly pin: Pin | undefined;
  readonly view: View;
  readonly changes: Applied[] = [];
  applies = 0;
  hears = true;

  constructor(query: string) {
    const view = parseView(new URLSearchParams(query), { name: 't', key: 'id', columns: [] });
    if (view === undefined) throw new TypeError(`${query} is no view`);
    this.view = view;
    this.pin = view.pin;
  }

  onChange(applied: Applied): boolean {
    this.changes.push(applied);
    return this.hears;
  }

  onApplied(): void {
    this.applies++;
  }
}

/** A table whose listeners can be counted. */
function newTable(): { table: Table; listeners: () => number; index: ViewIndex } {
  const table = new Table({ name: 't', key: 'id', epoch: 'e' });
  let count = 0;
  const index = new ViewIndex({
    listen: (listener) => {
      count++;
      const stop = table.listen(listener);
      return () => {
        count--;
        stop();
      };
    },
  });
  return { table, listeners: () => count, index };
}

const put = (id: number, city: Json): Change => ({ type: 'add', data: { id, city } });

test('a change asks the views of its value before and after, and those without a value', () => {
  const { table, index } = newTable();
  const views = new Map(
    ['city=eq.a', 'city=eq.b', 'city=in.(a,b)', 'city=eq.5.0', 'city=gt.a', 'other=eq.a'].map(
      (query) => [query, new Asked(query)] as const,
    ),
  );
  for (const view of views.values()) index.add(view);
  const steps: [Change, string[]][] = [
    [put(1, 'a'), ['city=eq.a', 'city=in.(a,b)', 'city=gt.a']],
    [put(1, 'b'), ['city=eq.a', 'city=eq.b', 'city=in.(a,b)', 'city=gt.a']],
    [put(1, 5), ['city=eq.b', 'city=in.(a,b)', 'city=eq.5.0', 'city=gt.a']],
    [put(1, '5'), ['city=eq.5.0', 'city=gt.a']],
    [put(1, null), ['city=gt.a']],
    [{ type: 'update', data: { id: 1, other: 'a' } }, ['city=gt.a', 'other=eq.a']],
    [{ type: 'delete', data: { id: 1 } }, ['city=gt.a', 'other=eq.a']],
  ];
  for (const [change, expected] of steps) {
    for (const view of views.values()) view.changes.length = 0;
    table.apply([change]);
    const asked = [...views].filter(([, { changes }]) => changes.length > 0);
    assert.equal(
      asked.map(([query]) => query),
      expected,
      JSON.stringify(change),
    );
    for (const [query, { changes }] of asked) assert.is(changes.length, 1, `${query}: once`);
  }
});

test('a thousand equality views: a change asks two of them', () => {
  const { table, index } = newTable();
  const views = Array.from({ length: 1_000 }, (_, n) => new Asked(`city=eq.c${n}`));
  for (const view of views) index.add(view);
  table.apply([put(1, 'c7'), put(2, 'c7'), put(1, 'c8'), put(3, 'nowhere')]);
  const asked = views.reduce((sum, { changes }) => sum + changes.length, 0);
  assert.is(asked, 4);
  assert.is(views[7]?.changes.length, 3);
  assert.is(views[8]?.changes.length, 1);
});

test('onApplied: once an apply, and only for those who heard something', () => {
  const { table, index } = newTable();
  const [a, b, deaf] = [new Asked('city=eq.a'), new Asked('city=eq.b'), new Asked('city=eq.a')];
  deaf.hears = false;
  for (const view of [a, b, deaf]) index.add(view);
  table.apply([put(1, 'a'), put(2, 'a')]);
  assert.equal([a.applies, b.applies, deaf.applies], [1, 0, 0]);
  table.apply([put(1, 'b')]);
  assert.equal([a.applies, b.applies, deaf.applies], [2, 1, 0]);
});

test('it listens to the table only while it has views, and forgets each that leaves', () => {
  const { table, listeners, index } = newTable();
  const [a, other] = [new Asked('city=in.(a,b)'), new Asked('city=gt.a')];
  assert.is(listeners(), 0);
  const stops = [index.add(a), index.add(other)];
  assert.is(listeners(), 1);
  for (const stop of stops) {
    stop();
    stop();
  }
  assert.is(listeners(), 0);
  table.apply([put(1, 'a')]);
  assert.is(a.changes.length + other.changes.length, 0);
  index.add(a);
  table.apply([put(2, 'b')]);
  assert.is(a.changes.length, 1);
});

test(`no view that a change touches is ever left out, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const { table, index } = newTable();
  const cells: Json[] = ['a', 'b', '5', '5.0', 5, 5.5, true, 'true', null, [1], '[1]'];
  const pick = (): Json => cells[Math.floor(random() * cells.length)] ?? null;
  const views = ['eq.a', 'eq.5', 'eq.5.0', 'in.(b,5.5,true)', 'eq.[1]', 'in.(a,b)', 'is.null'].map(
    (filter) => new Asked(`city=${filter}`),
  );
  for (const view of views) index.add(view);
  table.listen({
    onChange: (applied) => {
      for (const { view, changes } of views) {
        const isTouched = [applied.before, applied.after].some((row) => row && view.matches(row));
        if (isTouched) assert.is(changes.at(-1)?.seq, applied.seq, view.canonical);
      }
    },
    onApplied: () => {},
  });
  for (let i = 0; i < 3_000; i++) table.apply([put(Math.floor(random() * 5), pick())]);
  assert.ok(views.every(({ changes }) => changes.length > 100));
});
