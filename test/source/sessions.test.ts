import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { seededRandom } from '../../server/base/random.ts';
import { seedRows } from '../../server/source/generator.ts';
import { Sessions, type SessionsOptions } from '../../server/source/sessions.ts';
import type { Applied } from '../../server/table/applied.ts';
import { Table } from '../../server/table/table.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';

const test = suite('Sessions');

interface Setup {
  clock: FakeClock;
  table: Table;
  sessions: Sessions;
  changes: Applied[];
  batches: string[];
  ends: string[];
}

function setup(options: Partial<SessionsOptions> = {}): Setup {
  const clock = new FakeClock();
  const random = seededRandom(9);
  const table = new Table({ name: 'users', key: 'id', epoch: 'e' });
  table.apply(seedRows(random, 10).map((data) => ({ type: 'add', data })));
  const sessions = new Sessions({
    table,
    clock,
    randomBytes: (count) => Uint8Array.from({ length: count }, () => random() * 256),
    maxSessions: 256,
    ...options,
  });
  const changes: Applied[] = [];
  const batches: string[] = [];
  table.listen({
    onChange: (applied) => changes.push(applied),
    onApplied: (message) => {
      if (message !== undefined) batches.push(message);
    },
  });
  const ends: string[] = [];
  sessions.onEnd((session, reason) => ends.push(`${session.id} ${reason} ${session.state}`));
  return { clock, table, sessions, changes, batches, ends };
}

test('start: a change every 2 s, counted, until it expires after 300 s', () => {
  const { clock, table, sessions, changes, ends } = setup();
  const session = sessions.start();
  assert.match(session.id, /^[A-Za-z0-9]{16}$/);
  assert.is(session.state, 'running');
  assert.is(sessions.get(session.id), session);
  assert.is(sessions.active, 1);
  assert.is(session.expiresAtMs, clock.now() + 300_000);
  clock.advance(1_999);
  assert.is(changes.length, 0);
  clock.advance(1);
  assert.ok(changes.length >= 1);
  assert.is(session.generationCount, 1);
  clock.advance(297_999);
  assert.is(session.generationCount, 149);
  assert.is(session.state, 'running');
  clock.advance(1);
  assert.is(session.state, 'expired');
  assert.equal(ends, [`${session.id} expired expired`]);
  assert.is(sessions.active, 0);
  const { seq } = table;
  clock.advance(1_000_000);
  assert.is(table.seq, seq);
  assert.is(clock.waiting, 0);
  assert.is(sessions.get(session.id), session);
});

test('start: generationCount already counts the change that is told', () => {
  const { clock, table, sessions } = setup();
  const session = sessions.start({ interval_ms: 5 });
  const counts: number[] = [];
  table.listen({
    onChange: () => undefined,
    onApplied: () => counts.push(session.generationCount),
  });
  clock.advance(20);
  assert.equal(counts, [1, 2, 3, 4]);
});

test('start: the seed decides the operations', () => {
  const runs = [7, 7, 8].map((seed) => {
    const { clock, sessions, changes, batches } = setup();
    sessions.start({ interval_ms: 1, seed });
    clock.advance(500);
    return { told: JSON.stringify(changes), batches };
  });
  assert.equal(runs[0], runs[1]);
  assert.not.equal(runs[0], runs[2]);
  assert.ok((runs[0]?.batches.length ?? 0) > 5);
  assert.match(runs[0]?.batches[0] ?? '', /^Batch updated [2-5] users$/);
});

test('start: without a seed two sessions differ', () => {
  const [a, b] = [1, 2].map((skip) => {
    const { clock, sessions, changes } = setup();
    for (let i = 1; i < skip; i++) sessions.start({ interval_ms: 60_000 });
    sessions.start({ interval_ms: 1 });
    clock.advance(50);
    return JSON.stringify(changes);
  });
  assert.is.not(a, b);
});

