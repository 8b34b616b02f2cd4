/**
 * A fetch that answers when the test says so, a page with a clock turned by hand, and events as text.
 *
 * @see STYLE 15
 */
import type { Row } from '../../../server/wire/change.ts';
import type { StreamEvent } from '../../../server/wire/event.ts';
import type { Page } from '../../../web/feed/page.ts';
import { FakeClock } from '../../fake-clock.ts';

export const TIME = '2026-01-01T00:00:00.000Z';

/** One call of fetch, answered when the test says so. */
export interface Call {
  headers: Record<string, string>;
  init: RequestInit;
  answer(response: Response): Promise<void>;
  refuse(status: number, headers?: Record<string, string>, body?: string): Promise<void>;
  fail(): Promise<void>;
  /** Answers with a stream, at first. */
  send(...texts: string[]): Promise<void>;
  end(): Promise<void>;
  break(): Promise<void>;
  isAborted(): boolean;
}

/** Lets promises that are ready settle. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

export class FakePage implements Page {
  readonly clock = new FakeClock();
  online = true;
  visible = true;
  #fn: () => void = () => undefined;
  now = () => this.clock.now();
  after = (delayMs: number, fn: () => void) => this.clock.after(delayMs, fn);
  every = (periodMs: number, fn: () => void) => this.clock.every(periodMs, fn);
  isOnline = () => this.online;
  isVisible = () => this.visible;
  watch(fn: () => void): () => void {
    this.#fn = fn;
    return () => {
      this.#fn = () => undefined;
    };
  }
  set(state: { online?: boolean; visible?: boolean }): void {
    this.online = state.online ?? this.online;
    this.visible = state.visible ?? this.visible;
    this.#fn();
  }
}

/** `fetch`, its calls so far, and the last of them. */
export function scriptedFetch() {
  const calls: Call[] = [];
  const fetchIt = (_url: unknown, init: RequestInit = {}) =>
    new Promise<Response>((resolve, reject) => {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
      init.signal?.addEventListener('abort', () => {
        const error = new DOMException('aborted', 'AbortError');
        reject(error);
        try {
          controller?.error(error);
        } catch {
          // closed already
        }
      });
      const answer = async (response: Response) => {
        resolve(response);
        await settle();
      };
      const call: Call = {
        headers: Object.fromEntries(new Headers(init.headers)),
        init,
        answer,
        refuse: (status, headers = {}, body = '') =>
          answer(new Response(status === 204 ? null : body, { status, headers })),
        async fail() {
          reject(new TypeError('fetch failed'));
          await settle();
        },
        async send(...texts) {
          if (controller === undefined) {
            const body = new ReadableStream<Uint8Array>({
              start: (given) => {
                controller = given;
              },
            });
            const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
            await answer(new Response(body, { headers }));
          }
          for (const text of texts) controller?.enqueue(new TextEncoder().encode(text));
          await settle();
        },
        async end() {
          controller?.close();
          await settle();
        },
        async break() {
          controller?.error(new TypeError('network error'));
          await settle();
        },
        isAborted: () => init.signal?.aborted === true,
      };
      calls.push(call);
    });
  const last = (): Call => {
    const call = calls.at(-1);
    if (call === undefined) throw new Error('no call yet');
    return call;
  };
  return { fetch: fetchIt, calls, last };
}

/** An event as it is sent. */
export function text(event: StreamEvent, id?: string): string {
  return `data: ${JSON.stringify(event)}\n${id === undefined ? '' : `id: ${id}\n`}\n`;
}

/** A snapshot; with `total` the first part of a larger one. */
export function init(data: Row[], total = data.length): StreamEvent {
  return {
    type: 'init',
    table: 't',
    key: 'id',
    columns: [{ name: 'id', type: 'number' }],
    data,
    total,
    more: total > data.length,
    heartbeat_ms: 10_000,
    timestamp: TIME,
  };
}
