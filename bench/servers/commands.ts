/**
 * A server's end of the benchmark: orders come as lines on standard input, answers go as JSON.
 */
import { createInterface } from 'node:readline';
import { flood, type Publisher, pace } from './publisher.ts';

/** Connections that may wait to be accepted: a storm is of 1,000, and none is to be dropped by the kernel. */
export const BACKLOG = 4_096;

export interface Commanded extends Publisher {
  /** Tidies memory up before it is measured. @returns what the server counts itself. */
  collect(): Record<string, number>;
}

/** Says that `server` listens on `port`, and obeys until standard input ends. */
export function obey(server: Commanded, port: number): void {
  const answer = (value: object): void => {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    const [order, ...numbers] = line.split(' ');
    const [first = 0, second = 0] = numbers.map(Number);
    if (order === 'pace') answer({ published: await pace(server, first, second) });
    else if (order === 'flood') answer({ published: await flood(server, first) });
    else answer(server.collect());
  });
  lines.on('close', () => process.exit(0));
  answer({ port });
}

/** Collects garbage where the runtime was told to allow it. */
export function collectGarbage(): void {
  globalThis.gc?.();
}
