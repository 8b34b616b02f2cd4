/**
 * `sse-table tail URL`: a stream as lines, for as long as it lasts.
 *
 * @see SPEC 3.2 "Resume"
 */
import { pause } from '../../base/pause.ts';
import { backoffMs } from '../../base/retry.ts';
import { Connection } from '../stream/connection.ts';
import { EventScanner, type ScannedEvent } from '../stream/event-scanner.ts';
import type { Failure } from '../stream/failure.ts';
import type { ResponseHead } from '../stream/response-reader.ts';
import { type Header, readTarget, requestText, shownUrl, type Target } from '../stream/target.ts';
import { styled, type Terminal } from '../terminal.ts';
import { EventDescriber } from './describe-event.ts';

/** Until the server says its own. */
const DEFAULT_RETRY_MS = 1_000;

const MAX_WAIT_MS = 30_000;

const MAX_REDIRECTS = 5;

/** Statuses that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** `end` with one of these reasons, and there is nothing to come back for. */
const FINAL_REASONS: ReadonlySet<unknown> = new Set(['stopped', 'expired', 'unauthorized']);

export interface TailOptions {
  json: boolean;
  /** 0: no limit. */
  max: number;
  lastEventId: string | undefined;
  heartbeats: boolean;
  header: readonly string[];
  insecure: boolean;
}

/** How one connection ended. `again`: a loss that another try may mend. */
type Outcome =
  | { kind: 'again'; why: string; retryAfterMs?: number }
  | { kind: 'redirect'; location: string }
  | { kind: 'done' }
  | { kind: 'failed'; why: string };

/**
 * Prints until the stream ends for good, `max` events have been printed, or the terminal's signal.
 * @returns the exit code.
 * @throws {SseTableError} `bad_option`.
 */
export async function runTail(
  url: string,
  options: TailOptions,
  terminal: Terminal,
): Promise<number> {
  const tail = new Tail(readTarget(url, options.header), options, terminal);
  return tail.run();
}

class Tail {
  readonly #options: TailOptions;
  readonly #terminal: Terminal;
  readonly #describer: EventDescriber;
  #target: Target;
  #lastEventId: string;
  #retryMs = DEFAULT_RETRY_MS;
  #printed = 0;
  #attempts = 0;

  constructor(target: Target, options: TailOptions, terminal: Terminal) {
    this.#target = target;
    this.#options = options;
    this.#terminal = terminal;
    this.#describer = new EventDescriber(terminal.stdout, options.heartbeats);
    this.#lastEventId = options.lastEventId ?? '';
  }

