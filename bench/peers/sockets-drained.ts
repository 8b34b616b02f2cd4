/**
 * Waiting for slow sockets, for servers whose own interface has no word for it.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Resolves once none of `sockets` holds more than it should; undefined when that is so already. */
export function socketsDrained(sockets: Iterable<Socket>): Promise<void> | undefined {
  const slow: Promise<unknown>[] = [];
  for (const socket of sockets) {
    if (!socket.writableNeedDrain) continue;
    // A client that leaves meanwhile never drains.
    slow.push(Promise.race([once(socket, 'drain'), once(socket, 'close')]));
  }
  return slow.length === 0 ? undefined : Promise.all(slow).then(() => {});
}
