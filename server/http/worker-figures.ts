/**
 * The figures of the processes that serve clients beside the one that keeps the tables, and their sums.
 *
 * @see SPEC 3.7, 9 "--workers N"
 */
import type { ChannelStats } from '../stream/channels.ts';
import { createCounters } from '../stream/counters.ts';
import type { HttpStats } from './http-server.ts';
import type { Monitor } from './monitor.ts';
import type { Refusals } from './stream-limits.ts';

/** What one process reports. */
export interface WorkerFigures {
  streams: ChannelStats;
  refused: Pick<Refusals, 'overload' | 'draining'>;
  http: HttpStats;
  /** Resident memory in bytes. */
  rss: number;
  /** Of one core, in the last second. */
  cpuShare: number;
  cpuSeconds: number;
  delay: { p50Ms: number; p99Ms: number };
  isOverloaded: boolean;
}

/** All such processes. */
export interface WorkersFigures {
  /** Those alive that have reported. */
  alive: readonly (WorkerFigures & { pid: number })[];
  /** What those that are gone have counted. */
  gone: readonly WorkerFigures[];
  /** Processes that ended without being told to. */
  replaced: number;
  /** Times that one had so much waiting that it was given the latest state instead. */
  behind: number;
}

/** Of these the largest tells, not the sum. */
const LARGEST: ReadonlySet<string> = new Set(['maxLag', 'flushMs', 'p50Ms', 'p99Ms']);

/** The figures of this process. */
export function collectFigures(
  monitor: Monitor,
  streams: ChannelStats,
  http: HttpStats,
  refused: WorkerFigures['refused'],
): WorkerFigures {
  const { cpuShare, cpuSeconds, delay, isOverloaded } = monitor;
  const { rss } = monitor.memory;
  return { streams, refused, http, rss, cpuShare, cpuSeconds, delay, isOverloaded };
}

/** Figures taken together; numbers that are not counted but measured, by the largest where said. */
export function sumOf<Figures extends object>(first: Figures, others: readonly Figures[]): Figures {
  const sum: { [name: string]: unknown } = Object.fromEntries(Object.entries(first));
  for (const other of others) {
    for (const [name, value] of Object.entries(other)) {
      const held = sum[name];
      if (typeof value !== 'number' || typeof held !== 'number') continue;
      sum[name] = LARGEST.has(name) ? Math.max(held, value) : held + value;
    }
  }
  return sum as Figures; // the same members, each still a number
}

/** What is left of a process that is gone: what it has counted, nothing of what it had. */
export function countsOf({ streams, refused, http, cpuSeconds }: WorkerFigures): WorkerFigures {
  const counted = new Set(Object.keys(createCounters()));
  const left = Object.fromEntries(
    Object.entries(streams).map(([name, value]) => [name, counted.has(name) ? value : 0]),
  );
  return {
    streams: { ...streams, ...left },
    refused,
    http: { ...http, sockets: 0, http2Sessions: 0 },
    rss: 0,
    cpuShare: 0,
    cpuSeconds,
    delay: { p50Ms: 0, p99Ms: 0 },
    isOverloaded: false,
  };
}
