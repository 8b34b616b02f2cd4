import { type Duplex, duplexPair } from 'node:stream';
import * as assert from 'uvu/assert';
import { type Random, seededRandom } from '../../server/base/random.ts';
import { Link } from '../../server/cluster/link.ts';
import { Publisher } from '../../server/cluster/publisher.ts';
import { Replicas } from '../../server/cluster/replicas.ts';
import { Uplink } from '../../server/cluster/uplink.ts';
import { Channel } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { tableFraming } from '../../server/stream/encoder.ts';
import type { RowState } from '../../server/table/row-set.ts';
import type { Table } from '../../server/table/table.ts';
import { Tables } from '../../server/table/tables.ts';
import type { Change } from '../../server/wire/change.ts';
import { parseEventId } from '../../server/wire/event-id.ts';
import { FakeClock } from '../fake-clock.ts';
import { canonical, ModelClient } from '../stream/model-client.ts';
import { suite } from '../suite.ts';

const test = suite('Replicas');

/** Lets what has been written to the pipes arrive. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

function createTables(): Tables {
  return new Tables({ maxTables: 10, maxRows: 100_000, epoch: () => 'e' });
}

class Primary {
  readonly clock = new FakeClock();
  readonly tables = createTables();
  readonly publisher = new Publisher({ clock: this.clock, tables: this.tables, flushMs: 16 });
  behind = 0;
  lost: string[] = [];

  connect(pipe: Duplex, maxBacklogBytes: number): Link {
    const link: Link = new Link({
      clock: this.clock,
      pipe,
      maxBacklogBytes,
      flush: () => this.publisher.flush(),
      onEased: () => this.publisher.ease(),
      onBehind: () => {
        this.behind++;
      },
      onLost: (reason) => {
        this.lost.push(reason);
        link.close();
        this.publisher.leave(link);
      },
      onMessage: () => undefined,
    });
    this.publisher.join(link);
    return link;
  }
}

/** A worker in this process: copies and one channel over table `t`. */
class Worker {
  readonly tables = createTables();
  readonly uplink: Uplink;
  readonly errors: Error[] = [];
  readonly pipe: Duplex;
  readonly link: Link;
  readonly #primary: Primary;
  #channel: Channel | undefined;

  constructor(primary: Primary, maxBacklogBytes = 1e9) {
    const [here, there] = duplexPair({ highWaterMark: 2_000 });
    const replicas = new Replicas(this.tables);
    this.#primary = primary;
    this.pipe = here;
    this.uplink = new Uplink({
      clock: primary.clock,
      pipe: here,
      replicas: () => replicas,
      onHello: () => undefined,
      onReload: () => undefined,
      onStop: () => undefined,
      onLost: (error) => this.errors.push(error),
    });
    this.link = primary.connect(there, maxBacklogBytes);
  }

  get channel(): Channel {
    const { clock } = this.#primary;
    this.#channel ??= new Channel(
      this.tables.require('t'),
      tableFraming(this.tables.require('t')),
      {
        clock,
        random: seededRandom(1),
        counters: createCounters(),
        ringFrames: 16,
        ringBytes: 100_000,
        flushMs: 0,
        isGathered: true,
        heartbeatMs: 1e9,
        stallTimeoutMs: 1e9,
        maxLifetimeMs: 0,
        retryMs: 1_000,
      },
    );
    return this.#channel;
  }

  leave(): void {
    this.#primary.publisher.leave(this.link);
    this.link.close();
    this.#channel?.close();
  }
}

function statesOf(states: Iterable<RowState>): string[] {
  return Array.from(states, ({ key, row, seq }) => `${seq} ${key} ${JSON.stringify(row)}`);
}

/** All that a copy must have in common with its table. */
function assertSame(copy: Table, table: Table, message: string): void {
  assert.is(copy.version, table.version, message);
  assert.is(copy.size, table.size, message);
  assert.equal(statesOf(copy.changesSince(0)), statesOf(table.changesSince(0)), message);
}

