import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import type { Finding } from '../../server/tool/check/finding.ts';
import { type CheckOptions, runCheck } from '../../server/tool/check/run-check.ts';
import { Program } from '../services/program.ts';
import { suite } from '../suite.ts';
import { type Answer, scriptedServer } from './scripted-server.ts';
import { testTerminal } from './test-terminal.ts';

const OPTIONS: CheckOptions = {
  for: 1_500,
  origin: 'https://app.example',
  json: true,
  header: [],
  insecure: false,
};

async function check(url: string): Promise<{ code: number; findings: Finding[] }> {
  const terminal = testTerminal();
  const code = await runCheck(url, OPTIONS, terminal);
  return { code, findings: JSON.parse(terminal.stdout.text).findings };
}

const HEAD = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** A stream as it should be: an event every 200 ms, numbered, and resumed. `spoil` makes it wrong. */
interface Spoil {
  head?: Record<string, string | undefined>;
  /** What is written for the event of a number. */
  event?: (id: number) => string | Buffer;
  first?: string;
  answer?: Answer;
  replays?: (after: number) => number;
}

function stream({ head = {}, event, first = 'retry: 2000\n\n', answer, replays }: Spoil): Answer {
  const startedAtMs = Date.now();
  const newest = (): number => Math.floor((Date.now() - startedAtMs) / 200) + 1;
  const write = event ?? ((id: number) => `data: {"n":${id}}\nid: ${id}\n\n`);
  return (request, response, count) => {
    if (answer !== undefined) answer(request, response, count);
    if (response.headersSent || response.writableEnded || isHeld(request)) return;
    if (request.method === 'OPTIONS' || request.method === 'HEAD') {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, HEAD).end();
      return;
    }
    const after = Number(request.headers['last-event-id'] ?? newest() - 1);
    response.writeHead(
      200,
      Object.fromEntries(
        Object.entries({ ...HEAD, ...head }).filter(([, value]) => value !== undefined),
      ),
    );
    response.write(first);
    let next = (replays?.(after) ?? after) + 1 || newest();
    const timer = setInterval(() => {
      for (; next <= newest(); next++) response.write(write(next));
    }, 20);
    response.on('close', () => clearInterval(timer));
  };
}

/** Requests that a fault leaves without an answer. */
const held = new WeakSet<IncomingMessage>();
const isHeld = (request: IncomingMessage): boolean => held.has(request);
const hang = (request: IncomingMessage): void => void held.add(request);

const when =
  (
    is: (request: IncomingMessage) => boolean,
    then: (response: ServerResponse, request: IncomingMessage) => void,
  ): Answer =>
  (request, response) => {
    if (is(request)) then(response, request);
  };

const plain = (id: number): string => `data: ${id}\nid: ${id}\n\n`;
const fromOrigin = (request: IncomingMessage): boolean =>
  request.headers.origin !== undefined && request.method === 'GET';

