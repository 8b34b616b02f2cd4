/** Clients that stall, leave and come back, for chaos. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../server/base/random.ts';
import type { StreamClient } from './stream-client.ts';

/** Between two of them, at most. */
const CALM_MS = 400;

/** Long enough that a busy server has more for the client than a socket takes. */
const STALL_MS = 1_500;

/** Until it is over, one client after the other does something that a network would do to it. */
export async function keepRestless(
  clients: readonly StreamClient[],
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await pause(random() * CALM_MS);
    const client = clients[Math.floor(random() * clients.length)];
    if (random() < 0.5) client?.drop();
    else {
      client?.stall();
      await pause(random() * STALL_MS);
      client?.resume();
    }
  }
}
