/**
 * The pace of a client that is sent something long: what it has not read is waited for.
 *
 * @see SPEC 3.1 "streamed with back pressure", 3.2 "Write stall"
 */
import type { Clock } from '../base/clock.ts';
import type { Answerable } from './head.ts';
import { breakOff, isGone } from './message.ts';
import { sinkOf } from './sink-of.ts';

/** Waits until the client has read, or has gone; drops one that reads nothing for too long. */
export function drained(
  { request, response }: Answerable,
  clock: Clock,
  stallTimeoutMs: number,
): Promise<void> {
  if (isGone(response)) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      response.off('drain', finish);
      response.off('close', finish);
      resolve();
    };
    const pending = sinkOf(request, false);
    let before = pending.pendingBytes();
    const check = (): void => {
      const now = pending.pendingBytes();
      if (now >= before) {
        breakOff(response);
        return;
      }
      before = now;
      cancel = clock.after(stallTimeoutMs, check);
    };
    let cancel = clock.after(stallTimeoutMs, check);
    response.on('drain', finish);
    response.on('close', finish);
  });
}
