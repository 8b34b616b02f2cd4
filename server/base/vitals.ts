/**
 * The vitals of this process and machine, passed in like the clock: memory, CPU, event-loop delay.
 *
 * @see SPEC 3.7
 */
import { loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { constrainedMemory, cpuUsage, memoryUsage } from 'node:process';
import { getHeapStatistics } from 'node:v8';

/** How finely delays are measured; each tick costs about 2 µs. */
const DELAY_RESOLUTION_MS = 20;

const NS_PER_MS = 1e6;

/** Bytes. */
export interface Memory {
  rss: number;
  heapUsed: number;
  heapTotal: number;
  external: number;
  /** What the machine, or the container, has. */
  limit: number;
  /** The larger of rss ÷ limit and used heap ÷ the most that V8 takes: 1 is the end. */
  share: number;
}

/** By how much the event loop was late, in ms. */
export interface LoopDelay {
  p50Ms: number;
  p99Ms: number;
}

export interface Vitals {
  memory(): Memory;
  /** CPU time used since the start, in µs, of all threads. */
  cpuMicros(): number;
  /** Load of the machine in the last 1, 5 and 15 minutes. */
  load(): readonly number[];
  /** Delays since the last call. */
  takeLoopDelay(): LoopDelay;
  /** Stops measuring. */
  stop(): void;
}

/** The real ones, measured from now on. */
export function createVitals(): Vitals {
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delays.enable();
  const heapLimit = getHeapStatistics().heap_size_limit;
  return {
    memory() {
      const { rss, heapUsed, heapTotal, external } = memoryUsage();
      // Without a limit, constrainedMemory() is 0 or far beyond what the machine has.
      const limit = Math.min(constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
      const share = Math.max(rss / limit, heapUsed / heapLimit);
      return { rss, heapUsed, heapTotal, external, limit, share };
    },
    cpuMicros() {
      const { user, system } = cpuUsage();
      return user + system;
    },
    load: loadavg,
    takeLoopDelay() {
      const p50Ms = lateness(delays.percentile(50));
      const p99Ms = lateness(delays.percentile(99));
      delays.reset();
      return { p50Ms, p99Ms };
    },
    stop: () => delays.disable(),
  };
}

/** The histogram holds whole intervals, in ns; what is above the resolution is delay. */
function lateness(intervalNs: number): number {
  return Math.max(0, intervalNs / NS_PER_MS - DELAY_RESOLUTION_MS);
}
