/** A client of one stream that keeps what it holds from one connection to the next. */
import type { Json, Row } from '../../server/wire/change.ts';

interface Said {
  type: string;
  data?: Row | Row[];
  deleted?: Json[];
  changes?: { type: string; data: Row }[];
}

/** Its rows are what the events say; rows are keyed by `key`. */
export class ResumingClient {
  readonly rows = new Map<string, Row>();
  lastEventId = '';
  /** The types of all events so far. */
  readonly types: string[] = [];
  readonly #key: string;
  #abort = new AbortController();

  constructor(key = 'id') {
    this.#key = key;
  }

  /** How often it was given everything anew. */
  get inits(): number {
    return this.types.filter((type) => type === 'init').length;
  }

  /** Rows as JSON, in order of their keys. */
  get text(): string {
    return textOf(this.rows.values(), this.#key);
  }

  /** Connects, going on where it was. @returns when the stream has begun. @throws {Error} a status. */
  async connect(streamUrl: string): Promise<void> {
    this.close();
    const abort = new AbortController();
    this.#abort = abort;
    const headers: Record<string, string> = { Accept: 'text/event-stream, application/json' };
    if (this.lastEventId !== '') headers['Last-Event-ID'] = this.lastEventId;
    const response = await fetch(streamUrl, { headers, signal: abort.signal });
    if (response.status !== 200 || response.body === null) {
      throw new Error(`${response.status}: ${await response.text()}`);
    }
    void this.#read(response.body, abort.signal);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    try {
      for await (const chunk of body) {
        text += decoder.decode(chunk, { stream: true });
        const events = text.split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) if (!signal.aborted) this.#take(event);
      }
    } catch {
      // The server was killed, or the client has closed: what came so far counts.
    }
  }

  #take(event: string): void {
    const json = /^data: (.*)$/m.exec(event)?.[1];
    if (json !== undefined) this.#apply(JSON.parse(json));
    this.lastEventId = /^id: (.*)$/m.exec(event)?.[1] ?? this.lastEventId;
  }

  #apply({ type, data, deleted, changes }: Said): void {
    this.types.push(type);
    if (type === 'init') {
      this.rows.clear();
      this.lastEventId = '';
    }
    for (const row of Array.isArray(data) ? data : []) this.rows.set(this.#idOf(row), row);
    for (const key of deleted ?? []) this.rows.delete(String(key));
    const one = data !== undefined && !Array.isArray(data) ? [{ type, data }] : [];
    for (const change of changes ?? one) {
      const id = this.#idOf(change.data);
      if (change.type === 'delete') this.rows.delete(id);
      else if (change.type === 'add') this.rows.set(id, change.data);
      else if (change.type === 'update') {
        this.rows.set(id, { ...this.rows.get(id), ...change.data });
      }
    }
  }

  #idOf(row: Row): string {
    return String(row[this.#key]);
  }
}

/** Rows as JSON, in order of their keys, columns in order of their names. */
export function textOf(rows: Iterable<Row>, key = 'id'): string {
  const lines = Array.from(rows, (row): [string, string] => [
    String(row[key]),
    JSON.stringify(row, Object.keys(row).sort()),
  ]);
  return lines
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join('\n');
}
