/**
 * A bare server for tests of the tools: each request is answered as the test says.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ScriptedServer extends AsyncDisposable {
  url: string;
  /** All requests so far. */
  requests: IncomingMessage[];
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Listens on a free port. `count` is that of the requests before. */
export async function scriptedServer(answer: Answer): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/stream`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const STREAM = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' };
