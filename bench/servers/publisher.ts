/**
 * The one publisher of all servers: so many a second, or as fast as the server takes them.
 */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

const MS_PER_SECOND = 1_000;

export interface Publisher {
  /** Publishes one event. */
  publish(): void;
  /** Resolves once every client has taken what was written; undefined when that is so already. */
  drained(): Promise<void> | undefined;
  /** Events published between two turns of the event loop when going as fast as possible. */
  readonly floodBatch: number;
}

/** Publishes `perSecond` for `forMs`, as evenly as timers allow. @returns how many. */
export async function pace(
  publisher: Publisher,
  perSecond: number,
  forMs: number,
): Promise<number> {
  const startMs = performance.now();
  const intervalMs = MS_PER_SECOND / perSecond;
  let published = 0;
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs >= forMs) return published;
    for (const due = Math.floor(elapsedMs / intervalMs); published <= due; published++) {
      publisher.publish();
    }
    await sleep(Math.max(1, startMs + published * intervalMs - performance.now()));
  }
}

/** Publishes without rest for `forMs`, waiting for clients only. @returns how many. */
export async function flood(publisher: Publisher, forMs: number): Promise<number> {
  const endMs = performance.now() + forMs;
  let published = 0;
  while (performance.now() < endMs) {
    for (let index = 0; index < publisher.floodBatch; index++) publisher.publish();
    published += publisher.floodBatch;
    await (publisher.drained() ?? turn());
  }
  return published;
}
