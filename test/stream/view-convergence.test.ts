import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { Channels } from '../../server/stream/channels.ts';
import { Table } from '../../server/table/table.ts';
import { parseView } from '../../server/table/view/parse-view.ts';
import type { Change, Row } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { canonical, ModelClient } from './model-client.ts';

const test = suite('convergence of views');

const CLIENTS = 10;
const STEPS = 2_500;

/** Longer than an idle channel is kept. */
const LONG_MS = 61_000;

/** Views, each with what it must show, written without the code under test. */
const VIEWS: { query: string; oracle: (rows: Row[]) => Row[] }[] = [
  { query: '', oracle: (rows) => rows },
  { query: 'city=eq.a', oracle: (rows) => rows.filter(({ city }) => city === 'a') },
  {
    query: 'city=in.(a,c)',
    oracle: (rows) => rows.filter(({ city }) => city === 'a' || city === 'c'),
  },
  {
    query: 'n=gte.5&city=not.eq.b',
    oracle: (rows) =>
      rows.filter(
        ({ n, city }) =>
          typeof n === 'number' && n >= 5 && city !== 'b' && typeof city === 'string',
      ),
  },
  {
    query: 'n=is.null&select=city',
    oracle: (rows) =>
      rows.filter(({ n }) => typeof n !== 'number').map((row) => only(row, ['id', 'city'])),
  },
  { query: 'select=n', oracle: (rows) => rows.map((row) => only(row, ['id', 'n'])) },
  { query: 'order=n.desc&limit=5', oracle: (rows) => top(rows, 5) },
  {
    query: 'city=neq.a&order=n.desc&limit=3&select=n',
    oracle: (rows) =>
      top(
        rows.filter(({ city }) => city !== 'a' && typeof city === 'string'),
        3,
      ).map((row) => only(row, ['id', 'n'])),
  },
];

function only(row: Row, columns: string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => columns.includes(column)));
}

function top(rows: Row[], limit: number): Row[] {
  const score = ({ n }: Row): number => (typeof n === 'number' ? n : Number.NEGATIVE_INFINITY);
  return rows
    .toSorted((a, b) => {
      const [left, right] = [score(a), score(b)];
      return left === right ? Number(a.id) - Number(b.id) : right - left;
    })
    .slice(0, limit);
}

/** Every run differs in ring, table and pace, and meets `what`; all must end with the server's rows. */
const SCENARIOS = [
  { title: 'small table, tiny ring', keys: 12, frames: 4, bytes: 4_096, text: 20, what: 'lapped' },
  { title: 'many rows, short ring', keys: 1_500, frames: 8, bytes: 4_096, text: 60, what: 'syncs' },
  {
    title: 'flushes of many frames',
    keys: 40,
    frames: 32,
    bytes: 8e6,
    text: 30_000,
    what: 'resumes',
  },
  { title: 'roomy ring', keys: 200, frames: 1_024, bytes: 8e6, text: 40, what: 'resumes' },
] as const;

for (const { title, keys, frames, bytes, text, what } of SCENARIOS) {
  for (const seed of [1, 2, 3]) {
    test(`every client ends with its part of the server's rows: ${title}, seed ${seed}`, {
      timeoutMs: 120_000,
    }, () => {
      const random = seededRandom(seed);
      const below = (n: number) => Math.floor(random() * n);
      const clock = new FakeClock();
      const table = new Table({ name: 't', key: 'id', epoch: 'e' });
      const channels = new Channels({
        clock,
        random,
        maxViews: CLIENTS,
        ringFrames: frames,
        ringBytes: bytes,
        flushMs: 16,
        heartbeatMs: 15_000,
        stallTimeoutMs: 1e9,
        maxLifetimeMs: 0,
        retryMs: 1_000,
      });
      const change = (): Change => {
        const id = below(keys);
        const dice = random();
        if (dice < 0.2) return { type: 'delete', data: { id } };
        const data: Row = { id, text: 'é'.repeat(below(text) >> below(8)) };
        if (random() < 0.7) data.city = ['a', 'b', 'c', null][below(4)] ?? null;
        if (random() < 0.7) data.n = random() < 0.1 ? null : below(10);
        return dice < 0.5 ? { type: 'add', data } : { type: 'update', data };
      };
      table.apply(Array.from({ length: keys }, change));
      const clients = Array.from({ length: CLIENTS }, (_, index) => {
        const at = { view: VIEWS[index % VIEWS.length] ?? VIEWS[0] };
        const channel = () => {
          const view = parseView(new URLSearchParams(at.view?.query), table);
          return channels.of(table, { full: false, view });
        };
        return { at, client: new ModelClient(channel, 'id') };
      });
      for (let step = 0; step < STEPS; step++) {
        const batch = Array.from({ length: 1 + below(random() < 0.1 ? 60 : 4) }, change);
        if (random() < 0.6) table.apply(batch, random() < 0.05 ? { batchUpdate: 'b' } : {});
        clock.advance(random() < 0.002 ? LONG_MS : below(12));
        for (const [index, { at, client }] of clients.entries()) {
          if (!client.isConnected) {
            // It takes rows and id along: the new view must not take them for its own.
            if (random() < 0.05) at.view = VIEWS[below(VIEWS.length)];
            if (random() < 0.05) client.connect(200 + below(5_000));
          } else if (random() < 0.01) client.disconnect();
          else if (random() < 0.5) client.read(below((text + 100) * 2 ** (index % 8)));
        }
      }
      for (const { client } of clients) if (!client.isConnected) client.connect();
      for (let round = 0; round < 500; round++) {
        clock.advance(20);
        for (const { client } of clients) client.read(1e7);
      }
      for (const [index, { at, client }] of clients.entries()) {
        const expected = canonical(at.view?.oracle(table.rows()) ?? [], 'id');
        assert.is(
          client.model.text(),
          expected,
          `seed ${seed}, client ${index}: ${at.view?.query}`,
        );
      }
      const stats = channels.stats();
      assert.ok(stats.inits > CLIENTS);
      assert.ok(stats.resumes > 0, 'nobody resumed from the ring');
      assert.ok(stats[what] > CLIENTS, `${stats[what]} ${what} are few`);
      channels.close();
    });
  }
}
