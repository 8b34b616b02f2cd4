/** A client of a table's stream over HTTP, which comes back with the last event id, as browsers do. */
import { createParser } from 'eventsource-parser';
import type { StreamEvent } from '../../server/wire/event.ts';
import { ModelRows } from '../stream/model-client.ts';

/** Between two tries: short, for tests. */
const RETRY_MS = 20;

/** Follows `/api/tables/{table}/stream`. Disposing of it leaves. */
export class StreamClient implements AsyncDisposable {
  readonly model: ModelRows;
  readonly #abort = new AbortController();
  readonly #run: Promise<void>;
  /** Where the server is now. */
  url: string;
  failure: Error | undefined;
  /** Times that everything was sent although the client had said where it was. */
  reloads = 0;
  #connection = new AbortController();
  #stalled: PromiseWithResolvers<void> | undefined;

  constructor(url: string, key = 'id') {
    this.url = url;
    this.model = new ModelRows(key);
    this.#run = this.#follow();
  }

  /** How many events of a type have come. */
  count(type: StreamEvent['type']): number {
    return this.model.events.filter((event) => event.type === type).length;
  }

  /** Leaves, and comes back with the last id. */
  drop(): void {
    this.#connection.abort();
  }

  /** Reads nothing until `resume`, while the connection stays open. */
  stall(): void {
    this.#stalled ??= Promise.withResolvers();
  }

  resume(): void {
    this.#stalled?.resolve();
    this.#stalled = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    this.#abort.abort();
    await this.#run;
    if (this.failure !== undefined) throw this.failure;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#read();
      } catch (error) {
        const isCut = signal.aborted || this.#connection.signal.aborted;
        const isNetwork = error instanceof TypeError || isCut;
        if (!isNetwork && error instanceof Error) this.failure ??= error;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #read(): Promise<void> {
    this.#connection = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, this.#connection.signal]);
    const id = this.model.lastEventId;
    let knowsPlace = id !== undefined;
    const headers = { Accept: 'text/event-stream, application/json' };
    const response = await fetch(this.url, {
      signal,
      headers: id === undefined ? headers : { ...headers, 'Last-Event-ID': id },
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return;
    }
    const parser = createParser({
      onEvent: ({ data, id }) => {
        const event: StreamEvent = JSON.parse(data);
        if (event.type === 'init' && knowsPlace) this.reloads++;
        knowsPlace = true;
        this.model.take(event, id);
      },
    });
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      await this.#stalled?.promise;
      parser.feed(chunk);
    }
  }
}
