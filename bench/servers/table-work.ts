/**
 * What the Table does by itself, in a process of its own: changes applied in a second, and how long
 * the event loop stands still while a large snapshot is encoded. Answers one line and ends.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../server/base/clock.ts';
import { DEFAULTS } from '../../server/options.ts';
import { Channels } from '../../server/stream/channels.ts';
import type { Sink } from '../../server/stream/sink.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { collectGarbage } from './commands.ts';
import { nextRow } from './event.ts';

const NEVER_MS = 3_600_000;

const BATCH = 1_000;

const PAD_BYTES = 12;

const [rows = 0, forMs = 0] = process.argv.slice(2).map(Number);
const table = new Table({ name: 't', key: 'id', epoch: 'bench' });
let count = 0;
for (let left = rows; left > 0; left -= BATCH) table.apply(nextChanges(Math.min(left, BATCH)));
applyFor(forMs);
const appliedPerSecond = applyFor(forMs);
const stallMs = await measureSnapshot();
process.stdout.write(`${JSON.stringify({ appliedPerSecond, stallMs })}\n`);

function nextChanges(length: number): Change[] {
  return Array.from({ length }, () => ({
    type: 'update',
    data: nextRow(count++, PAD_BYTES, rows),
  }));
}

/** Only `apply` is on the clock, not the making of changes. */
function applyFor(ms: number): number {
  let spentMs = 0;
  let applied = 0;
  while (spentMs < ms) {
    const changes = nextChanges(BATCH);
    const startMs = performance.now();
    applied += table.apply(changes);
    spentMs += performance.now() - startMs;
  }
  return (applied * 1_000) / spentMs;
}

/** A client that takes everything joins. @returns the longest turn of the event loop until it is served. */
async function measureSnapshot(): Promise<number> {
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
  collectGarbage();
  let isReady = false;
  const sink: Sink = {
    chunked: true,
    write(bytes) {
      // A snapshot of one frame says so in its `init`.
      isReady ||= bytes.includes('"type":"ready"') || bytes.includes('"more":false');
      return true;
    },
    pendingBytes: () => 0,
    end: () => {},
    destroy: () => {},
  };
  let startMs = performance.now();
  channels.of(table, { full: false }).join(sink, { lastEventId: undefined });
  let longestMs = performance.now() - startMs;
  while (!isReady) {
    startMs = performance.now();
    await turn();
    longestMs = Math.max(longestMs, performance.now() - startMs);
  }
  channels.close();
  return longestMs;
}
