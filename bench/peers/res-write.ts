/**
 * Peer: what most programs do. node:http, and `response.write` of a text for each client.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BACKLOG, collectGarbage, obey } from '../servers/commands.ts';
import { nextEventText } from '../servers/event.ts';
import { socketsDrained } from './sockets-drained.ts';

const clients = new Map<ServerResponse, Socket>();
let count = 0;

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.flushHeaders();
  clients.set(response, request.socket);
  response.on('close', () => clients.delete(response));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const drained = () => socketsDrained(clients.values());
  obey({ publish, drained, floodBatch: 1, collect }, address.port);
});

function publish(): void {
  const text = nextEventText(count++);
  for (const response of clients.keys()) response.write(text);
}

function collect(): Record<string, number> {
  collectGarbage();
  return {};
}
