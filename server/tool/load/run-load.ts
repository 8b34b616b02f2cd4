/**
 * `sse-table load URL`: opens connections, holds them for a while, and reports what arrived.
 */
import { lookup } from 'node:dns/promises';
import { SseTableError } from '../../base/errors.ts';
import { pause } from '../../base/pause.ts';
import type { Vitals } from '../../base/vitals.ts';
import { ProgressBar } from '../progress-bar.ts';
import { failureOf } from '../stream/failure.ts';
import { readTarget, requestText, shownUrl, type Target } from '../stream/target.ts';
import type { Terminal } from '../terminal.ts';
import { LoadClient } from './load-client.ts';
import { loadReport, loadReportText } from './load-report.ts';
import { Tally } from './tally.ts';

/** Connections that wait for their head at a time: more would only queue in the kernel. */
const MAX_OPENING = 500;

/** How often connections are opened, the bar is drawn and rates are looked at. */
const TICK_MS = 20;
const DRAW_MS = 200;

export interface LoadOptions {
  connections: number;
  /** Milliseconds, once all are open. */
  for: number;
  /** Milliseconds over which they are opened. */
  ramp: number;
  timestamp: string | undefined;
  json: boolean;
  header: readonly string[];
  insecure: boolean;
}

/**
 * Opens, measures, prints the report, closes.
 * @returns the exit code: 0 when every connection was opened and stayed, else 1.
 * @throws {SseTableError} `bad_option`.
 */
export async function runLoad(
  url: string,
  options: LoadOptions,
  terminal: Terminal,
  vitals: Vitals,
): Promise<number> {
  const { clock, stdout, signal } = terminal;
  const target = readTarget(url, options.header);
  const test = new LoadTest(target, options, terminal);
  await test.open();
  vitals.takeLoopDelay();
  const cpuBefore = vitals.cpuMicros();
  const startedAtMs = clock.now();
  await test.measure();
  const tookMs = clock.now() - startedAtMs;
  const cpuPercent = (vitals.cpuMicros() - cpuBefore) / 10 / Math.max(1, tookMs);
  const report = loadReport({
    url: shownUrl(target),
    wanted: options.connections,
    seconds: tookMs / 1_000,
    tally: test.tally,
    eventsOfEach: test.eventsOfEach,
    cpuPercent,
    loopDelayP99Ms: vitals.takeLoopDelay().p99Ms,
  });
  test.close();
  vitals.stop();
  stdout.write(options.json ? `${JSON.stringify(report)}\n` : loadReportText(report));
  const isWell = test.tally.failures.size === 0 && test.tally.opened === options.connections;
  return isWell || (signal.aborted && test.tally.failures.size === 0) ? 0 : 1;
}

class LoadTest {
  readonly tally: Tally;
  readonly #clients = new Set<LoadClient>();
  readonly #target: Target;
  readonly #options: LoadOptions;
  readonly #terminal: Terminal;
  readonly #bar: ProgressBar;
  #settled = 0;

  constructor(target: Target, options: LoadOptions, terminal: Terminal) {
    this.#target = target;
    this.#options = options;
    this.#terminal = terminal;
    this.#bar = new ProgressBar(terminal.stderr);
    this.tally = new Tally(options.timestamp, terminal.random);
  }

  get eventsOfEach(): number[] {
    return Array.from(this.#clients).flatMap(({ isOpen, events }) => (isOpen ? [events] : []));
  }

  /** Opens all within the ramp, or as soon as the server takes them. */
  async open(): Promise<void> {
    const { clock, signal } = this.#terminal;
    const { connections: wanted, ramp, insecure } = this.#options;
    const target = await this.#resolved();
    const request = requestText(this.#target);
    const { tally } = this;
    const onSettled = (): void => {
      this.#settled++;
    };
    const startedAtMs = clock.now();
    let begun = 0;
    for (let ticks = 0; this.#settled < wanted && !signal.aborted; ticks++) {
      const share = ramp === 0 ? 1 : (clock.now() - startedAtMs) / ramp;
      const due = Math.min(wanted, Math.ceil(wanted * share), this.#settled + MAX_OPENING);
      for (; begun < due; begun++) {
        this.#clients.add(new LoadClient({ target, request, insecure, clock, tally, onSettled }));
      }
      if (ticks % (DRAW_MS / TICK_MS) === 0) {
        this.#bar.show(tally.opened / wanted, `${tally.opened} of ${wanted} connections open`);
      }
      await pause(clock, TICK_MS, signal);
    }
  }

  async measure(): Promise<void> {
    const { clock, signal } = this.#terminal;
    const { tally } = this;
    const { for: forMs } = this.#options;
    tally.reset();
    for (const client of this.#clients) client.events = 0;
    const startedAtMs = clock.now();
    let before = 0;
    let beforeMs = 0;
    for (let atMs = 0; atMs < forMs && tally.open > 0 && !signal.aborted; ) {
      await pause(clock, Math.min(DRAW_MS, forMs - atMs), signal);
      atMs = clock.now() - startedAtMs;
      const rate = Math.round(((tally.events - before) * 1_000) / Math.max(1, atMs - beforeMs));
      tally.setEventRate(rate);
      [before, beforeMs] = [tally.events, atMs];
      const seconds = (atMs / 1_000).toFixed(0);
      this.#bar.show(atMs / forMs, `${seconds} s  ${tally.open} open  ${rate} events/s`);
    }
    this.#bar.clear();
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  /** The name is looked up once, not for each connection. */
  async #resolved(): Promise<Target> {
    try {
      return { ...this.#target, host: (await lookup(this.#target.host)).address };
    } catch (error) {
      throw new SseTableError(
        'bad_option',
        `${shownUrl(this.#target)}: ${failureOf(error).message}`,
        { cause: error },
      );
    }
  }
}
