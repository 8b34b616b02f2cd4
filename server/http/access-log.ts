/**
 * The access log: a line for each request.
 *
 * @see SPEC 3.7 "access log on or off"
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { HttpRequest } from './message.ts';

/** The line for a request that has just come, to be written when its answer has ended. */
export function accessLine(
  { clock, log }: { clock: Clock; log: Log },
  { method, url }: HttpRequest,
  address: string,
): (status: number) => void {
  const startedMs = clock.now();
  return (status) =>
    log.info('request', { method, url, status, ms: clock.now() - startedMs, address });
}
