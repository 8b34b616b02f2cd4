/**
 * Measures a followed log: lines written at a rate, through the server, to clients that count them.
 * Nothing may be missing, doubled or out of order.
 *
 *     node bench/logs.ts [lines per second] [seconds] [clients]
 */
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '../test/services/program.ts';
import { usageOf } from './measure/process-usage.ts';

const [rate = 100_000, seconds = 20, clients = 1] = process.argv.slice(2).map(Number);

const TICK_MS = 20;

/** Halfway the file is rotated, as logrotate does. */
const ROTATE_AT = 0.5;

/** What a web server writes of a request, more or less. */
const REST = ' 203.0.113.7 - - [24/Nov/2026:18:00:00 +0000] "GET /shop/tea HTTP/1.1" 200 5316\n';

const MARK = '"message":"n=';

/** Counts `n=0`, `n=1`, … in the bytes of a stream; anything else between is a fault. */
async function count(url: string, signal: AbortSignal, seen: { next: number }): Promise<void> {
  const response = await fetch(url, { signal });
  let rest = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    rest += chunk;
    if (rest.includes('"type":"skipped"')) throw new Error('lines were skipped');
    let at = rest.indexOf(MARK);
    let end = 0;
    while (at >= 0) {
      const space = rest.indexOf(' ', at);
      if (space < 0) break;
      const n = Number(rest.slice(at + MARK.length, space));
      if (n !== seen.next) throw new Error(`line ${n} came, ${seen.next} was next`);
      seen.next++;
      end = space;
      at = rest.indexOf(MARK, space);
    }
    rest = rest.slice(Math.max(end, rest.length - 4_096));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'sse-table-bench-logs-'));
const path = join(folder, 'web.log');
let file = openSync(path, 'a');
await using program = new Program(['--log', `web=${path}`, '--no-demo']);
const url = `${await program.url()}/api/logs/web`;
const { pid } = program;
const leave = new AbortController();
const seen = Array.from({ length: clients }, () => ({ next: 0 }));
const counts = seen.map((each) => count(url, leave.signal, each));
const failed = Promise.all(counts).catch((error: unknown) => {
  if (!leave.signal.aborted) throw error;
});
await new Promise((resolve) => setTimeout(resolve, 500));

const total = rate * seconds;
const startMs = performance.now();
const before = usageOf([pid]);
let [written, maxRssBytes, maxBehind] = [0, 0, 0];
while (written < total) {
  const due = Math.min(total, Math.floor(((performance.now() - startMs) / 1_000) * rate));
  if (written < total * ROTATE_AT && due >= total * ROTATE_AT) {
    renameSync(path, `${path}.1`);
    closeSync(file);
    file = openSync(path, 'a');
  }
  let text = '';
  for (; written < due; written++) text += `n=${written}${REST}`;
  if (text !== '') writeSync(file, text);
  await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, TICK_MS))]);
  maxRssBytes = Math.max(maxRssBytes, usageOf([pid]).rssBytes);
  maxBehind = Math.max(maxBehind, written - Math.min(...seen.map(({ next }) => next)));
}
const writtenMs = performance.now() - startMs;
while (seen.some(({ next }) => next < total)) {
  await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, TICK_MS))]);
  if (performance.now() - startMs > writtenMs + 30_000) throw new Error(JSON.stringify(seen));
}
const tookMs = performance.now() - startMs;
const cpuUs = usageOf([pid]).cpuUs - before.cpuUs;
leave.abort();
closeSync(file);
rmSync(folder, { recursive: true });
console.log(
  `${total} lines at ${Math.round((total / writtenMs) * 1_000)}/s to ${clients} client(s), one rotation: ` +
    `none missing, doubled or out of order; the last ${Math.round(tookMs - writtenMs)} ms after it was written\n` +
    `CPU ${((cpuUs / 1_000 / tookMs) * 100).toFixed(0)} % of a core, ${(cpuUs / total).toFixed(2)} µs a line; ` +
    `RSS ${Math.round(before.rssBytes / 2 ** 20)} MiB before, at most ${Math.round(maxRssBytes / 2 ** 20)} MiB; ` +
    `at most ${maxBehind} lines behind`,
);