const FAULTS: [fault: string, spoil: Spoil, name: string, severity: string, says: RegExp][] = [
  [
    'a status',
    { answer: (_, response) => response.writeHead(500).end() },
    'status',
    'error',
    /500/,
  ],
  [
    'a redirect',
    { answer: (_, response) => response.writeHead(302, { Location: '/x' }).end() },
    'status',
    'error',
    /302 to \/x/,
  ],
  [
    '204',
    { answer: (_, response) => response.writeHead(204).end() },
    'status',
    'error',
    /never come back/,
  ],
  [
    'a wrong type',
    { head: { 'Content-Type': 'text/plain' } },
    'content-type',
    'error',
    /text\/plain/,
  ],
  [
    'a wrong charset',
    { head: { 'Content-Type': 'text/event-stream; charset=latin1' } },
    'content-type',
    'error',
    /latin1/,
  ],
  ['a length', { head: { 'Content-Length': '100000' } }, 'content-length', 'error', /100000/],
  ['cached', { head: { 'Cache-Control': 'max-age=60' } }, 'cache-control', 'warning', /max-age=60/],
  [
    'buffered by nginx',
    { head: { 'X-Accel-Buffering': undefined } },
    'proxy-buffering',
    'warning',
    /nginx/,
  ],
  ['events in halves', { answer: halves }, 'buffering', 'error', /half an event/],
  ['events gathered', { answer: gathered }, 'buffering', 'error', /came together/],
  [
    'CR inside data',
    { event: (id) => `data: a\rb ${id}\nid: ${id}\n\n` },
    'line-ends',
    'error',
    /CR/,
  ],
  ['a field misspelt', { event: (id) => `Data: x\n${plain(id)}` }, 'fields', 'error', /"Data"/],
  [
    'bytes that are not UTF-8',
    {
      event: (id) =>
        Buffer.concat([Buffer.from('data: \xff\xfe', 'latin1'), Buffer.from(`\nid: ${id}\n\n`)]),
    },
    'utf-8',
    'error',
    /not UTF-8/,
  ],
  ['no ids', { event: (id) => `data: ${id}\n\n` }, 'ids', 'warning', /none/],
  [
    'a long id',
    { event: (id) => `data: 1\nid: ${id}${'x'.repeat(2_000)}\n\n` },
    'ids',
    'warning',
    /bytes/,
  ],
  ['NUL in an id', { event: (id) => `data: 1\nid: ${id}\0\n\n` }, 'ids', 'error', /NUL/],
  [
    'an id that is not ASCII',
    { event: (id) => `data: 1\nid: é${id}\n\n` },
    'ids',
    'warning',
    /ASCII/,
  ],
  ['one id for all', { event: () => 'data: 1\nid: 1\n\n' }, 'ids', 'warning', /more than one/],
  ['no retry', { first: ': hi\n\n' }, 'retry', 'note', /none/],
  ['a retry in seconds', { first: 'retry: 2s\n\n' }, 'retry', 'error', /"2s"/],
  ['a retry of nothing', { first: 'retry: 0\n\n' }, 'retry', 'warning', /flood/],
  [
    'nothing to read',
    { answer: (_, response) => void response.writeHead(200, HEAD).flushHeaders() },
    'heartbeat',
    'note',
    /nothing came/,
  ],
  ['comments only', { event: () => ': beat\n\n' }, 'heartbeat', 'note', /comments only/],
  [
    'missed events forgotten',
    { replays: () => Number.NaN },
    'resume',
    'error',
    /did not come again/,
  ],
  ['the last event twice', { replays: (after) => after - 1 }, 'resume', 'warning', /came again/],
  [
    'unknown ids refused',
    {
      answer: when(
        ({ headers }) => headers['last-event-id'] === 'sse-table-check.0',
        (response) => response.writeHead(400).end(),
      ),
    },
    'unknown-id',
    'error',
    /400/,
  ],
  [
    '* with credentials',
    { head: { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Credentials': 'true' } },
    'cors',
    'error',
    /credentials/,
  ],
  [
    'every origin with credentials',
    {
      answer: when(fromOrigin, (response, { headers }) =>
        response
          .writeHead(200, {
            ...HEAD,
            'Access-Control-Allow-Origin': headers.origin,
            'Access-Control-Allow-Credentials': 'true',
          })
          .write(':\n'),
      ),
    },
    'cors',
    'warning',
    /credentials/,
  ],
  [
    'a preflight forgotten',
    { head: { 'Access-Control-Allow-Origin': '*' } },
    'preflight',
    'warning',
    /cannot resume/,
  ],
  [
    'gzip that is not flushed',
    {
      answer: when(
        ({ headers }) => headers['accept-encoding'] === 'gzip',
        (response) =>
          response
            .writeHead(200, { ...HEAD, 'Content-Encoding': 'gzip' })
            .write(gzipSync('x').subarray(0, 10)),
      ),
    },
    'compression',
    'error',
    /holds back/,
  ],
  [
    'gzip that is none',
    {
      answer: when(
        ({ headers }) => headers['accept-encoding'] === 'gzip',
        (response) =>
          response.writeHead(200, { ...HEAD, 'Content-Encoding': 'gzip' }).write('data: 1\n\n'),
      ),
    },
    'compression',
    'error',
    /not gzip/,
  ],
  [
    'HEAD hangs',
    {
      answer: (request) => {
        if (request.method === 'HEAD') hang(request);
      },
    },
    'head',
    'warning',
    /no answer/,
  ],
  [
    'OPTIONS opens a stream',
    {
      answer: when(
        ({ method }) => method === 'OPTIONS',
        (response) => response.writeHead(200, HEAD).write(':\n'),
      ),
    },
    'options',
    'warning',
    /opens a stream/,
  ],
  [
    'chunks to HTTP/1.0',
    {
      answer: when(
        ({ httpVersion }) => httpVersion === '1.0',
        (response) =>
          void response.socket?.write(
            'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
          ),
      ),
    },
    'http-1.0',
    'error',
    /chunked/,
  ],
];

/** Each event in two writes, half a second apart. */
function halves(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, HEAD).write('retry: 2000\n\ndata: a');
  setTimeout(() => response.write('b\nid: 1\n\n'), 500);
}

/** Made at a distance, sent at once. */
function gathered(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, HEAD).write('retry: 2000\n\n');
  const event = (ms: number) => `data: {"at":${Date.now() - ms}.5}\nid: ${ms}\n\n`;
  setTimeout(() => response.write(event(1_500) + event(0)), 1_200);
}

