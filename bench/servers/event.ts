/**
 * The event that every server of the fan-out benchmarks sends: an update of one row, 172 bytes with
 * its id, stamped with the moment of publishing.
 */
import type { Row } from '../../server/wire/change.ts';

/** As long as an update of a handful of columns is. */
export const EVENT_BYTES = 172;

/** Rows that are updated in turn. */
const ROWS = 1_000;

/** Ids start here, so that all have six digits. */
const FIRST_ID = 100_000;

/** The seq of peers starts here, so that it always has seven digits. */
const FIRST_SEQ = 1_000_000;

const US_PER_MS = 1_000;

/** Filling of one letter, another each time, so that every update changes every column. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Time that all processes of this machine share, in µs since the Unix epoch. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * US_PER_MS);
}

/** The next row: change number `count` of a table of `rows` rows, filled with `padBytes`. */
export function nextRow(count: number, padBytes: number, rows: number = ROWS): Row {
  const pad = (LETTERS[count % LETTERS.length] ?? '').repeat(Math.max(0, padBytes));
  return { id: FIRST_ID + (count % rows), pad, at: nowUs() };
}

/** An event of `row`, as our own server makes it. */
function eventOf(row: Row): Record<string, unknown> {
  const message = `Updated ${row.id}`;
  return { type: 'update', data: row, message, timestamp: new Date().toISOString() };
}

/** JSON of an event without filling. */
const EMPTY_JSON_BYTES = JSON.stringify(eventOf(nextRow(0, 0))).length;

/** What our server writes around the JSON, but for the digits of the seq. */
const FRAMING_BYTES = 'data: \nid: bench.\n\n'.length;

/** Filling that makes the event number `seq` of our own server `eventBytes` long. */
export function padFor(seq: number, eventBytes: number): number {
  return eventBytes - EMPTY_JSON_BYTES - FRAMING_BYTES - String(seq).length;
}

/** Event `count` as text, as our own server writes it. */
export function nextEventText(count: number): string {
  const seq = FIRST_SEQ + count;
  const event = eventOf(nextRow(count, padFor(seq, EVENT_BYTES)));
  return `data: ${JSON.stringify(event)}\nid: bench.${seq}\n\n`;
}

/** Event `count`, for a server that turns it into JSON and puts `framingBytes` around it. */
export function nextEvent(count: number, framingBytes: number): Record<string, unknown> {
  return eventOf(nextRow(count, EVENT_BYTES - framingBytes - EMPTY_JSON_BYTES));
}
