/**
 * A server for browser tests: pages, the element's bundle, and a stream whose every byte the test
 * decides. Not the real server: here the wire itself is the input.
 *
 * @see STYLE 15 "scripted sockets"
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Row } from '../../server/wire/change.ts';
import type { InitEvent, StreamEvent } from '../../server/wire/event.ts';

/** The strictest policy a page may have and still load the script. */
export const STRICT_CSP =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";

const DEFINE = fileURLToPath(new URL('../../web/sse-table-define.ts', import.meta.url));

/** One connection of a page to `/stream`. */
export interface StreamClient {
  readonly request: IncomingMessage;
  /** For what is no event. */
  readonly response: ServerResponse;
  /** Sends an event, with an id or without. */
  send(event: StreamEvent, id?: string): void;
  /** Cuts the connection without a word. */
  cut(): void;
}

/** What the server does with a new connection to `/stream`. */
export type OnStream = (client: StreamClient, response: ServerResponse) => void;

export interface PageServer extends AsyncDisposable {
  readonly url: string;
  /** The body of the page at `/`; may be changed between loads. */
  body: string;
  onStream: OnStream;
  readonly clients: StreamClient[];
}

/** The element as it is, bundled once a test file. */
let script: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [DEFINE],
    bundle: true,
    format: 'esm',
    write: false,
    conditions: ['production'],
  });
  return outputFiles[0]?.text ?? '';
}

/** Starts the server on a free port of the loopback. */
export async function startPageServer(): Promise<PageServer> {
  script ??= bundle();
  const code = await script;
  const clients: StreamClient[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/sse-table.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code);
    } else if (path === '/page.css') {
      response.writeHead(200, { 'content-type': 'text/css' }).end(PAGE_CSS);
    } else if (path === '/stream') {
      const client = streamClient(request, response);
      clients.push(client);
      page.onStream(client, response);
    } else {
      const csp = STRICT_CSP.replace("'none';", "'none'; style-src 'self';");
      const head = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': csp };
      response.writeHead(200, head).end(html(page.body));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const page: PageServer = {
    url: `http://127.0.0.1:${port}`,
    body: '<sse-table src="/stream" label="Users"></sse-table>',
    onStream: (client) => client.send(initEvent(demoRows(20))),
    clients,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return page;
}

function streamClient(request: IncomingMessage, response: ServerResponse): StreamClient {
  return {
    request,
    response,
    send(event, id) {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(event)}\n${id === undefined ? '' : `id: ${id}\n`}\n`);
    },
    cut: () => response.destroy(),
  };
}

const PAGE_CSS = `
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { margin: 16px; background: light-dark(#f4f5fa, #0c0f1c); }
`;

function html(body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="/page.css"><script type="module" src="/sse-table.js"></script>
    </head><body>${body}</body></html>`;
}

const COLUMNS: InitEvent['columns'] = [
  { name: 'id', type: 'number' },
  { name: 'name', type: 'string' },
  { name: 'age', type: 'number' },
  { name: 'city', type: 'string' },
  { name: 'score', type: 'number' },
  { name: 'status', type: 'string' },
];

const NAMES = ['Zhang San', 'Li Si', 'Wang Wu', 'Ada Lovelace', 'Grace Hopper', '赵六'];
const CITIES = ['Beijing', 'Shanghai', 'Shenzhen', 'London', 'Arlington', '杭州'];
const STATUSES = ['active', 'inactive', 'pending', 'error'];

/** Rows like the demo's, the same for ever: ids from `first`. */
export function demoRows(count: number, first = 1): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: first + index,
    name: NAMES[(first + index) % NAMES.length] ?? '',
    age: 20 + ((first + index) % 45),
    city: CITIES[((first + index) * 7) % CITIES.length] ?? '',
    score: Math.round((((first + index) * 7919) % 100_000) / 100) / 10,
    status: STATUSES[((first + index) * 5) % STATUSES.length] ?? '',
  }));
}

/** A whole snapshot, or with `total` the first chunk of a larger one. */
export function initEvent(data: Row[], total = data.length): InitEvent {
  return {
    type: 'init',
    table: 'users',
    key: 'id',
    columns: COLUMNS,
    data,
    total,
    more: total > data.length,
    heartbeat_ms: 15_000,
    timestamp: '2026-01-01T00:00:00.000Z',
  };
}

/** An `update` of one row. */
export function updateEvent(data: Row): StreamEvent {
  return { type: 'update', data, message: '', timestamp: '2026-01-01T00:00:00.000Z' };
}
