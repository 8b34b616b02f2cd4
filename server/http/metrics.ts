/**
 * The metrics: one object, which `/api/metrics` sends as it is and `/metrics` renders.
 *
 * @see SPEC 3.7
 */
import type { ChannelStats } from '../stream/channels.ts';
import type { Tables } from '../table/tables.ts';
import type { HttpStats } from './http-server.ts';
import type { Monitor } from './monitor.ts';
import type { Refusals, StreamLimits } from './stream-limits.ts';
import type { ThresholdState } from './thresholds.ts';

export interface MetricsSources {
  monitor: Monitor;
  limits: StreamLimits;
  tables: Tables;
  stats: () => ChannelStats;
  activeSessions: () => number;
  server: () => HttpStats;
}

/** Sizes in bytes, shares of 1, times in the unit of their name. */
export interface Metrics {
  active_sessions: number;
  total_connections: number;
  /** Rows waiting for the next flush. */
  pending_messages: number;
  table_records: number;
  /** Resident memory in bytes. */
  memory_usage: number;
  /** Seconds. */
  uptime: number;
  memory: { heap_used: number; heap_total: number; external: number; limit: number; share: number };
  cpu: { share: number; seconds: number; load: readonly number[] };
  event_loop_delay_ms: { p50: number; p99: number };
  messages_per_s: number;
  overloaded: boolean;
  tables: number;
  changes: number;
  rows_evicted: number;
  rows_refused: number;
  tables_refused: number;
  streams: ChannelStats;
  refused: Refusals;
  http: {
    requests: number;
    sockets: number;
    sockets_refused: number;
    http2_sessions: number;
    http2_lost: number;
  };
  thresholds: Readonly<Record<string, Readonly<ThresholdState>>>;
}

/** The metrics of this moment. */
export function collectMetrics(sources: MetricsSources): Metrics {
  const { monitor, limits, tables } = sources;
  const { rss, heapUsed, heapTotal, external, limit, share } = monitor.memory;
  const streams = sources.stats();
  const server = sources.server();
  const sums = { records: 0, changes: 0, evicted: 0, refused: 0 };
  for (const table of tables.list()) {
    sums.records += table.size;
    sums.changes += table.applied;
    sums.evicted += table.evicted;
    sums.refused += table.refused;
  }
  return {
    active_sessions: sources.activeSessions(),
    total_connections: limits.open,
    pending_messages: streams.pending,
    table_records: sums.records,
    memory_usage: rss,
    uptime: monitor.uptimeS,
    memory: { heap_used: heapUsed, heap_total: heapTotal, external, limit, share },
    cpu: { share: monitor.cpuShare, seconds: monitor.cpuSeconds, load: monitor.load },
    event_loop_delay_ms: { p50: monitor.delay.p50Ms, p99: monitor.delay.p99Ms },
    messages_per_s: monitor.messagesPerS,
    overloaded: monitor.isOverloaded,
    tables: tables.size,
    changes: sums.changes,
    rows_evicted: sums.evicted,
    rows_refused: sums.refused,
    tables_refused: tables.refused,
    streams,
    refused: limits.refused,
    http: {
      requests: server.requests,
      sockets: server.sockets,
      sockets_refused: server.socketsRefused,
      http2_sessions: server.http2Sessions,
      http2_lost: server.http2Lost,
    },
    thresholds: monitor.thresholds.states,
  };
}