const test = suite('check');
const LIMIT = { timeoutMs: 40_000 };

// All at a time: each takes as long as it watches.
const runs = FAULTS.map(async ([, spoil]) => {
  await using server = await scriptedServer(stream(spoil));
  return await check(server.url); // the server is there until then
});
for (const [index, [fault, , name, severity, says]] of FAULTS.entries()) {
  test(`${fault}: ${severity} "${name}"`, LIMIT, async () => {
    const { findings } = (await runs[index]) ?? { findings: [] };
    const found = findings.find((finding) => finding.name === name);
    assert.is(found?.severity, severity, JSON.stringify(findings));
    assert.match(found?.evidence ?? '', says);
    assert.ok(found?.fix);
  });
}

test('a stream as it should be: nothing worse than a note, resumed in order', LIMIT, async () => {
  await using server = await scriptedServer(stream({}));
  const { code, findings } = await check(server.url);
  assert.equal(
    findings.filter(({ severity }) => severity === 'error' || severity === 'warning'),
    [],
  );
  assert.is(code, 0);
  assert.match(
    findings.find(({ name }) => name === 'resume')?.evidence ?? '',
    /came again, in order/,
  );
});

test('this server: clean while its rows change, and resumed in order', LIMIT, async () => {
  await using program = new Program([]);
  const base = await program.url();
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${base}/api/start`, { method: 'POST', headers, body: '{"interval_ms":150}' });
  const { code, findings } = await check(`${base}/api/tables/users/stream`);
  assert.equal(
    findings.filter(({ severity }) => severity === 'error' || severity === 'warning'),
    [],
  );
  assert.is(code, 0);
  assert.match(
    findings.find(({ name }) => name === 'resume')?.evidence ?? '',
    /came again, in order/,
  );
});

test('the program: exit 1 and a text with the fix, where there is an error', LIMIT, async () => {
  await using server = await scriptedServer((_, response) => response.writeHead(404).end());
  await using program = new Program(['check', server.url, '--for', '1s']);
  assert.is(await program.exited, 1);
  assert.match(program.stdout, '✗ status          404');
  assert.match(program.stdout, '1 errors, 0 warnings, 0 notes, 0 as it should be');
});
