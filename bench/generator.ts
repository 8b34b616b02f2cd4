/**
 * A generator of a million events, read as fast as possible and slowly: memory of the server while
 * they are streamed. `node bench/generator.ts`
 *
 * @see SPEC 4 "pulled only as fast as the client reads"
 */

import { fork } from 'node:child_process';
import { connect } from 'node:net';
import process from 'node:process';
import { createApp } from '../server/app.ts';

const EVENTS = 1_000_000;

/** The slow client takes so many bytes a second, for so long. */
const SLOW_BYTES_PER_S = 1_000_000;
const SLOW_MS = 20_000;

const REQUEST = 'GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n';

const MIB = 2 ** 20;

/** The server, in a process of its own: tells its port, then its memory ten times a second. */
async function serve(): Promise<void> {
  const app = createApp({ stallTimeout: 3_600_000 });
  let pulled = 0;
  app.sse('/events', async function* () {
    for (pulled = 1; pulled <= EVENTS; pulled++)
      yield { type: 'tick', n: pulled, text: 'a row of some length' };
  });
  const { port } = await app.listen(0);
  process.send?.({ port });
  setInterval(() => process.send?.({ rss: process.memoryUsage().rss, pulled }), 100);
}

interface Report {
  port?: number;
  rss?: number;
  pulled?: number;
}

/** Reads the stream, at most so many bytes a second, and gives what was seen. */
async function read(name: string, bytesPerS: number, forMs: number): Promise<void> {
  const server = fork(import.meta.filename, ['serve']);
  const reports: Report[] = [];
  const port = await new Promise<number>((resolve) => {
    server.on('message', (report: Report) => {
      if (report.port === undefined) reports.push(report);
      else setTimeout(resolve, 1_000, report.port);
    });
  });
  const before = reports.at(-1)?.rss ?? 0;
  const startedMs = performance.now();
  const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    const earlyMs = (bytes / bytesPerS) * 1_000 - (performance.now() - startedMs);
    if (earlyMs < 1) return;
    socket.pause();
    setTimeout(() => socket.resume(), earlyMs);
  });
  await new Promise((resolve) => {
    socket.on('close', resolve);
    setTimeout(resolve, forMs);
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const peak = Math.max(...reports.map(({ rss = 0 }) => rss));
  const last = reports.at(-1);
  console.log(
    `${name}: ${last?.pulled} events pulled, ${(bytes / MIB).toFixed(1)} MiB read in ${seconds.toFixed(1)} s; ` +
      `RSS before ${(before / MIB).toFixed(0)} MiB, peak ${(peak / MIB).toFixed(0)}, end ${((last?.rss ?? 0) / MIB).toFixed(0)}`,
  );
  socket.destroy();
  server.kill();
}

if (process.argv[2] === 'serve') await serve();
else {
  await read('fast reader', Number.POSITIVE_INFINITY, 120_000);
  await read('slow reader', SLOW_BYTES_PER_S, SLOW_MS);
}
