/**
 * One event in one line, for people: the time, what happened, to which row, and the columns.
 *
 * @see SPEC 3.2
 */
import { type Output, type Style, styled } from '../terminal.ts';

/** A line shows as much of one value. */
const MAX_VALUE_CHARS = 80;

/** And as much of data that is not known. */
const MAX_DATA_CHARS = 1_000;

const STYLES: Readonly<Record<string, Style>> = {
  add: 'green',
  update: 'yellow',
  delete: 'red',
  error: 'red',
  end: 'magenta',
  heartbeat: 'dim',
};

type Json = Readonly<Record<string, unknown>>;

/** Turns the events of one stream into lines; it remembers the key column that `init` names. */
export class EventDescriber {
  readonly #output: Output;
  readonly #showsHeartbeats: boolean;
  #key = 'id';
  #table = '';

  constructor(output: Output, showsHeartbeats: boolean) {
    this.#output = output;
    this.#showsHeartbeats = showsHeartbeats;
  }

  /** @returns the lines, each with its end; `''` for an event that is not to be shown. */
  describe(data: string, name: string, atMs: number): string {
    const time = styled(this.#output, 'dim', timeOf(atMs));
    const event = parse(data);
    const type = event?.type;
    if (event === undefined || typeof type !== 'string' || name !== '') {
      return this.#line(time, name || 'message', clip(oneLine(data), MAX_DATA_CHARS));
    }
    if (type === 'heartbeat' && !this.#showsHeartbeats) return '';
    if (type === 'init') {
      if (typeof event.key === 'string') this.#key = event.key;
      if (typeof event.table === 'string') this.#table = `${event.table}/`;
    }
    if (type === 'batch' && Array.isArray(event.changes)) {
      return event.changes.map((change) => this.#change(time, change)).join('');
    }
    if (type === 'batch_update' && Array.isArray(event.data)) {
      return event.data.map((data) => this.#change(time, { type: 'update', data })).join('');
    }
    if (isObject(event.data) && (type === 'add' || type === 'update' || type === 'delete')) {
      return this.#change(time, event);
    }
    return this.#line(time, type, describeOther(event));
  }

  #change(time: string, change: unknown): string {
    if (!isObject(change) || !isObject(change.data)) return '';
    const { [this.#key]: key, ...columns } = change.data;
    const type = String(change.type);
    const removed = Array.isArray(change.removed) ? change.removed.map((name) => ` -${name}`) : [];
    const values = Object.entries(columns).map(([name, value]) => ` ${name}=${show(value)}`);
    const row = styled(this.#output, 'bold', `${this.#table}${String(key)}`);
    return this.#line(time, type, row + (type === 'delete' ? '' : values.concat(removed).join('')));
  }

  #line(time: string, type: string, text: string): string {
    const shown = styled(this.#output, STYLES[type] ?? 'cyan', type.padEnd(9));
    return `${time}  ${shown} ${text}`.trimEnd().concat('\n');
  }
}

function describeOther(event: Json): string {
  switch (event.type) {
    case 'init':
      return `${event.table}: ${event.total} rows, key ${event.key}`;
    case 'rows':
      return `${event.loaded} of ${event.total}`;
    case 'ready':
      return `${event.total} rows`;
    case 'resumed':
      return `${event.missed} events were missed, and follow`;
    case 'sync': {
      const rows = Array.isArray(event.data) ? event.data.length : 0;
      const deleted = Array.isArray(event.deleted) ? event.deleted.length : 0;
      return `${rows} rows changed, ${deleted} deleted while away`;
    }
    case 'error':
      return `${event.code}: ${event.message}`;
    case 'end':
      return `${event.reason}: ${event.message}`;
    default: {
      const { type: _, ...rest } = event;
      return clip(JSON.stringify(rest), MAX_DATA_CHARS);
    }
  }
}

function timeOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

function show(value: unknown): string {
  const isWord = typeof value === 'string' && /^[^\s"=]+$/.test(value);
  return clip(isWord ? value : (JSON.stringify(value) ?? ''), MAX_VALUE_CHARS);
}

function clip(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text;
}

/** Control characters are shown, not obeyed: a stream must not paint the terminal. */
function oneLine(text: string): string {
  return text
    .replaceAll('\n', '⏎')
    .replace(/\p{Cc}/gu, (char) => JSON.stringify(char).slice(1, -1));
}

function parse(data: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // text is as good an event
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
