/**
 * What processes have used, as the Linux kernel tells it, so that a server in any language is
 * measured alike and from outside.
 */
import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_US = 1_000;

const BYTES_PER_KB = 1_024;

export interface Usage {
  /** Processor time of all threads since they began, in µs. */
  cpuUs: number;
  /** Resident memory in bytes. */
  rssBytes: number;
}

/**
 * The sum over the processes `pids`.
 *
 * CPU comes from the scheduler's own account of each thread, in ns; `/proc/<pid>/stat` knows only
 * ticks of 10 ms. The system calls a process makes, and what the loopback device does within them,
 * are in it.
 * @throws {Error} where there is no such process, or no Linux.
 */
export function usageOf(pids: readonly number[]): Usage {
  let cpuUs = 0;
  let rssBytes = 0;
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [cpuNs = '0'] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(
        ' ',
      );
      cpuUs += Number(cpuNs) / NS_PER_US;
    }
    const [, kilobytes = '0'] =
      /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    rssBytes += Number(kilobytes) * BYTES_PER_KB;
  }
  return { cpuUs, rssBytes };
}

/** The files that one process may have open. Node raises its own soft limit to the hard one. */
export function maxOpenFiles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const [, hard = 'unlimited'] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
