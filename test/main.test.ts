import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import * as assert from 'uvu/assert';
import manifest from '../package.json' with { type: 'json' };
import { CERTIFICATE } from './http/http2-client.ts';
import { Program } from './services/program.ts';
import { suite } from './suite.ts';

const LIMIT = { timeoutMs: 30_000 };
const folder = mkdtempSync(join(tmpdir(), 'sse-table-main-'));
const orders = join(folder, 'orders.ndjson');
writeFileSync(orders, '{"id":1,"item":"tea"}\n{"id":2,"item":"cup"}\n');

const test = suite('main');
test.after(() => rmSync(folder, { recursive: true }));

test('--version: prints the version of the package, exit 0', LIMIT, async () => {
  await using program = new Program(['--version']);
  assert.is(await program.exited, 0);
  assert.is(program.stdout, `${manifest.version}\n`);
});

test('--help: on stdout, exit 0', LIMIT, async () => {
  await using program = new Program(['--help']);
  assert.is(await program.exited, 0);
  assert.match(program.stdout, 'Usage: sse-table [source …] [options]');
  assert.is(program.stderr, '');
});

const WRONG: [string, string[], Record<string, string>, string][] = [
  ['unknown option', ['--prot', '1'], {}, '--prot: unknown option; did you mean --port?'],
  [
    'wrong variable',
    [],
    { SSE_TABLE_SEED: 'x' },
    'SSE_TABLE_SEED: "x" is not a whole number; try SSE_TABLE_SEED=1',
  ],
  ['no such file', ['/nowhere/a.csv'], {}, '"/nowhere/a.csv" does not exist'],
  ['a folder', [folder], {}, `"${folder}" is a folder`],
  ['stdin twice', ['-', '-'], {}, 'standard input can be read once; give "-" once'],
  ['too many tables', ['-', '--table', 'a,b'], {}, '--table a,b names 2 tables for 1 sources'],
  [
    'a certificate alone',
    ['--cert', 'a.pem'],
    {},
    '--cert a.pem needs --cert-key <file> beside it',
  ],
  [
    'no such certificate',
    ['--cert', '/nowhere/a.pem', '--cert-key', CERTIFICATE.certKey],
    {},
    '--cert /nowhere/a.pem cannot be read: ENOENT',
  ],
  ['a URL without its stream', ['redis://u:secret@h/0'], {}, 'names no stream'],
];
for (const [what, args, env, message] of WRONG) {
  test(`${what}: one line on stderr, exit 2`, LIMIT, async () => {
    await using program = new Program(args, env);
    assert.is(await program.exited, 2);
    assert.is(program.stdout, '');
    assert.match(program.stderr, message);
    assert.match(program.stderr, /^sse-table: .+\n$/);
    assert.not.match(program.stderr, 'secret');
  });
}

test('busy port: one line with another port, exit 1', LIMIT, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await using program = new Program(['--port', String(port)]);
  const code = await program.exited;
  server.close();
  assert.is(code, 1);
  assert.match(
    program.stderr,
    new RegExp(`^sse-table: port ${port} is in use; try --port \\d+\n$`),
  );
});

