/**
 * A Redis for the tests: found, or on a bare Debian installed, or absent; on a free port of 127.0.0.1,
 * with its data in a temporary folder, and gone afterwards.
 *
 * @see DESIGN 3 "Tests get their own real services"
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { findProgram } from './package.ts';

/** It starts within a second; a busy machine may take longer. */
const START_LIMIT_MS = 30_000;

/** Why a test of Redis is skipped. */
export const NO_REDIS =
  'no Redis: install one, or name it in SSE_TABLE_REDIS=/path/to/redis-server';

/** The server's path; undefined where there is none. */
export function findRedis(): string | undefined {
  return findProgram('redis-server', { variable: 'SSE_TABLE_REDIS', packageName: 'redis-server' });
}

/** A running Redis that keeps every write on disk. Disposing of it removes it. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sse-table-redis-'));
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGKILL');
  };

  private constructor(program: string, port: number) {
    this.#program = program;
    this.port = port;
    process.once('exit', this.#killAtExit);
  }

  /** Starts one. @throws {Error} `NO_REDIS`, or what it said. */
  static async create(): Promise<RedisServer> {
    const program = findRedis();
    if (program === undefined) throw new Error(NO_REDIS);
    const server = new RedisServer(program, await freePort());
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts it again after `kill`, with the data it had. */
  async start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.#folder];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const child = spawn(this.#program, [...settings, ...durable], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    let log = '';
    child.stdout.on('data', (chunk) => {
      if (log.length < 100_000) log += chunk;
      if (log.includes('Ready to accept connections')) ready.resolve();
    });
    this.#exited = new Promise((resolve) => {
      child.on('error', ready.reject);
      child.on('close', () => {
        ready.reject(new Error(`redis-server ended:\n${log}`));
        resolve();
      });
    });
    const limit = setTimeout(() => ready.reject(new Error(`no start:\n${log}`)), START_LIMIT_MS);
    await ready.promise.finally(() => clearTimeout(limit));
  }

  /** As a power cut. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** It accepts and does not answer, until `resume`. */
  stall(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Runs a command on a connection of its own. */
  async run(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, RESP: 2, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined); // the command fails with it
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAtExit);
    this.resume();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
