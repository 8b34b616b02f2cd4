/**
 * Subscribers over raw sockets: cheap enough that the server is what is measured. All count bytes;
 * the first also counts the changes in them. One process holds many.
 */
import { connect, type Socket } from 'node:net';

/** Read buffer shared by all sockets: what is read is only counted. */
const buffer = Buffer.alloc(256 * 1_024);

const [port = '0', count = '0', path = '/'] = process.argv.slice(2);
const sockets: Socket[] = [];
const bytes: number[] = [];
let sampledChanges = 0;
let sampleTail = '';

process.on('message', (message) => {
  if (message === 'count') process.send?.({ bytes, sampledChanges });
  if (message === 'stop-first') sockets[1]?.pause();
  if (message === 'close') process.exit(0);
});

for (let index = 0; index < Number(count); index++) {
  await open(index);
}
process.send?.({ connected: sockets.length });

function open(index: number): Promise<void> {
  bytes[index] = 0;
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: Number(port),
      host: '127.0.0.1',
      onread: {
        buffer,
        callback: (length) => {
          bytes[index] = (bytes[index] ?? 0) + length;
          if (index === 0) sample(length);
          resolve();
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n`);
    sockets.push(socket);
  });
}

/** Each change says `"n":`; one cut in two between reads is put together again. */
function sample(length: number): void {
  const text = sampleTail + buffer.toString('latin1', 0, length);
  const marks = text.split('"n":');
  sampledChanges += marks.length - 1;
  sampleTail = (marks.at(-1) ?? '').slice(-3);
}
