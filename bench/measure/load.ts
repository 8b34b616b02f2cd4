/**
 * One run of one HTTP server under autocannon: requests answered, and what they cost the server.
 */
import autocannon, { type Options } from 'autocannon';
import type { HttpServer } from '../servers/http-servers.ts';
import { usageOf } from './process-usage.ts';

/** Requests whose code is not compiled yet are not measured. */
const WARM_S = 1.5;

const QUICK_WARM_S = 0.3;

export interface Load {
  perSecond: number;
  /** Server CPU of a request, in µs: what counts where the client is the one that is busy. */
  cpuUs: number;
  p50Ms: number;
  p99Ms: number;
}

export type LoadOptions = Omit<Options, 'url' | 'duration'>;

/**
 * Loads `path` of `server` for `seconds`.
 * @throws {Error} when a request failed: figures of refusals are none.
 */
export async function load(
  server: HttpServer,
  path: string,
  { seconds, ...options }: LoadOptions & { seconds: number },
): Promise<Load> {
  const url = `${server.url}${path}`;
  await autocannon({ ...options, url, duration: seconds < 1 ? QUICK_WARM_S : WARM_S });
  const before = usageOf(server.pids);
  const result = await autocannon({ ...options, url, duration: seconds });
  const after = usageOf(server.pids);
  const { errors, timeouts, non2xx, requests, latency, duration } = result;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(`${url}: ${errors} errors, ${timeouts} time-outs, ${non2xx} refused`);
  }
  return {
    perSecond: requests.total / duration,
    cpuUs: (after.cpuUs - before.cpuUs) / requests.total,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
  };
}
