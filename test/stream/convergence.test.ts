import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { Channel } from '../../server/stream/channel.ts';
import { createCounters } from '../../server/stream/counters.ts';
import { tableFraming } from '../../server/stream/encoder.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { canonical, ModelClient } from './model-client.ts';

const test = suite('convergence');

const CLIENTS = 6;
const STEPS = 1_500;

/** Every run differs in ring, table and pace; all must end with the server's rows. */
const SCENARIOS = [
  { title: 'small table, tiny ring', keys: 12, ringFrames: 4, ringBytes: 4_096, text: 20 },
  {
    title: 'table of many chunks, ring by bytes',
    keys: 3_000,
    ringFrames: 64,
    ringBytes: 30_000,
    text: 60,
  },
  {
    title: 'large rows, one frame fills the ring',
    keys: 30,
    ringFrames: 16,
    ringBytes: 9_000,
    text: 7_000,
  },
  { title: 'roomy ring', keys: 200, ringFrames: 1_024, ringBytes: 8e6, text: 40 },
  { title: 'flushes of many frames', keys: 400, ringFrames: 1_024, ringBytes: 8e6, text: 1_500 },
];

/** Two channels of one table, as two nodes have: a client may resume at either. */
const FLUSH_MS = [16, 5];

for (const { title, keys, ringFrames, ringBytes, text } of SCENARIOS) {
  for (const seed of [1, 2, 3, 4]) {
    test(`every client ends with the server's rows: ${title}, seed ${seed}`, {
      timeoutMs: 60_000,
    }, () => {
      const random = seededRandom(seed);
      const below = (n: number) => Math.floor(random() * n);
      const clock = new FakeClock();
      const counters = createCounters();
      const table = new Table({ name: 't', key: 'id', epoch: 'e' });
      const channels = FLUSH_MS.map((flushMs) => {
        const times = {
          heartbeatMs: 15_000,
          stallTimeoutMs: 1e9,
          maxLifetimeMs: 0,
          retryMs: 1_000,
        };
        const ring = { ringFrames, ringBytes };
        return new Channel(table, tableFraming(table), {
          clock,
          random,
          counters,
          flushMs,
          ...ring,
          ...times,
        });
      });
      const anyChannel = () => channels[below(channels.length)] ?? fail('no channel');
      const change = (): Change => {
        const id = below(keys);
        const dice = random();
        if (dice < 0.2) return { type: 'delete', data: { id } };
        const data = { id, [`c${below(4)}`]: 'é'.repeat(below(text)), n: below(3) };
        return dice < 0.5 ? { type: 'add', data } : { type: 'update', data };
      };
      table.apply(Array.from({ length: keys }, change));
      const clients = Array.from(
        { length: CLIENTS },
        (_, index) => new ModelClient(anyChannel, 'id', seed === 1 && index === 1),
      );
      for (let step = 0; step < STEPS; step++) {
        const batch = Array.from({ length: 1 + below(random() < 0.1 ? 300 : 4) }, change);
        if (random() < 0.6) table.apply(batch, random() < 0.05 ? { batchUpdate: 'b' } : {});
        clock.advance(below(12));
        for (const [index, client] of clients.entries()) {
          if (!client.isConnected) {
            if (random() < 0.2) client.connect(1_000 + below(60_000));
          } else if (random() < 0.02) client.disconnect();
          else if (random() < 0.5) client.read(below(400 * 4 ** index));
        }
        if (step % 100 === 0) for (const channel of channels) channel.sweep();
      }
      for (const client of clients) if (!client.isConnected) client.connect();
      for (let round = 0; round < 500; round++) {
        clock.advance(20);
        for (const client of clients) client.read(1e7);
      }
      const expected = canonical(table.rows(), 'id');
      for (const [index, client] of clients.entries()) {
        assert.is(client.model.text(), expected, `seed ${seed}, client ${index}`);
      }
      assert.ok(counters.inits > 0);
      if (ringFrames > 1_000) assert.ok(counters.resumes > 0, 'nobody resumed from the ring');
      else assert.ok(counters.inits > CLIENTS, 'nobody fell out of the ring');
    });
  }
}

function fail(message: string): never {
  throw new Error(message);
}
