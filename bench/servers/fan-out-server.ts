/**
 * A server whose fan-out is measured, as the benchmark sees it; ours and its peers alike.
 */
import { join } from 'node:path';
import { type Answer, LineChild, numberOf } from '../measure/line-child.ts';

/** A running server. Disposing of it ends it. */
export interface FanOutServer extends AsyncDisposable {
  readonly port: number;
  /** The path of its stream. */
  readonly path: string;
  /** Its processes: what they use is what it costs. */
  readonly pids: readonly number[];
  /** Publishes so many events a second for a while. @returns how many it published. */
  pace(perSecond: number, forMs: number): Promise<number>;
  /** Publishes as fast as it can for a while. @returns how many it published. */
  flood(forMs: number): Promise<number>;
  /** Collects garbage. @returns what the server counts itself, which only ours does. */
  collect(): Promise<Answer>;
}

/** A way to start a server, by name. */
export interface Contender {
  readonly name: string;
  start(): Promise<FanOutServer>;
}

/** Starts a program that obeys `commands.ts`. */
export async function startObedient(
  command: string,
  args: readonly string[],
): Promise<FanOutServer> {
  const child = new LineChild(command, args);
  const port = numberOf(await child.ready, 'port');
  const publish = async (order: string): Promise<number> =>
    numberOf(await child.ask(order), 'published');
  return {
    port,
    path: '/',
    pids: [child.pid],
    pace: (perSecond, forMs) => publish(`pace ${perSecond} ${forMs}`),
    flood: (forMs) => publish(`flood ${forMs}`),
    collect: () => child.ask('collect'),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Starts a file of bench/ with this Node. */
export function startNode(file: string, args: readonly string[] = []): Promise<FanOutServer> {
  const path = join(import.meta.dirname, '..', file);
  return startObedient(process.execPath, ['--expose-gc', path, ...args]);
}

/** How our own server may be set up. */
export interface StreamServerOptions {
  rows?: number;
  eventBytes?: number;
}

/** Our own server. */
export function sseTable({ rows = 1_000, eventBytes }: StreamServerOptions = {}): Contender {
  const args = ['--rows', String(rows)];
  if (eventBytes !== undefined) args.push('--event-bytes', String(eventBytes));
  return { name: 'sse-table', start: () => startNode('servers/stream-server.ts', args) };
}

/** The least a Node program can do; `welcomeBytes` stand for a snapshot. */
export function writeLoop(welcomeBytes = 0): Contender {
  return {
    name: 'Node, bare write loop',
    start: () => startNode('peers/write-loop.ts', [String(welcomeBytes)]),
  };
}