  async run(): Promise<number> {
    const { clock, random, signal } = this.#terminal;
    for (let redirects = 0; !signal.aborted; ) {
      const outcome = await this.#connect();
      switch (outcome.kind) {
        case 'done':
          return 0;
        case 'failed':
          this.#say(outcome.why);
          return 1;
        case 'redirect':
          if (redirects++ === MAX_REDIRECTS) {
            this.#say(`redirected more than ${MAX_REDIRECTS} times`);
            return 1;
          }
          this.#target = this.#redirected(outcome.location);
          continue;
        case 'again': {
          const backOff = backoffMs(this.#attempts++, this.#retryMs, MAX_WAIT_MS, random);
          const waitMs = Math.max(backOff, outcome.retryAfterMs ?? 0);
          const seconds = (waitMs / 1_000).toFixed(1);
          this.#say(`${outcome.why}; trying again in ${seconds} s`);
          await pause(clock, waitMs, signal);
        }
      }
    }
    return 0;
  }

  /** Headers with credentials go to no other origin than the one they were given for. */
  #redirected(location: string): Target {
    const url = new URL(location, this.#target.url);
    const isSame = url.origin === this.#target.url.origin;
    return { ...readTarget(url.href, []), headers: isSame ? this.#target.headers : [] };
  }

  #connect(): Promise<Outcome> {
    const { clock, stdout, signal } = this.#terminal;
    const { insecure, max } = this.#options;
    const resuming: Header[] =
      this.#lastEventId === '' ? [] : [['Last-Event-ID', this.#lastEventId]];
    return new Promise((resolve) => {
      let end: unknown;
      let isHeld = false;
      const finish = (outcome: Outcome): void => {
        signal.removeEventListener('abort', onAbort);
        connection.close();
        resolve(outcome);
      };
      const lost = (why: string): void =>
        finish(FINAL_REASONS.has(end) ? { kind: 'done' } : { kind: 'again', why });
      const scanner = new EventScanner(
        {
          onEvent: (event) => {
            if (connection.isClosed) return;
            const text = this.#textOf(event);
            this.#lastEventId = event.lastEventId;
            end = endReason(event) ?? end;
            this.#attempts = 0;
            if (text === '') return;
            if (!stdout.write(text) && !isHeld) {
              isHeld = true;
              connection.pause();
              stdout.once('drain', () => {
                isHeld = false;
                connection.resume();
              });
            }
            if (++this.#printed === max) finish({ kind: 'done' });
          },
          onRetry: (ms) => {
            this.#retryMs = ms;
          },
        },
        this.#lastEventId,
      );
      const onAbort = (): void => finish({ kind: 'done' });
      const connection = new Connection(
        this.#target,
        requestText(this.#target, { headers: resuming }),
        {
          onHead: (head) => {
            const outcome = judge(head);
            if (outcome !== undefined) finish(outcome);
          },
          onBody: (bytes) => scanner.push(bytes),
          onEnd: () => lost('the stream has ended'),
          onFailure: ({ kind, message }: Failure) =>
            kind === 'certificate' || kind === 'not HTTP'
              ? finish({ kind: 'failed', why: message })
              : lost(message),
        },
        { clock, insecure },
      );
      signal.addEventListener('abort', onAbort);
    });
  }

  #textOf({ data, name }: ScannedEvent): string {
    const text = data.toString();
    if (this.#options.json) return `${jsonLine(text)}\n`;
    return this.#describer.describe(text, name, this.#terminal.clock.now());
  }

  #say(text: string): void {
    const { stderr } = this.#terminal;
    stderr.write(styled(stderr, 'dim', `sse-table tail: ${shownUrl(this.#target)}: ${text}\n`));
  }
}

/** @returns undefined for a stream. */
function judge({ status, headers }: ResponseHead): Outcome | undefined {
  const type = headers.get('content-type') ?? 'none';
  if (status === 200 && /^text\/event-stream\s*(;|$)/i.test(type)) return undefined;
  if (status === 200) return { kind: 'failed', why: `not an event stream: Content-Type ${type}` };
  if (status === 204) return { kind: 'done' };
  const location = headers.get('location');
  const isRedirect = status >= 301 && status <= 308 && location !== undefined;
  if (isRedirect) return { kind: 'redirect', location };
  const why = `the server answers ${status}`;
  if (!PASSING.has(status)) return { kind: 'failed', why };
  const seconds = Number(headers.get('retry-after'));
  return { kind: 'again', why, retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
}

/** Data that is JSON, without line breaks; any other as a JSON string: each line can be parsed. */
function jsonLine(data: string): string {
  try {
    const value: unknown = JSON.parse(data);
    return data.includes('\n') ? JSON.stringify(value) : data;
  } catch {
    return JSON.stringify(data);
  }
}

function endReason({ data, name }: ScannedEvent): unknown {
  if (name !== '' || !data.includes('"end"')) return undefined;
  try {
    const event: unknown = JSON.parse(data.toString());
    const isEnd =
      typeof event === 'object' && event !== null && 'type' in event && event.type === 'end';
    return isEnd && 'reason' in event ? event.reason : undefined;
  } catch {
    return undefined; // text that happens to hold the word
  }
}
