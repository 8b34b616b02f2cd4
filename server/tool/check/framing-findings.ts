/**
 * Whether what is in the body can be read by every client: fields, line ends, ids, retry.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
import { error, type Finding, note, ok, warning } from './finding.ts';
import type { Observation } from './observation.ts';

/** It travels back in a header, and servers take some 8 KiB of those. */
const MAX_ID_BYTES = 1_024;

/** In ms. */
const SHORTEST_RETRY = 100;
const LONGEST_RETRY = 3_600_000;

export function framingFindings(seen: Observation): Finding[] {
  return [
    lineEnds(seen),
    fields(seen),
    utf8(seen),
    ...(seen.isEndPartial ? [unfinished()] : []),
    ...ids(seen),
    retry(seen),
  ];
}

function lineEnds({ scanner: { lineEnds } }: Observation): Finding {
  const used = Object.entries(lineEnds).filter(([, count]) => count > 0);
  const evidence = used.map(([name, count]) => `${count} × ${name.toUpperCase()}`).join(', ');
  if (lineEnds.cr > 0 && used.length > 1) {
    const fix = 'split data at CR, LF and CRLF, and write each part as a line of its own';
    return error('line-ends', `${evidence}: text with a CR got out as it was`, fix);
  }
  if (used.length < 2) return ok('line-ends', evidence || 'no lines');
  return note('line-ends', `${evidence} are mixed`, 'end all lines in LF');
}

function fields({ strangeFields }: Observation): Finding {
  if (strangeFields.size === 0) return ok('fields', 'data, id, event, retry and comments only');
  const names = Array.from(strangeFields, (name) => JSON.stringify(name.slice(0, 40))).join(', ');
  const fix = 'write data:, id:, event:, retry: at the start of a line, in small letters';
  return error('fields', `ignored by all clients: ${names}`, fix);
}

function utf8({ badUtf8 }: Observation): Finding {
  if (badUtf8 === 0) return ok('utf-8', 'valid');
  return error('utf-8', `${badUtf8} lines are not UTF-8`, 'encode as UTF-8, and cut at characters');
}

function unfinished(): Finding {
  const fix = 'end every event with a blank line';
  return error('last-event', 'the stream ended inside an event: clients drop it', fix);
}

function ids({ ids, events }: Observation): Finding[] {
  const found: Finding[] = [];
  if (ids.withNul > 0) {
    const evidence = `${ids.withNul} ids hold NUL: clients ignore such ids`;
    found.push(error('ids', evidence, 'write ids of visible ASCII characters'));
  }
  if (ids.longest > MAX_ID_BYTES) {
    const evidence = `one of ${ids.longest} bytes: sent back, it may be refused with 431`;
    found.push(warning('ids', evidence, `keep ids below ${MAX_ID_BYTES} bytes`));
  }
  if (ids.notAscii > 0) {
    const evidence = `${ids.notAscii} ids are not plain ASCII: clients encode them differently`;
    found.push(warning('ids', evidence, 'write ids of visible ASCII characters'));
  }
  const own = events.flatMap(({ id }) => (id === undefined || id === '' ? [] : [id]));
  if (new Set(own).size < own.length) {
    const evidence = `${own.length - new Set(own).size} ids are of more than one event`;
    found.push(
      warning('ids', evidence, 'give each event an id of its own, or resuming is a guess'),
    );
  }
  if (found.length > 0) return found;
  if (own.length > 0) return [ok('ids', `${own.length}, such as ${own.at(-1)}`)];
  if (events.length === 0) return [note('ids', 'no events came', 'check while events are sent')];
  const fix = 'send id: with each event, and take Last-Event-ID';
  return [warning('ids', 'none: what a client misses while reconnecting is lost', fix)];
}

function retry({ retries }: Observation): Finding {
  const bad = retries.find((text) => !/^\d+$/.test(text));
  const fix = 'send retry: with whole ms, such as retry: 2000, different for each client';
  if (bad !== undefined) return error('retry', `${JSON.stringify(bad)} is ignored`, fix);
  const ms = Number(retries.at(-1));
  if (retries.length === 0) {
    return note('retry', 'none: browsers wait 3 to 5 s, all alike', fix);
  }
  if (ms < SHORTEST_RETRY) return warning('retry', `${ms} ms: lost clients come as a flood`, fix);
  if (ms > LONGEST_RETRY) return warning('retry', `${ms} ms: lost clients hardly come back`, fix);
  return ok('retry', `${ms} ms`);
}