test('demo: prints URL, table and where it lives; serves page and rows', LIMIT, async () => {
  await using program = new Program([]);
  const url = await program.url();
  assert.match(program.stdout, /users {2}the demo: made-up rows in memory/);
  const page = await fetch(url);
  assert.is(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(await page.text(), '<sse-table');
  const rows = await (await fetch(`${url}/api/tables/users`)).json();
  assert.ok(rows.data.length > 0);
});

test('--no-demo without a source: no table', LIMIT, async () => {
  await using program = new Program(['--no-demo', '--create']);
  const tables = await (await fetch(`${await program.url()}/api/tables`)).json();
  assert.equal(tables.data, []);
});

test('file and stdin side by side; the server stays when both have ended', LIMIT, async () => {
  await using program = new Program([orders, '-', '--table', 'shop,lines']);
  program.stdin.end('a,b\n1,2\n');
  await program.printed(/the server stays until Ctrl\+C/);
  const url = await program.url();
  const counts = new Map<string, [key: string, rows: number]>();
  for (const table of (await (await fetch(`${url}/api/tables`)).json()).data) {
    counts.set(table.name, [table.key, table.rows]);
  }
  assert.equal(counts.get('shop'), ['id', 2]);
  assert.equal(counts.get('lines'), ['line', 1]);
});

const ENDS: [string, string[], number][] = [
  ['all is well', [], 0],
  ['a line that --strict refuses', ['--strict'], 1],
];
for (const [what, args, expected] of ENDS) {
  test(`--exit-on-end, ${what}: exit ${expected}`, LIMIT, async () => {
    await using program = new Program(['-', '--exit-on-end', ...args]);
    program.stdin.end('{"id":1}\nnot json\n');
    assert.is(await program.exited, expected);
    assert.match(program.stderr, 'line 2');
  });
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal}: open streams hear "shutdown", exit 0`, LIMIT, async () => {
    await using program = new Program([orders]);
    await program.printed(/nothing more to read/);
    const response = await fetch(`${await program.url()}/api/tables/orders/stream`);
    program.kill(signal);
    assert.match(await response.text(), /"type":"end","reason":"shutdown"/);
    assert.is(await program.exited, 0);
  });
}

test('a second signal: exits at once with 1', LIMIT, async () => {
  await using program = new Program(['--grace', '20s']);
  const url = await program.url();
  // A request that never ends keeps the first signal waiting.
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined); // it is cut, as it should be
  socket.write('POST /api/start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{');
  await new Promise((resolve) => socket.on('connect', resolve));
  await fetch(`${url}/healthz`); // by now the server has read the request above
  program.kill('SIGTERM');
  await program.printed(/SIGTERM: stopping/);
  program.kill('SIGTERM');
  assert.is(await program.exited, 1);
  socket.destroy();
});

test('standard output closed by its reader: the server stays', LIMIT, async () => {
  await using program = new Program(['--access-log']);
  const url = await program.url();
  program.closeStdout();
  assert.is((await fetch(`${url}/healthz`)).status, 200);
});

test('--open with no opener on PATH: a warning, and the server runs', LIMIT, async () => {
  await using program = new Program(['--open'], { PATH: folder });
  const url = await program.url();
  await program.printed(/the browser could not be opened/);
  assert.is((await fetch(`${url}/healthz`)).status, 200);
});

test('a host that is not loopback, without tokens: a warning', LIMIT, async () => {
  await using program = new Program(['--host', '0.0.0.0']);
  await program.printed(/without tokens/);
});

/** The name in the certificate that a server shows. */
function shownName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('--cert: an https URL; SIGHUP reads the files again, and keeps the old one where they are wrong', {
  timeoutMs: 60_000,
}, async () => {
  const cert = join(folder, 'cert.pem');
  const certKey = join(folder, 'key.pem');
  copyFileSync(CERTIFICATE.cert, cert);
  copyFileSync(CERTIFICATE.certKey, certKey);
  await using program = new Program(['--cert', cert, '--cert-key', certKey]);
  const url = await program.url();
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const port = Number(new URL(url).port);
  assert.is(await shownName(port), 'localhost');
  writeFileSync(cert, 'nonsense');
  program.kill('SIGHUP');
  await program.printed(/the certificate in use stays: --cert \S+ holds no certificate/);
  assert.is(await shownName(port), 'localhost');
  const fixtures = join(import.meta.dirname, 'http/fixtures');
  copyFileSync(join(fixtures, 'renewed.pem'), cert);
  copyFileSync(join(fixtures, 'renewed-key.pem'), certKey);
  program.kill('SIGHUP');
  await program.printed(/the certificate has been read again/);
  assert.is(await shownName(port), 'renewed');
});

test('--cert with --workers: SIGHUP reaches every worker', { timeoutMs: 60_000 }, async () => {
  const cert = join(folder, 'workers-cert.pem');
  const certKey = join(folder, 'workers-key.pem');
  copyFileSync(CERTIFICATE.cert, cert);
  copyFileSync(CERTIFICATE.certKey, certKey);
  await using program = new Program(['--workers', '2', '--cert', cert, '--cert-key', certKey]);
  const port = Number(new URL(await program.url()).port);
  /** Connections take turns among the workers. */
  const shownNames = async (): Promise<string[]> => {
    const names: string[] = [];
    for (let count = 0; count < 8; count++) names.push(await shownName(port));
    return names;
  };
  assert.ok((await shownNames()).every((name) => name === 'localhost'));
  const fixtures = join(import.meta.dirname, 'http/fixtures');
  copyFileSync(join(fixtures, 'renewed.pem'), cert);
  copyFileSync(join(fixtures, 'renewed-key.pem'), certKey);
  program.kill('SIGHUP');
  while (!(await shownNames()).every((name) => name === 'renewed'));
});
