/**
 * Our own server, for what delivery alone costs: the table, its channel and node:http as the program
 * wires them, published to from within the process.
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { systemClock } from '../../server/base/clock.ts';
import { openStream } from '../../server/http/open-stream.ts';
import { DEFAULTS } from '../../server/options.ts';
import { Channels } from '../../server/stream/channels.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { BACKLOG, collectGarbage, obey } from './commands.ts';
import { EVENT_BYTES, nextRow, padFor } from './event.ts';

/** Heartbeats and time-outs would disturb runs of a few seconds. */
const NEVER_MS = 3_600_000;

/** Published between two turns of the event loop: an `apply` is far cheaper than a turn. */
const FLOOD_BATCH = 100;

/** Rows put into the table in one go. */
const FILL_BATCH = 1_000;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000' },
    'event-bytes': { type: 'string', default: String(EVENT_BYTES) },
  },
});
const rows = Number(values.rows);
const eventBytes = Number(values['event-bytes']);

let count = 0;
const table = new Table({ name: 't', key: 'id', epoch: 'bench' });
const channels = new Channels({
  clock: systemClock,
  random: Math.random,
  ringFrames: DEFAULTS.ringFrames,
  ringBytes: DEFAULTS.ringBytes,
  maxViews: DEFAULTS.maxViews,
  flushMs: DEFAULTS.flush,
  heartbeatMs: NEVER_MS,
  stallTimeoutMs: NEVER_MS,
  maxLifetimeMs: 0,
  retryMs: DEFAULTS.retry,
});
for (let left = rows; left > 0; left -= FILL_BATCH) {
  table.apply(Array.from({ length: Math.min(left, FILL_BATCH) }, nextChange));
}
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const channel = channels.of(table, { full: false });
  openStream({ request, response, headers: {} }, channel, {
    lastEventId: undefined,
    onClose: () => {},
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  obey({ publish, drained: () => undefined, floodBatch: FLOOD_BATCH, collect }, address.port);
});

function nextChange(): Change {
  const data = nextRow(count, padFor(table.seq + 1, eventBytes), rows);
  count++;
  return { type: 'update', data };
}

function publish(): void {
  table.apply([nextChange()]);
}

function collect(): Record<string, number> {
  collectGarbage();
  const { snapshotsEncoded, changesMerged, lapped, syncs, bytesWritten } = channels.stats();
  const { heapUsed, external } = process.memoryUsage();
  return { snapshotsEncoded, changesMerged, lapped, syncs, bytesWritten, heapUsed, external };
}