function randomChange(random: Random, keys: number): Change {
  const id = Math.floor(random() * keys);
  const dice = random();
  if (dice < 0.25) return { type: 'delete', data: { id } };
  if (dice < 0.5) return { type: 'add', data: { id, a: Math.floor(random() * 9) } };
  const data = { id, [random() < 0.5 ? 'b' : 'c']: Math.floor(random() * 9) };
  return dice < 0.9 ? { type: 'update', data } : { type: 'update', data, removed: ['a'] };
}

test('a copy of a table that is there: rows, seqs, floor, columns, order', async () => {
  const primary = new Primary();
  const table = primary.tables.create({ name: 't', key: 'id' });
  const random = seededRandom(1);
  for (let i = 0; i < 3_000; i++) table.apply([randomChange(random, 300)]);
  const worker = new Worker(primary);
  await worker.uplink.reach();
  const copy = worker.tables.require('t');
  assertSame(copy, table, 'states');
  assert.equal(copy.rows(), table.rows());
  assert.equal(copy.columns, table.columns);
  assert.is(copy.floorSeq, table.floorSeq);
  for (const { id } of table.rows()) assert.is(copy.seqOf(Number(id)), table.seqOf(Number(id)));
  worker.leave();
});

test('a table made later, a batch update and messages reach the copy', async () => {
  const primary = new Primary();
  const worker = new Worker(primary);
  await worker.uplink.reach();
  const table = primary.tables.create({ name: 't', key: 'id' });
  await worker.uplink.reach();
  const told: string[] = [];
  worker.tables.require('t').listen({
    onChange: ({ seq, type, message }) => told.push(`${seq} ${type} ${message}`),
    onApplied: (batchUpdate) => told.push(`applied ${batchUpdate}`),
  });
  table.apply([{ type: 'add', data: { id: 1 }, message: 'one' }]);
  table.apply([{ type: 'update', data: { id: 1, a: 1 } }], { batchUpdate: 'all' });
  await worker.uplink.reach();
  const expected = ['1 add one', 'applied undefined', '2 update undefined', 'applied all'];
  assert.equal(told, expected);
  worker.leave();
});

test('reach: everything applied before is there after it, without waiting for the window', async () => {
  const primary = new Primary();
  const table = primary.tables.create({ name: 't', key: 'id' });
  const worker = new Worker(primary);
  await worker.uplink.reach();
  for (let id = 1; id <= 5; id++) {
    table.apply([{ type: 'add', data: { id } }]);
    await worker.uplink.reach();
    assert.is(worker.tables.require('t').seq, id);
  }
  worker.leave();
});

test('a copy that falls behind is caught up with the latest states, as one change', async () => {
  const primary = new Primary();
  const table = primary.tables.create({ name: 't', key: 'id' });
  const worker = new Worker(primary, 5_000);
  await worker.uplink.reach();
  const copy = worker.tables.require('t');
  let applies = 0;
  const seqs = new Set<number>();
  worker.pipe.pause();
  for (let i = 1; i <= 400; i++) {
    table.apply([{ type: 'add', data: { id: i % 7, n: i, text: 'x'.repeat(100) } }]);
    primary.publisher.flush();
  }
  assert.is(primary.behind, 1);
  copy.listen({
    onChange: ({ seq }) => seqs.add(seq),
    onApplied: () => {
      applies++;
    },
  });
  worker.pipe.resume();
  await worker.uplink.reach();
  assertSame(copy, table, 'after');
  assert.ok(applies < 200, `${applies} applies`);
  assert.ok(seqs.has(400));
  worker.leave();
});

