/**
 * Peer: better-sse, a well-kept library for the same need. Its module is given as the argument; its
 * options are its defaults, but for the keep-alive, which would disturb runs of a few seconds.
 */
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { BACKLOG, collectGarbage, obey } from '../servers/commands.ts';
import { nextEvent } from '../servers/event.ts';
import { socketsDrained } from './sockets-drained.ts';

/** What better-sse writes around an event's JSON. */
const FRAMING_BYTES = 'event:message\nid:1000000\ndata:\n\n'.length;

const FIRST_ID = 1_000_000;

/** The part of better-sse that is used. */
interface BetterSse {
  createSession(
    request: object,
    response: object,
    options: { keepAlive: null },
  ): Promise<{ on(event: 'disconnected', listener: () => void): void }>;
  createChannel(): {
    register(session: object): void;
    broadcast(data: unknown, event: string, options: { eventId: string }): void;
  };
}

const { createSession, createChannel }: BetterSse = await import(process.argv[2] ?? 'better-sse');
const channel = createChannel();
const sockets = new Set<Socket>();
let count = 0;

const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
  const session = await createSession(request, response, { keepAlive: null });
  channel.register(session);
  sockets.add(request.socket);
  request.socket.on('close', () => sockets.delete(request.socket));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  obey({ publish, drained: () => socketsDrained(sockets), floodBatch: 1, collect }, address.port);
});

function publish(): void {
  const event = nextEvent(count, FRAMING_BYTES);
  channel.broadcast(event, 'message', { eventId: String(FIRST_ID + count) });
  count++;
}

function collect(): Record<string, number> {
  collectGarbage();
  return {};
}
