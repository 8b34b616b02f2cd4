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
import type { UploadFigures } from './uploads/uploads.ts';
import { sumOf, type WorkersFigures } from './worker-figures.ts';

/** How a source is. */
export interface SourceState {
  name: string;
  /** Why it is down; undefined when it is well. */
  down: string | undefined;
  /** How far its tables are behind its store; undefined where that cannot be known. */
  lag: { changes: number; seconds: number } | undefined;
}

export interface MetricsSources {
  monitor: Monitor;
  limits: StreamLimits;
  tables: Tables;
  stats: () => ChannelStats;
  activeSessions: () => number;
  sources: () => readonly SourceState[];
  server: () => HttpStats;
  messages: () => MessageFigures;
  /** Undefined: no uploads are taken. */
  uploads?: (() => UploadFigures) | undefined;
  /** The processes that serve clients instead of this one, where there are any. */
  workers?: (() => WorkersFigures) | undefined;
}

/** Messages to users. */
export interface MessageFigures {
  waiting: number;
  /** Left unread because too many waited. */
  dropped: number;
  /** Refused because a user sent too many. */
  limited: number;
}

/** Sizes in bytes, shares of 1, times in the unit of their name. With workers: of all processes together. */
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
  sources: { name: string; up: boolean; lag?: { changes: number; seconds: number } }[];
  streams: ChannelStats;
  refused: Refusals;
  http: {
    requests: number;
    sockets: number;
    sockets_refused: number;
    http2_sessions: number;
    http2_lost: number;
  };
  messages: MessageFigures;
  uploads?: UploadFigures;
  thresholds: Readonly<Record<string, Readonly<ThresholdState>>>;
  workers?: WorkersMetrics;
}

/** The processes of `--workers`. */
export interface WorkersMetrics {
  alive: number;
  replaced: number;
  behind: number;
  list: {
    pid: number;
    connections: number;
    memory_usage: number;
    cpu_share: number;
    event_loop_delay_ms: { p50: number; p99: number };
  }[];
}

const NONE_REFUSED: Refusals = { connections: 0, address: 0, session: 0, overload: 0, draining: 0 };

/** The metrics of this moment. */
export function collectMetrics(sources: MetricsSources): Metrics {
  const { monitor, limits, tables } = sources;
  const { rss, heapUsed, heapTotal, external, limit, share } = monitor.memory;
  const workers = sources.workers?.();
  const figures = workers === undefined ? [] : [...workers.alive, ...workers.gone];
  const streams = sumOf(
    sources.stats(),
    figures.map((each) => each.streams),
  );
  // Requests that were forwarded are counted where they came in.
  const [first, ...others] =
    figures.length === 0 ? [sources.server()] : figures.map((each) => each.http);
  const server = sumOf(first ?? sources.server(), others);
  const refused = sumOf<Refusals>(
    limits.refused,
    figures.map((each) => ({ ...NONE_REFUSED, ...each.refused })),
  );
  const own = { rss, cpuShare: monitor.cpuShare, cpuSeconds: monitor.cpuSeconds };
  const machine = sumOf(own, figures);
  const delay = sumOf(
    monitor.delay,
    figures.map((each) => each.delay),
  );
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
    memory_usage: machine.rss,
    uptime: monitor.uptimeS,
    memory: { heap_used: heapUsed, heap_total: heapTotal, external, limit, share },
    cpu: { share: machine.cpuShare, seconds: machine.cpuSeconds, load: monitor.load },
    event_loop_delay_ms: { p50: delay.p50Ms, p99: delay.p99Ms },
    messages_per_s: monitor.messagesPerS,
    overloaded: monitor.isOverloaded || figures.some((each) => each.isOverloaded),
    tables: tables.size,
    changes: sums.changes,
    rows_evicted: sums.evicted,
    rows_refused: sums.refused,
    tables_refused: tables.refused,
    sources: sources.sources().map(({ name, down, lag }) => ({
      name,
      up: down === undefined,
      ...(lag !== undefined && { lag }),
    })),
    streams,
    refused,
    http: {
      requests: server.requests,
      sockets: server.sockets,
      sockets_refused: server.socketsRefused,
      http2_sessions: server.http2Sessions,
      http2_lost: server.http2Lost,
    },
    messages: sources.messages(),
    ...(sources.uploads !== undefined && { uploads: sources.uploads() }),
    thresholds: monitor.thresholds.states,
    ...(workers !== undefined && { workers: describeWorkers(workers) }),
  };
}

function describeWorkers({ alive, replaced, behind }: WorkersFigures): WorkersMetrics {
  const list = alive.map(({ pid, streams, rss, cpuShare, delay }) => ({
    pid,
    connections: streams.subscribers,
    memory_usage: rss,
    cpu_share: cpuShare,
    event_loop_delay_ms: { p50: delay.p50Ms, p99: delay.p99Ms },
  }));
  return { alive: list.length, replaced, behind, list };
}
