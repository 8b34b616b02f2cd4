/**
 * One of a load test's connections.
 */
import type { Clock } from '../../base/clock.ts';
import { Connection, type ConnectionHandlers } from '../stream/connection.ts';
import { EventScanner, type ScannedEvent, type ScannerHandlers } from '../stream/event-scanner.ts';
import type { Failure } from '../stream/failure.ts';
import type { ResponseHead } from '../stream/response-reader.ts';
import type { Target } from '../stream/target.ts';
import type { Tally } from './tally.ts';

export interface LoadClientOptions {
  target: Target;
  request: string;
  insecure: boolean;
  clock: Clock;
  tally: Tally;
  /** The stream is open, or will not be; called once. */
  onSettled: () => void;
}

export class LoadClient implements ConnectionHandlers, ScannerHandlers {
  /** Since the last look at it. */
  events = 0;
  readonly #options: LoadClientOptions;
  readonly #connection: Connection;
  readonly #scanner: EventScanner;
  readonly #startedAtMs: number;
  #openedAtMs = 0;
  #isOpen = false;
  #comments = 0;
  #nowMs = 0;

  constructor(options: LoadClientOptions) {
    this.#options = options;
    this.#scanner = new EventScanner(this);
    this.#startedAtMs = options.clock.now();
    this.#connection = new Connection(options.target, options.request, this, options);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  onHead({ status, headers }: ResponseHead): void {
    const problem = problemOf(status, headers);
    if (problem !== undefined) {
      this.onFailure(problem);
      this.#connection.close();
      return;
    }
    const { clock, tally, onSettled } = this.#options;
    this.#isOpen = true;
    this.#openedAtMs = clock.now();
    tally.openMs.add(this.#openedAtMs - this.#startedAtMs);
    tally.opened++;
    tally.open++;
    onSettled();
  }

  onBody(bytes: Buffer): void {
    const { clock, tally } = this.#options;
    this.#nowMs = clock.now();
    tally.bytes += bytes.length;
    this.#scanner.push(bytes);
    tally.comments += this.#scanner.comments - this.#comments;
    this.#comments = this.#scanner.comments;
  }

  onEvent(event: ScannedEvent): void {
    this.events++;
    this.#options.tally.takeEvent(event, this.#openedAtMs, this.#nowMs);
  }

  onEnd(): void {
    this.onFailure({ kind: 'ended', message: 'the server ended the stream' });
  }

  onFailure(failure: Failure): void {
    const { tally, onSettled } = this.#options;
    tally.takeFailure(failure);
    if (this.#isOpen) tally.open--;
    else onSettled();
    this.#isOpen = false;
  }

  close(): void {
    this.#connection.close();
  }
}

function problemOf(status: number, headers: ReadonlyMap<string, string>): Failure | undefined {
  const type = headers.get('content-type') ?? 'none';
  const coding = headers.get('content-encoding');
  if (status === 429 || status === 503) {
    const message = 'a limit of the server; sse-table has --max-connections and --max-per-address';
    return { kind: `status ${status}`, message };
  }
  if (status !== 200) {
    const to = headers.get('location');
    const message = to === undefined ? 'not a stream' : `redirected to ${to}; try that`;
    return { kind: `status ${status}`, message };
  }
  if (!/^text\/event-stream\s*(;|$)/i.test(type)) {
    return { kind: 'not an event stream', message: `Content-Type: ${type}` };
  }
  if (coding === undefined || coding === 'identity') return undefined;
  return { kind: 'compressed', message: `Content-Encoding: ${coding}; events cannot be counted` };
}
