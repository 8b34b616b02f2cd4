/**
 * Peer: the least a Node program can do. Bare TCP sockets, one buffer encoded per event, one
 * `write` for each client: the system calls of a fan-out and nothing else.
 *
 * With a size as its argument, it first writes each client that many bytes, as a snapshot is: in
 * chunks of 64 KiB, all encoded beforehand.
 */
import { createServer, type Socket } from 'node:net';
import { BACKLOG, collectGarbage, obey } from '../servers/commands.ts';
import { nextEventText } from '../servers/event.ts';
import { socketsDrained } from './sockets-drained.ts';

const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

/** How our own server cuts a snapshot. */
const WELCOME_CHUNK_BYTES = 64 * 1_024;

/** The end of a snapshot, for which a client of a storm waits. */
const READY = 'data: {"type":"ready","total":0}\n\n';

const [welcomeBytes = 0] = process.argv.slice(2).map(Number);
const welcome = encodeWelcome();
const clients = new Set<Socket>();
let count = 0;

const server = createServer({ noDelay: true }, (socket) => {
  socket.once('data', () => {
    socket.write(HEAD);
    clients.add(socket);
    writeWelcome(socket, 0);
  });
  socket.on('close', () => clients.delete(socket));
  // What follows is `close`.
  socket.on('error', () => {});
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  obey({ publish, drained: () => socketsDrained(clients), floodBatch: 1, collect }, address.port);
});

function encodeChunk(text: string): Buffer {
  return Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`, 'latin1');
}

function encodeWelcome(): Buffer[] {
  const chunks: Buffer[] = [];
  for (let left = welcomeBytes; left > 0; left -= WELCOME_CHUNK_BYTES) {
    chunks.push(encodeChunk('x'.repeat(Math.min(left, WELCOME_CHUNK_BYTES))));
  }
  if (welcomeBytes > 0) chunks.push(encodeChunk(READY));
  return chunks;
}

function writeWelcome(socket: Socket, from: number): void {
  for (let index = from; index < welcome.length; index++) {
    const chunk = welcome[index];
    if (chunk === undefined || socket.write(chunk)) continue;
    socket.once('drain', () => writeWelcome(socket, index + 1));
    return;
  }
}

function publish(): void {
  const chunk = encodeChunk(nextEventText(count++));
  for (const socket of clients) socket.write(chunk);
}

function collect(): Record<string, number> {
  collectGarbage();
  return {};
}