test('a copy that missed more deletes than are remembered is given up', async () => {
  const primary = new Primary();
  const table = primary.tables.create({ name: 't', key: 'id' });
  const rows = Array.from({ length: 12_000 }, (_, id) => ({ id }));
  table.apply(rows.map((data) => ({ type: 'add', data })));
  const worker = new Worker(primary, 5_000);
  await worker.uplink.reach();
  worker.pipe.pause();
  await settle();
  for (const data of rows) {
    table.apply([{ type: 'delete', data }]);
    primary.publisher.flush();
  }
  worker.pipe.resume();
  await settle();
  assert.equal(primary.lost, ['it has missed more than the history remembers']);
});

test('a worker that reads nothing for 10 s is given up, and nobody waits for it', async () => {
  const primary = new Primary();
  const table = primary.tables.create({ name: 't', key: 'id' });
  const worker = new Worker(primary);
  await worker.uplink.reach();
  assert.is(primary.publisher.keptUp(), undefined);
  worker.pipe.pause();
  table.apply([{ type: 'add', data: { id: 1, text: 'x'.repeat(2_000_000) } }]);
  primary.publisher.flush();
  const kept = primary.publisher.keptUp();
  assert.ok(kept instanceof Promise);
  primary.clock.advance(12_000);
  assert.equal(primary.lost, ['it has read nothing for 10 s']);
  await kept;
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`workers come, fall behind and go, clients move between them: all rows equal, seed ${seed}`, {
    timeoutMs: 60_000,
  }, async () => {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const keys = [30, 300, 3_000][seed % 3] ?? 30;
    const primary = new Primary();
    const table = primary.tables.create({ name: 't', key: 'id' });
    const start = async (): Promise<Worker> => {
      const worker = new Worker(primary, 20_000);
      await worker.uplink.reach();
      return worker;
    };
    const workers = [await start(), await start(), await start()];
    const at = new Map<ModelClient, Worker>();
    const clients = Array.from({ length: 8 }, () => {
      const client: ModelClient = new ModelClient(() => {
        const worker = at.get(client);
        if (worker === undefined) throw new Error('nowhere');
        return worker.channel;
      }, 'id');
      return client;
    });
    const join = async (client: ModelClient, worker: Worker): Promise<void> => {
      const seq = parseEventId(client.model.lastEventId ?? '')?.seq ?? 0;
      if (seq > worker.tables.require('t').seq) {
        worker.pipe.resume();
        await worker.uplink.reach();
      }
      at.set(client, worker);
      client.connect();
    };
    for (let step = 0; step < 800; step++) {
      const dice = below(100);
      const index = below(workers.length);
      const worker = workers[index];
      const client = clients[below(clients.length)];
      if (worker === undefined || client === undefined) throw new Error('no such');
      if (dice < 50) {
        const many = below(20) === 0 ? keys : 5;
        table.apply(Array.from({ length: 1 + below(many) }, () => randomChange(random, keys)));
      } else if (dice < 55) {
        const data = { id: below(keys), d: step };
        table.apply([{ type: 'update', data }], { batchUpdate: 'batch' });
      } else if (dice < 65) primary.clock.advance(below(20));
      else if (dice < 70) worker.pipe.pause();
      else if (dice < 75) worker.pipe.resume();
      else if (dice < 76) {
        for (const [each, where] of at) if (where === worker) each.disconnect();
        worker.leave();
        workers[index] = await start();
      } else if (dice < 85) {
        if (client.isConnected) client.disconnect();
        else await join(client, worker);
      } else if (dice < 95) client.read(below(5_000));
      else await settle();
    }
    for (const worker of workers) {
      worker.pipe.resume();
      await worker.uplink.reach();
      assert.equal(worker.errors, []);
      assertSame(worker.tables.require('t'), table, `seed ${seed}`);
    }
    for (const client of clients) {
      if (!client.isConnected) await join(client, workers[0] as Worker);
      for (let i = 0; i < 500; i++) {
        client.read(1e9);
        primary.clock.advance(1);
      }
      assert.is(client.model.text(), canonical(table.rows(), 'id'), `seed ${seed}`);
    }
    assert.equal(primary.lost, []);
    for (const worker of workers) worker.leave();
  });
}
