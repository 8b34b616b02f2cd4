/**
 * Peer: a node:http handler with nothing around it. It parses the same JSON into a Map, checks and
 * limits nothing, and answers the same paths as the program.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { loadPage } from '../../server/page.ts';
import { BACKLOG } from './commands.ts';

type Row = Record<string, unknown>;

const rows = new Map<unknown, Row>();
const page = loadPage();
let version = 0;

const server = createServer((request, response) => {
  if (request.method !== 'POST') get(request.url ?? '/', response);
  else if (request.headers['content-type'] === 'application/x-ndjson') postLines(request, response);
  else postRow(request, response);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`${JSON.stringify({ port: address.port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();

function answer(response: ServerResponse, type: string, body: string | Buffer): void {
  const length = Buffer.byteLength(body);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': length }).end(body);
}

function answerCount(response: ServerResponse, count: number): void {
  const body = JSON.stringify({ status: 'success', count, version: `bench.${version}` });
  answer(response, 'application/json', body);
}

function get(url: string, response: ServerResponse): void {
  const file = page.get(url.slice(1));
  if (file !== undefined) {
    answer(response, 'text/javascript', file);
  } else if (url === '/healthz') {
    answer(response, 'application/json', '{"status":"success"}');
  } else {
    const body = { status: 'success', data: [...rows.values()], version: `bench.${version}` };
    answer(response, 'application/json', JSON.stringify(body));
  }
}

function put(row: Row | readonly Row[]): number {
  const list = Array.isArray(row) ? row : [row];
  for (const each of list) {
    rows.set(each.id, each);
    version++;
  }
  return list.length;
}

function postRow(request: IncomingMessage, response: ServerResponse): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    answerCount(response, put(JSON.parse(Buffer.concat(parts).toString())));
  });
}

function postLines(request: IncomingMessage, response: ServerResponse): void {
  let count = 0;
  createInterface({ input: request })
    .on('line', (line) => {
      count += put(JSON.parse(line));
    })
    .on('close', () => answerCount(response, count));
}
