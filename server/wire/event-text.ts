/**
 * The text of an event whose fields a program chooses: what a generator yields, what a channel is
 * given. Data of several lines stays whole, whichever line ends it has.
 *
 * @see SPEC 4; https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

/** An event with its fields; those left out are not sent. */
export interface EventFields {
  /** Its name; `onmessage` sees only events without one. */
  event?: string | undefined;
  /** What a client that comes back sends as Last-Event-ID. */
  id?: string | number | undefined;
  /** How long the client waits before it comes back, in ms. */
  retry?: number | undefined;
  /** A string is sent as it is, all else as JSON. */
  data: unknown;
}

const FIELDS: ReadonlySet<string> = new Set(['event', 'id', 'retry', 'data'] satisfies [
  ...(keyof EventFields)[],
]);

/** The line ends of an event stream. */
const LINE_END = /\r\n|\r|\n/;

/** Would end the line early, or make the client ignore the field. */
const UNFIT = /[\r\n\0]/;

/**
 * Whether `value` is an event with its fields, and not data: an object with `data` among its own
 * keys, and no key but `event`, `id`, `retry`, `data`.
 */
export function isEventFields(value: unknown): value is EventFields {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'data')) return false;
  return Object.keys(value).every((key) => FIELDS.has(key));
}

/**
 * Frames `value`: fields in the order event, data, id, retry, then the empty line.
 * @param value a string, anything JSON has, or `EventFields`.
 * @throws {TypeError} for what JSON has no form of, and for a CR, LF or NUL in `event` or `id`.
 * @throws {RangeError} for a `retry` that is not a whole number of ms.
 */
export function eventText(value: unknown): string {
  if (!isEventFields(value)) return `${dataLines(value)}\n`;
  const { event, id, retry, data } = value;
  const name = event === undefined || event === '' ? '' : `event: ${checkField('event', event)}\n`;
  return `${name}${dataLines(data)}${idLine(id)}${retryLine(retry)}\n`;
}

function dataLines(value: unknown): string {
  const text = typeof value === 'string' ? value : toJson(value);
  if (!LINE_END.test(text)) return `data: ${text}\n`;
  return text
    .split(LINE_END)
    .map((line) => `data: ${line}\n`)
    .join('');
}

function toJson(value: unknown): string {
  const json: unknown = JSON.stringify(value);
  if (typeof json === 'string') return json;
  throw new TypeError(`${kindOf(value)} has no form in JSON; send an object or a string`);
}

function idLine(id: unknown): string {
  if (id === undefined) return '';
  const text = typeof id === 'number' ? String(id) : checkField('id', id);
  return text === '' ? 'id\n' : `id: ${text}\n`;
}

function retryLine(retry: unknown): string {
  if (retry === undefined) return '';
  if (typeof retry === 'number' && Number.isSafeInteger(retry) && retry >= 0) {
    return `retry: ${retry}\n`;
  }
  throw new RangeError(`retry ${shown(retry)} is not a whole number of milliseconds; try 2000`);
}

function checkField(name: 'event' | 'id', value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError(`${name} is ${kindOf(value)}; it must be a string`);
  }
  if (!UNFIT.test(value)) return value;
  throw new TypeError(`${name} ${shown(value)} holds a CR, LF or NUL; take it out`);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
}
