/**
 * Peer: Bun, with a direct stream for each client, its quickest way to write a response piece by piece.
 */
import { obey } from '../servers/commands.ts';
import { nextEventText } from '../servers/event.ts';

interface DirectController {
  /** Bytes taken, or a promise when the client is slow. */
  write(bytes: Uint8Array): number | Promise<number>;
  flush(): number | Promise<number>;
}

declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    idleTimeout: number;
    fetch(request: Request): Response;
  }): { port: number };
  gc(force: boolean): void;
};

const encoder = new TextEncoder();
const clients = new Set<DirectController>();
let waiting: Promise<number>[] = [];
let count = 0;

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  fetch(request) {
    const source = {
      type: 'direct',
      pull(controller: DirectController): Promise<void> {
        clients.add(controller);
        controller.write(encoder.encode('retry: 2000\n\n'));
        controller.flush();
        return new Promise((resolve) => {
          request.signal.addEventListener('abort', () => {
            clients.delete(controller);
            resolve();
          });
        });
      },
    };
    // Bun's own kind of source, which the DOM's types do not know.
    const body: unknown = new ReadableStream(source as unknown as UnderlyingDefaultSource);
    return new Response(body as BodyInit, { headers: { 'Content-Type': 'text/event-stream' } });
  },
});

obey(
  {
    publish,
    drained,
    floodBatch: 1,
    collect: () => {
      Bun.gc(true);
      return {};
    },
  },
  server.port,
);

function publish(): void {
  const bytes = encoder.encode(nextEventText(count++));
  for (const client of clients) {
    client.write(bytes);
    const flushed = client.flush();
    if (typeof flushed !== 'number') waiting.push(flushed);
  }
}

function drained(): Promise<void> | undefined {
  if (waiting.length === 0) return undefined;
  const all = Promise.allSettled(waiting).then(() => {});
  waiting = [];
  return all;
}
