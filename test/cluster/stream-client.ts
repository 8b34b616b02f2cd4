/**
 * A client of a table's stream over a real socket, that comes back at once with its last event id
 * when it is cut off.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import { ModelRows } from '../stream/model-client.ts';

/** Between two tries while nobody listens. */
const RETRY_MS = 50;

export class StreamClient {
  readonly model: ModelRows;
  /** Statuses of the answers, in order; 0 for a connection that failed. */
  readonly statuses: number[] = [];
  problem: unknown;
  readonly #url: string;
  /** A connection of its own each time, as a browser's tab in another place has. */
  readonly #agent = new Agent({ keepAlive: false });
  readonly #comesBack: boolean;
  #request: ClientRequest | undefined;
  #isClosed = false;

  constructor(url: string, key: string, { comesBack = true }: { comesBack?: boolean } = {}) {
    this.#url = url;
    this.#comesBack = comesBack;
    this.model = new ModelRows(key);
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    this.#request?.destroy();
  }

  #connect(): void {
    const { lastEventId } = this.model;
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastEventId !== undefined) headers['Last-Event-ID'] = lastEventId;
    this.#request = request(this.#url, { agent: this.#agent, headers }, (response) =>
      this.#read(response),
    );
    this.#request.on('error', () => {
      this.statuses.push(0);
      this.#again();
    });
    this.#request.end();
  }

  #read(response: IncomingMessage): void {
    this.statuses.push(response.statusCode ?? 0);
    const parser = createParser({
      onEvent: ({ data, id }) => this.model.take(JSON.parse(data), id),
      onError: (error) => {
        throw error;
      },
    });
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      try {
        parser.feed(text);
      } catch (error) {
        this.problem ??= error;
      }
    });
    response.on('error', () => undefined); // it is cut off, as the test wants it
    response.on('close', () => this.#again());
  }

  #again(): void {
    if (this.#isClosed || !this.#comesBack) return;
    setTimeout(() => {
      if (!this.#isClosed) this.#connect();
    }, RETRY_MS);
  }
}
