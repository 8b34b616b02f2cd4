/**
 * A Crowd: up to ten thousand subscribers, in a few processes of their own, counted as one.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, LineChild, numberOf } from './line-child.ts';

const PROGRAM = join(import.meta.dirname, 'crowd-process.ts');

/** Sockets that one process reads without falling behind. */
const MAX_PER_PROCESS = 5_000;

/** Subscribers that look at every change. */
const SAMPLES = 20;

/** Connections being opened at once, unless it is a storm. */
const AT_ONCE = 50;

/** Nothing new for this long: everything has arrived. */
const QUIET_MS = 150;

/** What a process of the crowd is told. */
export type CrowdOrder =
  | {
      do: 'open';
      port: number;
      path: string;
      count: number;
      samples: number;
      atOnce: number;
      gzip: boolean;
      untilReady: boolean;
    }
  | { do: 'churn'; port: number; path: string; atOnce: number; forMs: number }
  | { do: 'stop'; count: number }
  | { do: 'reset' }
  | { do: 'count' }
  | { do: 'leave' };

export interface CrowdOptions {
  port: number;
  path: string;
  count: number;
  gzip?: boolean;
  /** All connect at once, and wait for the end of a snapshot in several parts. */
  storm?: boolean;
}

/** What the crowd has received since it was reset. */
export interface CrowdCount {
  bytes: number;
  /** Changes received by all: counted by those who look, and for the others told by their bytes. */
  changes: number;
  /** Since the reset, in seconds. */
  seconds: number;
  /** Subscribers that received nothing. */
  silent: number;
  /** From publishing to reading, ascending, in µs, of those who look. */
  latenciesUs: Float64Array;
  /** From the newest change's publishing to the last subscriber's reading, in µs. */
  lastDelayUs: number;
}

/** Subscribers. Disposing of it closes them all. */
export class Crowd implements AsyncDisposable {
  /** From the first connection's opening until all had what they waited for, in µs. */
  readonly openedInUs: number;
  readonly #processes: readonly LineChild[];

  private constructor(processes: readonly LineChild[], openedInUs: number) {
    this.#processes = processes;
    this.openedInUs = openedInUs;
  }

  /** Opens `count` connections and waits until each has read something. */
  static async open(options: CrowdOptions): Promise<Crowd> {
    const { port, path, count, gzip = false, storm = false } = options;
    const processes = await startProcesses(Math.ceil(count / MAX_PER_PROCESS));
    const share = Math.ceil(count / processes.length);
    const answers = await Promise.all(
      processes.map((process, index) => {
        const mine = Math.min(share, count - index * share);
        const samples = Math.ceil(SAMPLES / processes.length);
        const atOnce = storm ? mine : AT_ONCE;
        return tell(process, {
          do: 'open',
          port,
          path,
          count: mine,
          samples: storm ? 0 : samples,
          atOnce,
          gzip,
          untilReady: storm,
        });
      }),
    );
    const tookUs = answers.map((answer) => numberOf(answer, 'tookUs'));
    return new Crowd(processes, Math.max(...tookUs));
  }

  /** Starts counting anew. */
  async reset(): Promise<void> {
    await Promise.all(this.#processes.map((process) => tell(process, { do: 'reset' })));
  }

  async count(): Promise<CrowdCount> {
    const answers = await Promise.all(
      this.#processes.map((process) => tell(process, { do: 'count' })),
    );
    const sum = (name: string) =>
      answers.reduce((total, answer) => total + numberOf(answer, name), 0);
    const max = (name: string) => Math.max(...answers.map((answer) => numberOf(answer, name)));
    const bytes = sum('bytes');
    const sampledBytes = sum('sampledBytes');
    const latenciesUs = answers.flatMap(({ latenciesUs: list }) =>
      Array.isArray(list) ? list.map(Number) : [],
    );
    return {
      bytes,
      changes: sampledBytes === 0 ? 0 : (bytes * sum('sampledChanges')) / sampledBytes,
      seconds: max('tookUs') / 1e6,
      silent: sum('silent'),
      latenciesUs: Float64Array.from(latenciesUs).sort(),
      lastDelayUs: max('lastUs') - max('newestUs'),
    };
  }

  /** Waits until nothing more arrives. @returns the count. */
  async settled(): Promise<CrowdCount> {
    let last = await this.count();
    for (;;) {
      await sleep(QUIET_MS);
      const now = await this.count();
      if (now.bytes === last.bytes) return now;
      last = now;
    }
  }

  /** `count` of them read nothing any more, and are no longer counted. */
  async stop(count: number): Promise<void> {
    const [first] = this.#processes;
    if (first !== undefined) await tell(first, { do: 'stop', count });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => tell(process, { do: 'leave' })));
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
  }
}

/** Clients that open a stream and leave, `atOnce` at a time, for a while. @returns how many streams. */
export async function churnStreams(
  server: { port: number; path: string },
  { atOnce, forMs }: { atOnce: number; forMs: number },
): Promise<number> {
  const { port, path } = server;
  const [process] = await startProcesses(1);
  if (process === undefined) throw new Error('no process');
  await using client = process;
  return numberOf(await tell(client, { do: 'churn', port, path, atOnce, forMs }), 'streams');
}

async function startProcesses(count: number): Promise<LineChild[]> {
  const processes = Array.from({ length: count }, () => new LineChild(process.execPath, [PROGRAM]));
  await Promise.all(processes.map(({ ready }) => ready));
  return processes;
}

function tell(process: LineChild, order: CrowdOrder): Promise<Answer> {
  return process.ask(JSON.stringify(order));
}
