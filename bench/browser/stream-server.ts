/**
 * The server's end of the browser benchmark: the pages, and a real stream of a market that trades at
 * the rate it is told, in lines on standard input.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '../../server/base/clock.ts';
import { openStream } from '../../server/http/open-stream.ts';
import { DEFAULTS } from '../../server/options.ts';
import { Channels } from '../../server/stream/channels.ts';
import { Table } from '../../server/table/table.ts';
import type { Change } from '../../server/wire/change.ts';
import { nowUs } from '../servers/event.ts';
import { Market } from './market.ts';

/** Heartbeats and time-outs would disturb runs of a few seconds. */
const NEVER_MS = 3_600_000;

const FILL_BATCH = 1_000;

/** Changes are applied this often, as a busy source brings them. */
const STEP_MS = 10;

/** The marker is written this often, which no grid notices. */
const MARK_MS = 250;

/** In a table that turns over, every fourth change adds a row and another deletes one. */
const TURNOVER_SHARE = 1 / 4;

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000' },
    pages: { type: 'string', default: '' },
  },
});

const market = new Market();
const table = new Table({ name: 'market', key: 'id', epoch: 'bench' });
const channels = new Channels({
  clock: systemClock,
  random: Math.random,
  ringFrames: DEFAULTS.ringFrames,
  ringBytes: DEFAULTS.ringBytes,
  maxViews: DEFAULTS.maxViews,
  flushMs: DEFAULTS.flush,
  heartbeatMs: NEVER_MS,
  stallTimeoutMs: NEVER_MS,
  maxLifetimeMs: 0,
  retryMs: DEFAULTS.retry,
});
for (let left = Number(values.rows); left > 0; left -= FILL_BATCH) {
  table.apply(market.open(Math.min(left, FILL_BATCH)));
}

let published = 0;
let stop = (): void => undefined;

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const path = request.url?.split('?')[0] ?? '/';
  if (path === '/stream') {
    const channel = channels.of(table, { full: false });
    openStream({ request, response, headers: {} }, channel, {
      lastEventId: undefined,
      onClose: () => {},
    });
  } else if (extname(path) in TYPES) sendFile(basename(path), response);
  else sendPage(basename(path), response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => answer(obey(line.split(' '))));
  lines.on('close', () => process.exit(0));
  answer({ port: address.port });
});

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** `trade 2000`, `turnover 2000`: so many changes a second from now on. `rest`: none. */
function obey([order, perSecond]: readonly string[]): object {
  stop();
  if (order !== 'rest') stop = start(Number(perSecond), order === 'turnover');
  return { published };
}

/** @returns what ends it. */
function start(perSecond: number, turnsOver: boolean): () => void {
  const startMs = performance.now();
  let done = 0;
  const steps = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) * perSecond) / 1_000);
    const changes: Change[] = [];
    while (done < due) {
      const isTurnover = turnsOver && done % (2 / TURNOVER_SHARE) === 0;
      const next = isTurnover ? market.turnOver() : [market.trade()];
      changes.push(...next);
      done += next.length;
    }
    published += changes.length;
    table.apply(changes);
  }, STEP_MS);
  const marks = setInterval(() => table.apply([market.mark(nowUs())]), MARK_MS);
  return () => {
    clearInterval(steps);
    clearInterval(marks);
    stop = () => undefined;
  };
}

function sendFile(name: string, response: ServerResponse): void {
  const path = join(values.pages, name);
  if (!existsSync(path)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(name)] });
  createReadStream(path).pipe(response);
}

function sendPage(name: string, response: ServerResponse): void {
  const sheets = ['page.css', `${name}.css`]
    .filter((sheet) => existsSync(join(values.pages, sheet)))
    .map((sheet) => `<link rel="stylesheet" href="/${sheet}">`)
    .join('');
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
    <link rel="icon" href="data:">${sheets}
    <script type="module" src="/${name}.js"></script></head><body><div id="host"></div></body></html>`);
}
