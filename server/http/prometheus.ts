/**
 * The metrics as Prometheus reads them.
 *
 * @see SPEC 3.7; https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
import type { Metrics } from './metrics.ts';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Family {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  /** By label, `''` for none: `limit="session"`. */
  samples: readonly (readonly [label: string, value: number])[];
}

/** The text of all metrics, each with HELP and TYPE. */
export function renderPrometheus(metrics: Metrics): string {
  return families(metrics).map(renderFamily).join('');
}

function renderFamily({ name, type, help, samples }: Family): string {
  const full = `sse_table_${name}`;
  const lines = samples.map(([label, value]) => `${full}${label && `{${label}}`} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [['', value]] };
}

function counter(name: string, help: string, value: number): Family {
  return { name: `${name}_total`, type: 'counter', help, samples: [['', value]] };
}

function families(metrics: Metrics): Family[] {
  const { streams, memory, cpu, event_loop_delay_ms: delay, http } = metrics;
  return [
    gauge('active_sessions', 'Demo sessions running.', metrics.active_sessions),
    gauge('connections', 'Streams open.', metrics.total_connections),
    gauge('pending_messages', 'Rows waiting for the next flush.', metrics.pending_messages),
    gauge('tables', 'Tables.', metrics.tables),
    gauge('table_records', 'Rows in all tables.', metrics.table_records),
    gauge('uptime_seconds', 'Time since the start.', metrics.uptime),
    gauge('memory_rss_bytes', 'Resident memory.', metrics.memory_usage),
    gauge('memory_heap_used_bytes', 'Used heap.', memory.heap_used),
    gauge('memory_limit_bytes', 'Memory of the machine or container.', memory.limit),
    gauge('memory_share', 'Memory used, of what there is.', memory.share),
    counter('cpu_seconds', 'CPU time used.', cpu.seconds),
    gauge('cpu_share', 'CPU used in the last second, of one core.', cpu.share),
    gauge('load1', 'Load of the machine in the last minute.', cpu.load[0] ?? 0),
    {
      name: 'event_loop_delay_seconds',
      type: 'gauge',
      help: 'Delay of the event loop in the last second.',
      samples: [
        ['quantile="0.5"', delay.p50 / 1_000],
        ['quantile="0.99"', delay.p99 / 1_000],
      ],
    },
    gauge('overloaded', '1 while new streams are refused.', metrics.overloaded ? 1 : 0),
    counter('changes', 'Changes applied to tables.', metrics.changes),
    counter('rows_evicted', 'Rows dropped because a table was full.', metrics.rows_evicted),
    counter('rows_refused', 'Rows refused because a table was full.', metrics.rows_refused),
    counter(
      'tables_refused',
      'Tables refused because there were too many.',
      metrics.tables_refused,
    ),
    ...sourceFamilies(metrics),
    gauge('channels', 'Channels.', streams.channels),
    gauge('views', 'Channels that stream a view.', streams.views),
    gauge('ring_bytes', 'Bytes held in rings.', streams.ringBytes),
    gauge(
      'flush_seconds',
      'Time for which changes are gathered while busy; longer while overloaded.',
      streams.flushMs / 1_000,
    ),
    gauge('lag_frames', 'Frames that the slowest subscriber is behind.', streams.maxLag),
    counter('frames_encoded', 'Frames encoded.', streams.framesEncoded),
    counter('frames_written', 'Frames written to subscribers.', streams.framesWritten),
    counter('bytes_written', 'Bytes written to subscribers.', streams.bytesWritten),
    counter('changes_merged', 'Changes that left as part of a later one.', streams.changesMerged),
    counter('snapshots_encoded', 'Snapshots encoded.', streams.snapshotsEncoded),
    counter('inits', 'Clients given a snapshot.', streams.inits),
    counter('resumes', 'Clients that resumed from the ring.', streams.resumes),
    counter('syncs', 'Compacted catch-ups.', streams.syncs),
    counter('lapped', 'Subscribers that fell out of the ring.', streams.lapped),
    counter('rings_trimmed', 'Rings cut because all held too much.', streams.ringsTrimmed),
    counter('stalled', 'Connections dropped because they accepted nothing.', streams.stalled),
    counter('views_evicted', 'Unwatched views that made room for another.', streams.viewsEvicted),
    counter('views_refused', 'Views refused at the limit.', streams.viewsRefused),
    {
      name: 'refused_total',
      type: 'counter',
      help: 'Streams refused, by limit.',
      samples: Object.entries(metrics.refused).map(
        ([limit, value]) => [`limit="${limit}"`, value] as const,
      ),
    },
    gauge('messages_waiting', 'Messages kept for users.', metrics.messages.waiting),
    counter(
      'messages_dropped',
      'Messages to users that left unread because too many waited.',
      metrics.messages.dropped,
    ),
    counter(
      'messages_limited',
      'Messages refused because a user sent too many.',
      metrics.messages.limited,
    ),
    ...uploadFamilies(metrics),
    ...workersFamilies(metrics),
    counter('http_requests', 'Requests.', http.requests),
    gauge('http_sockets', 'Sockets open.', http.sockets),
    counter('http_sockets_refused', 'Sockets refused at the limit.', http.sockets_refused),
    gauge('http2_sessions', 'HTTP/2 connections open.', http.http2_sessions),
    counter('http2_lost', 'HTTP/2 connections whose peer did not answer.', http.http2_lost),
  ];
}

function uploadFamilies({ uploads }: Metrics): Family[] {
  if (uploads === undefined) return [];
  return [
    gauge('uploads_under_way', 'Uploads whose body is coming.', uploads.uploading),
    gauge('uploads_stored', 'Uploads that are whole.', uploads.stored),
    gauge('uploads_bytes', 'Bytes of uploads on the disk.', uploads.bytes),
    counter('uploads_completed', 'Uploads that became whole.', uploads.completed),
    counter('uploads_interrupted', 'Uploads that broke off.', uploads.interrupted),
    counter('uploads_refused', 'Uploads refused at a limit.', uploads.refused),
    counter('uploads_expired', 'Uploads deleted when their time was up.', uploads.expired),
  ];
}

function sourceFamilies({ sources }: Metrics): Family[] {
  if (sources.length === 0) return [];
  const family = (
    name: string,
    help: string,
    figure: (source: Metrics['sources'][number]) => number | undefined,
  ): Family => ({
    name,
    type: 'gauge',
    help,
    samples: sources.flatMap((source) => {
      const value = figure(source);
      return value === undefined ? [] : [[`source="${escapeLabel(source.name)}"`, value] as const];
    }),
  });
  return [
    family('source_up', '1 while the source can be read.', ({ up }) => (up ? 1 : 0)),
    family(
      'source_lag_changes',
      'Changes that the store has counted and the tables do not have.',
      ({ lag }) => lag?.changes,
    ),
    family(
      'source_lag_seconds',
      'Time since the tables were last known to equal the store; 0 while they do.',
      ({ lag }) => lag?.seconds,
    ),
  ];
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}

function workersFamilies({ workers }: Metrics): Family[] {
  if (workers === undefined) return [];
  const { alive, replaced, behind, list } = workers;
  return [
    gauge('workers', 'Processes that serve clients.', alive),
    counter('workers_replaced', 'Processes that ended without being told to.', replaced),
    counter('workers_behind', 'Times that one was given the latest state to catch up.', behind),
    {
      name: 'worker_connections',
      type: 'gauge',
      help: 'Streams open, by process.',
      samples: list.map(({ pid, connections }) => [`pid="${pid}"`, connections] as const),
    },
  ];
}
