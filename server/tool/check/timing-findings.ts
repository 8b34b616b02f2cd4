/**
 * Whether events come when they are sent: the first byte, buffers on the way, silence.
 *
 * @see SPEC 3.2 "Heartbeat"
 */
import { readEventTime } from '../load/event-time.ts';
import { error, type Finding, note, ok, warning } from './finding.ts';
import type { Observation, SeenEvent } from './observation.ts';

/** A client in doubt shows "connecting…" for so long. */
const MAX_FIRST_BYTE_MS = 2_000;

/** Half an event is followed by the other half at once, unless a buffer waits to be full. */
const MAX_HALF_MS = 300;

/** What comes in here is a snapshot or a replay, however old its time stamps. */
const BEGINNING_MS = 1_000;

/** Events of one read were made within this, unless they were gathered. */
const MAX_GATHERED_MS = 1_000;

/** Many proxies cut what is silent for 60 s. */
const MAX_SILENCE_MS = 45_000;

/** Watched for less, silence says little. */
const ENOUGH_MS = 20_000;

export function timingFindings(seen: Observation): Finding[] {
  return [firstByte(seen), buffering(seen), heartbeat(seen)];
}

function firstByte({ headMs, reads, watchedMs }: Observation): Finding {
  const first = reads[0]?.atMs;
  const evidence = `head after ${headMs} ms, body after ${first ?? `more than ${watchedMs}`} ms`;
  if ((first ?? watchedMs) <= MAX_FIRST_BYTE_MS) return ok('first-byte', evidence);
  const fix = 'flush the head at once, and write a comment or retry: line behind it';
  return warning('first-byte', `${evidence}: some clients and proxies wait for it`, fix);
}

function buffering({ reads, events }: Observation): Finding {
  const fix = 'switch buffering off on the way (proxy_buffering off), and flush each event';
  const halves = reads.flatMap(({ atMs, isPartial }, index) => {
    const next = reads[index + 1];
    return isPartial && next !== undefined ? [next.atMs - atMs] : [];
  });
  const longest = Math.max(0, ...halves);
  if (longest > MAX_HALF_MS) {
    const evidence = `half an event came, and the rest ${longest} ms later: a buffer is in between`;
    return error('buffering', evidence, fix);
  }
  const gathered = longestGathered(events);
  if (gathered > MAX_GATHERED_MS) {
    const evidence = `events made ${gathered} ms apart came together`;
    return error('buffering', evidence, fix);
  }
  const later = events.filter(({ atMs }) => atMs > BEGINNING_MS).length;
  if (later === 0) return ok('buffering', 'none seen; no events came after the first second');
  return ok('buffering', `none: ${later} events, each as a whole, and none held back`);
}

/** By their own time stamps, where they bear any. */
function longestGathered(events: readonly SeenEvent[]): number {
  let longest = 0;
  let read = -1;
  let firstMs = 0;
  for (const event of events) {
    const time = event.atMs > BEGINNING_MS ? readEventTime(event.data) : undefined;
    // Heartbeats in whole seconds, beside finer ones, would look up to a second older.
    if (time === undefined || time.atMs % 1_000 === 0) continue;
    if (event.read === read) longest = Math.max(longest, time.atMs - firstMs);
    else [read, firstMs] = [event.read, time.atMs];
  }
  return Math.round(longest);
}

function heartbeat({ reads, events, commentsMs, watchedMs }: Observation): Finding {
  const times = [0, ...reads.map(({ atMs }) => atMs), watchedMs];
  const silence = Math.max(...times.map((atMs, index) => atMs - (times[index - 1] ?? 0)));
  const seconds = (silence / 1_000).toFixed(1);
  const hasMore = reads.some(({ atMs }) => atMs > BEGINNING_MS);
  const fix = 'send an event every 15 s: proxies cut silent connections, often after 60 s';
  if (silence > MAX_SILENCE_MS) return warning('heartbeat', `silent for ${seconds} s`, fix);
  if (!hasMore) {
    const evidence = `nothing came in ${(watchedMs / 1_000).toFixed(0)} s`;
    if (watchedMs >= ENOUGH_MS) return warning('heartbeat', evidence, fix);
    return note('heartbeat', evidence, 'watch longer, as with --for 60s');
  }
  const hasEvents = events.some(({ atMs }) => atMs > BEGINNING_MS);
  if (!hasEvents && commentsMs.some((atMs) => atMs > BEGINNING_MS)) {
    const evidence = `comments only, at most ${seconds} s apart: EventSource does not show them`;
    return note('heartbeat', evidence, 'send an event, so that a page can tell a dead connection');
  }
  return ok('heartbeat', `never silent for more than ${seconds} s`);
}
