/**
 * The servers whose HTTP is measured: the program as users start it, and a bare node:http handler.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LineChild, numberOf } from '../measure/line-child.ts';
import { killAtExit } from './kill-at-exit.ts';

const PROGRAM = join(import.meta.dirname, '../../server/main.ts');

const BARE = join(import.meta.dirname, 'bare-http.ts');

/** Room for every client of a benchmark, all of which come from one address. */
const PROGRAM_ARGS = [
  '--port=0',
  '--create',
  '--log-level=error',
  '--max-connections=20000',
  '--max-per-address=20000',
];

/** A running server. Disposing of it ends it. */
export interface HttpServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly pids: readonly number[];
}

/** A way to start one, by name. */
export interface HttpContender {
  readonly name: string;
  start(): Promise<HttpServer>;
}

/** The real program, with all that a request meets there: limits, access rules, metrics. */
export const program: HttpContender = { name: 'sse-table', start: startProgram };

/** What a handler written for nothing but the benchmark does. */
export const bareHttp: HttpContender = { name: 'bare node:http handler', start: startBare };

async function startProgram(): Promise<HttpServer> {
  const child = spawn(process.execPath, [PROGRAM, ...PROGRAM_ARGS], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const letLive = killAtExit(child);
  let port = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? 0);
    if (port > 0) break;
  }
  if (port === 0) throw new Error('the program ended before it printed its URL');
  // It says no more that matters, but must not meet a closed pipe.
  child.stdout.resume();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pids: [child.pid ?? 0],
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      letLive();
    },
  };
}

async function startBare(): Promise<HttpServer> {
  const child = new LineChild(process.execPath, [BARE]);
  const port = numberOf(await child.ready, 'port');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pids: [child.pid],
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
