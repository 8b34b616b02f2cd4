/**
 * Starts worker processes of this program by node:cluster, which shares the listening socket among
 * them; each has a private pipe to the primary.
 *
 * @see SPEC 9 "--workers N"
 */
import cluster from 'node:cluster';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { WorkerProcess } from './cluster/crew.ts';

/** Set in a worker's environment: other managers run this program as a cluster's worker too. */
const WORKER_VARIABLE = 'SSE_TABLE_WORKER';

/** Where a worker finds the pipe, after standard input, outputs and node:cluster's own channel. */
const PIPE_FD = 4;

/** Makes the function that starts a worker. Standard input stays the primary's. */
export function createFork(): () => WorkerProcess {
  // The worker is told by the primary what it needs, so that it has no arguments of its own.
  cluster.setupPrimary({ args: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'] });
  return () => {
    const worker = cluster.fork({ [WORKER_VARIABLE]: '1' });
    const pipe = worker.process.stdio[PIPE_FD];
    const { pid } = worker.process;
    if (!(pipe instanceof Duplex) || pid === undefined) {
      throw new Error('a worker process could not be started');
    }
    const ended = new Promise<string>((resolve) => {
      worker.once('exit', (code, signal) => resolve(signal || `exit code ${code}`));
    });
    return { pid, pipe, ended, kill: () => worker.process.kill('SIGKILL') };
  };
}

/** The pipe to the primary; undefined where this process is no worker. */
export function openPipe(env: Readonly<Record<string, string | undefined>>): Duplex | undefined {
  if (!cluster.isWorker || env[WORKER_VARIABLE] !== '1') return undefined;
  return new Socket({ fd: PIPE_FD, readable: true, writable: true });
}
