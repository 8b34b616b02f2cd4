/**
 * The server side of the fan-out benchmark: a table, its channel and node:http, told over IPC what to
 * publish. Publishing happens in the process, so that only delivery is measured.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../server/base/clock.ts';
import { openStream } from '../server/http/open-stream.ts';
import { Channels } from '../server/stream/channels.ts';
import { Table } from '../server/table/table.ts';
import type { Change } from '../server/wire/change.ts';

/** Rows in the table: small, so that a snapshot is nothing beside the updates. */
const ROWS = 1_000;

/** Makes the one-change event of `publish` 172 bytes long, id line included. */
const PAD = 'x'.repeat(44);

export type Order =
  | { order: 'publish'; times: number; everyMs: number }
  | { order: 'flood'; forMs: number }
  | { order: 'usage' };

export interface Usage {
  cpuUs: number;
  rssBytes: number;
  changes: number;
  bytesWritten: number;
  framesEncoded: number;
}

let changes = 0;

const table = new Table({ name: 't', key: 'id', epoch: 'bench' });
const channels = new Channels({
  clock: systemClock,
  random: Math.random,
  maxViews: 1,
  ringFrames: 1_024,
  ringBytes: 8 * 1_024 * 1_024,
  flushMs: 16,
  heartbeatMs: 600_000,
  stallTimeoutMs: 600_000,
  maxLifetimeMs: 0,
  retryMs: 2_000,
});
table.apply(Array.from({ length: ROWS }, (_, id) => nextChange(id)));
const channel = channels.of(table, { full: false });
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  openStream(request, response, channel, { lastEventId: undefined, onClose: () => {} });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});

process.on('message', (order: Order) => {
  if (order.order === 'usage') process.send?.(usage());
  else if (order.order === 'publish') publish(order.times, order.everyMs);
  else flood(performance.now() + order.forMs);
});

function nextChange(id: number): Change {
  changes++;
  return { type: 'update', data: { id, n: changes, pad: PAD, at: Date.now() } };
}

function publish(left: number, everyMs: number): void {
  if (left === 0) {
    process.send?.({ done: true });
    return;
  }
  table.apply([nextChange(changes % ROWS)]);
  setTimeout(publish, everyMs, left - 1, everyMs);
}

/** Publishes without rest; a turn of the event loop now and then lets flushes and sockets go on. */
function flood(untilMs: number): void {
  for (let n = 0; n < 100; n++) table.apply([nextChange(changes % ROWS)]);
  if (performance.now() < untilMs) setImmediate(flood, untilMs);
  else setTimeout(() => process.send?.({ done: true }), 500);
}

function usage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { bytesWritten, framesEncoded } = channels.stats();
  const rssBytes = process.memoryUsage.rss();
  return { cpuUs: user + system, rssBytes, changes, bytesWritten, framesEncoded };
}
