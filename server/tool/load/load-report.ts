/**
 * What a load test found, as an object for programs and as text for people.
 */
import type { Quantiles } from './histogram.ts';
import type { Tally } from './tally.ts';

/** As `--json` prints it. */
export interface LoadReport {
  url: string;
  /** How long it was measured, once all connections were open. */
  seconds: number;
  connections: { wanted: number; opened: number; open_at_end: number };
  /** By kind; `message` is that of the first. */
  failures: Record<string, { count: number; message: string }>;
  /** From connecting to the response's head. */
  open_ms: Quantiles | null;
  events: number;
  events_per_second: number;
  /** Of those open at the end. */
  events_per_connection: { min: number; max: number };
  comments: number;
  /** Of bodies, without HTTP's framing. */
  bytes: number;
  bytes_per_second: number;
  latency_ms:
    | (Quantiles & { samples: number; path: string; whole_seconds: boolean; from_future: number })
    | null;
  /** Of this program: where it was busy, latencies are its own. */
  tester: { cpu_percent: number; loop_delay_p99_ms: number };
}

export interface Measured {
  url: string;
  wanted: number;
  seconds: number;
  tally: Tally;
  /** Of each connection open at the end. */
  eventsOfEach: readonly number[];
  cpuPercent: number;
  loopDelayP99Ms: number;
}

/** Above this the tester itself is what holds things up. */
const BUSY_PERCENT = 90;

export function loadReport(measured: Measured): LoadReport {
  const { url, wanted, seconds, tally, eventsOfEach, cpuPercent, loopDelayP99Ms } = measured;
  const isCoarse = tally.latencyMs.count === 0;
  const histogram = isCoarse ? tally.coarseLatencyMs : tally.latencyMs;
  const latency = histogram.quantiles();
  return {
    url,
    seconds: Number(seconds.toFixed(3)),
    connections: { wanted, opened: tally.opened, open_at_end: tally.open },
    failures: Object.fromEntries(tally.failures),
    open_ms: tally.openMs.quantiles() ?? null,
    events: tally.events,
    events_per_second: perSecond(tally.events, seconds),
    events_per_connection: {
      min: eventsOfEach.reduce((a, b) => Math.min(a, b), eventsOfEach[0] ?? 0),
      max: eventsOfEach.reduce((a, b) => Math.max(a, b), 0),
    },
    comments: tally.comments,
    bytes: tally.bytes,
    bytes_per_second: perSecond(tally.bytes, seconds),
    latency_ms:
      latency === undefined
        ? null
        : {
            ...latency,
            samples: histogram.count,
            path: tally.path ?? '',
            whole_seconds: isCoarse,
            from_future: tally.fromFuture,
          },
    tester: {
      cpu_percent: Math.round(cpuPercent),
      loop_delay_p99_ms: Number(loopDelayP99Ms.toFixed(1)),
    },
  };
}

function perSecond(count: number, seconds: number): number {
  return seconds === 0 ? 0 : Math.round(count / seconds);
}

export function loadReportText(report: LoadReport): string {
  const { connections, failures, open_ms, events_per_connection, latency_ms, tester } = report;
  const lines: [name: string, text: string][] = [
    [
      'connections',
      `${count(connections.opened)} of ${count(connections.wanted)} opened, ${count(connections.open_at_end)} open at the end`,
    ],
  ];
  for (const [kind, { count: times, message }] of Object.entries(failures)) {
    lines.push(['failed', `${count(times)} × ${kind} (${message})`]);
  }
  if (open_ms !== null) lines.push(['time to open', quantiles(open_ms)]);
  lines.push([
    'events',
    `${count(report.events)} in ${report.seconds} s: ${count(report.events_per_second)}/s; ${count(events_per_connection.min)} to ${count(events_per_connection.max)} a connection`,
  ]);
  if (report.comments > 0) lines.push(['comments', count(report.comments)]);
  lines.push([
    'bytes',
    `${count(report.bytes)}: ${(report.bytes_per_second / 1e6).toFixed(2)} MB/s`,
  ]);
  lines.push(['latency', latencyText(latency_ms)]);
  lines.push([
    'this tester',
    `${tester.cpu_percent} % of a core, its event loop late by ${tester.loop_delay_p99_ms} ms (p99)`,
  ]);
  if (tester.cpu_percent > BUSY_PERCENT) {
    lines.push(['', 'it was busy all the time: the server may be able to do more']);
  }
  return `${report.url}\n${lines.map(([name, text]) => `  ${name.padEnd(13)} ${text}\n`).join('')}`;
}

function latencyText(latency: LoadReport['latency_ms']): string {
  if (latency === null) return 'no event bore a time stamp made after its connection';
  const { path, samples, whole_seconds, from_future } = latency;
  const coarse = whole_seconds ? ', which has whole seconds only: ±1,000 ms' : '';
  const skew = from_future > 0 ? `; ${count(from_future)} came before they were made` : '';
  return `${quantiles(latency)} (${count(samples)} × ${path}${coarse}${skew})`;
}

function quantiles({ p50, p90, p99, max }: Quantiles): string {
  return `p50 ${p50} ms, p90 ${p90}, p99 ${p99}, max ${max}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