test('start: ids go on across sessions, and are never given twice', () => {
  const { clock, sessions, changes } = setup();
  const weights = { add: 1, update: 0, delete: 1 };
  for (const seed of [1, 2, 3]) sessions.start({ interval_ms: 1, weights, seed });
  clock.advance(300);
  sessions.close();
  sessions.start({ interval_ms: 1, weights, seed: 4 });
  clock.advance(300);
  const added = changes.filter(({ type }) => type === 'add').map(({ key }) => Number(key));
  assert.equal(added.slice(0, 3), [11, 12, 13]);
  assert.ok(added.length > 400);
  assert.is(new Set(added).size, added.length);
  assert.equal(
    added,
    [...added].sort((a, b) => a - b),
  );
});

test('start: an id that somebody else has added is left alone', () => {
  const { clock, table, sessions } = setup();
  table.apply([{ type: 'add', data: { id: '12', name: 'posted' } }]);
  sessions.start({ interval_ms: 1, weights: { add: 1 } });
  clock.advance(3);
  assert.equal(
    table.rows().map((row) => row.id),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, '12', 11, 13, 14],
  );
  assert.equal(table.get(12), { id: '12', name: 'posted' });
});

test('start: never below min_records, never adding past maxRecords', () => {
  const { clock, table, sessions } = setup({ maxRecords: 20 });
  sessions.start({ interval_ms: 1, weights: { delete: 1 }, min_records: 4 });
  for (let i = 0; i < 100; i++) {
    clock.advance(1);
    assert.ok(table.size >= 4);
  }
  assert.is(table.size, 4);
  sessions.close();
  sessions.start({ interval_ms: 1, weights: { add: 1 } });
  clock.advance(100);
  assert.is(table.size, 20);
});

test('stop: ends it at once; stopping again is harmless; unknown is false', () => {
  const { clock, table, sessions, ends } = setup();
  const session = sessions.start({ interval_ms: 1 });
  clock.advance(5);
  assert.is(sessions.stop(session.id), true);
  assert.is(session.state, 'stopped');
  assert.is(sessions.stop(session.id), true);
  assert.is(sessions.stop('x'.repeat(16)), false);
  assert.equal(ends, [`${session.id} stopped stopped`]);
  const { seq } = table;
  clock.advance(1_000_000);
  assert.is(table.seq, seq);
  assert.is(session.state, 'stopped');
  assert.is(clock.waiting, 0);
});

test('onEnd: its undo takes the listener away', () => {
  const { sessions } = setup();
  let calls = 0;
  const undo = sessions.onEnd(() => calls++);
  sessions.stop(sessions.start().id);
  undo();
  sessions.stop(sessions.start().id);
  assert.is(calls, 1);
});

test('start: too_many at maxSessions, free again after an end', () => {
  const { sessions } = setup({ maxSessions: 2 });
  const first = sessions.start();
  sessions.start();
  assert.throws(
    () => sessions.start(),
    (error: unknown) => error instanceof SseTableError && error.code === 'too_many',
  );
  assert.is(sessions.refused, 1);
  first.stop();
  sessions.start();
  assert.is(sessions.active, 2);
});

test('start: a bad request starts nothing', () => {
  const { clock, sessions } = setup();
  assert.throws(() => sessions.start({ interval_ms: 0 }), /interval_ms 0/);
  assert.is(sessions.active, 0);
  assert.is(clock.waiting, 0);
});

test('get: the newest 10,000 ended sessions are remembered, with ids that differ', () => {
  const { sessions } = setup();
  const ids: string[] = [];
  for (let i = 0; i < 10_001; i++) {
    const { id } = sessions.start();
    sessions.stop(id);
    ids.push(id);
  }
  assert.is(new Set(ids).size, 10_001);
  assert.is(sessions.get(ids[0] ?? ''), undefined);
  assert.is(sessions.get(ids[1] ?? '')?.state, 'stopped');
  assert.is(sessions.get(ids[10_000] ?? '')?.state, 'stopped');
  const letters = new Map<string, number>();
  for (const letter of ids.join('')) letters.set(letter, (letters.get(letter) ?? 0) + 1);
  assert.is(letters.size, 62);
  const counts = [...letters.values()];
  assert.ok(Math.max(...counts) < 1.15 * Math.min(...counts), 'letters are equally likely');
});

test('close: stops all', () => {
  const { clock, sessions, ends } = setup();
  for (let i = 0; i < 3; i++) sessions.start();
  sessions.close();
  assert.is(ends.length, 3);
  assert.is(sessions.active, 0);
  assert.is(clock.waiting, 0);
});
