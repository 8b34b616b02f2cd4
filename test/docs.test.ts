import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { DOC_PAGES, renderDoc } from '../web/docs/render-docs.ts';
import { findProgram } from './services/package.ts';
import { findPostgres, NO_POSTGRES, PostgresServer } from './services/postgres.ts';
import { Program } from './services/program.ts';
import { suite } from './suite.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');
const LIMIT = { timeoutMs: 60_000 };

/** Long enough for a program on a busy machine. */
const STEP_LIMIT_MS = 20_000;

interface Block {
  /** `bash`, `bash server`: what is done with it. */
  kind: string;
  text: string;
}

const PAGES = Object.keys(DOC_PAGES).filter((name) => name !== 'options');
const read = (name: string): string => readFileSync(join(ROOT, 'web/docs', `${name}.md`), 'utf8');

function blocksOf(name: string): Block[] {
  const found = read(name).matchAll(/^```(.*)\n((?:(?!```).*\n)*)```$/gm);
  return Array.from(found, ([, kind = '', text = '']) => ({ kind, text }));
}

const folder = mkdtempSync(join(tmpdir(), 'sse-table-docs-'));
const bin = join(folder, 'bin');
mkdirSync(bin);
writeFileSync(
  join(bin, 'sse-table'),
  `#!/bin/sh\nexec ${process.execPath} ${join(ROOT, 'server/main.ts')} "$@"\n`,
);
chmodSync(join(bin, 'sse-table'), 0o755);

/** What is typed on one page, in a folder of its own, with its servers on a free port. */
class Shell implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  constructor(name: string, port: number) {
    this.#folder = join(folder, name);
    mkdirSync(this.#folder);
    this.#port = port;
  }

  /** Runs a block. @returns what it printed. */
  async type({ kind, text }: Block): Promise<string> {
    const script = `set -eo pipefail\n${text.replaceAll('8088', String(this.#port))}`;
    if (kind === 'bash server') return this.#serve(script);
    if (kind === 'bash stream') return this.#until(script, /data|init/);
    const { stdout } = await run('bash', ['-c', script], {
      ...this.#options,
      timeout: STEP_LIMIT_MS,
    });
    return stdout;
  }

  get #options() {
    const PATH = `${bin}${delimiter}${process.env.PATH}`;
    return { cwd: this.#folder, env: { PATH, SSE_TABLE_PORT: String(this.#port) } };
  }

  /** A server takes the place of the one before, as when somebody stops that and goes on. */
  async #serve(script: string): Promise<string> {
    await this[Symbol.asyncDispose]();
    const child = spawn('bash', ['-c', script], { ...this.#options, detached: true });
    this.#server = child;
    return printed(child, /open http/);
  }

  async #until(script: string, pattern: RegExp): Promise<string> {
    const child = spawn('bash', ['-c', script], { ...this.#options, detached: true });
    try {
      return await printed(child, pattern);
    } finally {
      await end(child);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== undefined) await end(this.#server);
    this.#server = undefined;
  }
}

/** A shell and all that it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => reject(new Error(`${why} before ${pattern}: ${text}`));
    const timer = setTimeout(() => fail('nothing for too long'), STEP_LIMIT_MS);
    const take = (chunk: Buffer): void => {
      text += chunk;
      if (!pattern.test(text)) return;
      clearTimeout(timer);
      resolve(text);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.on('exit', () => fail('it ended'));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const test = suite('docs');
test.after(() => rmSync(folder, { recursive: true }));

for (const name of PAGES) {
  const blocks = blocksOf(name).filter(({ kind }) => kind.startsWith('bash'));
  if (blocks.length === 0) continue;
  test(`${name}: every command works as written`, LIMIT, async () => {
    await using shell = new Shell(name, await freePort());
    for (const block of blocks) {
      await shell.type(block).catch((error: unknown) => {
        throw new Error(`${block.text}: ${String(error)}`, { cause: error });
      });
    }
  });
}

test('every block is of a kind that is tried', () => {
  const tried = /^(bash( server| stream)?|js|ts|tsx|html|yaml|nginx|haproxy|caddy|postgres)$/;
  for (const name of PAGES) for (const { kind } of blocksOf(name)) assert.match(kind, tried, name);
});

test('index: the program runs as written', LIMIT, async () => {
  const [program] = blocksOf('index').filter(({ kind }) => kind === 'js');
  const code = (program?.text ?? '')
    .replace("'sse-table'", JSON.stringify(join(ROOT, 'server/index.ts')))
    .replace('8088', '0');
  const file = join(folder, 'program.mjs');
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file]);
  try {
    assert.match(await printed(child, /open http\S+/), 'open http://127.0.0.1');
  } finally {
    await endChild(child);
  }
});

test('index: the script that the page loads is served', LIMIT, async () => {
  const [page] = blocksOf('index').filter(({ kind }) => kind === 'html');
  const [, path = ''] =
    /src="http:\/\/127\.0\.0\.1:8088(\/[^"]+\.js)"/.exec(page?.text ?? '') ?? [];
  await using program = new Program([]);
  const response = await fetch(`${await program.url()}${path}`);
  assert.is(response.status, 200);
  assert.is(response.headers.get('access-control-allow-origin'), '*');
});

test('recipes: the TypeScript compiles', LIMIT, async () => {
  // Inside the project, where its packages are found.
  const place = mkdtempSync(join(ROOT, 'dist/docs-'));
  try {
    for (const [index, { kind, text }] of blocksOf('recipes').entries()) {
      if (kind === 'ts' || kind === 'tsx') writeFileSync(join(place, `${index}.${kind}`), text);
    }
    const config = { extends: '../../tsconfig.json', include: ['.'] };
    writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config));
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['--project', place]).catch(
      ({ stdout }: { stdout: string }) => assert.unreachable(stdout),
    );
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('recipes: the YAML can be read', () => {
  for (const { kind, text } of blocksOf('recipes')) {
    if (kind !== 'yaml') continue;
    for (const document of parseAllDocuments(text)) assert.equal(document.errors, []);
  }
});

/** Each proxy with its block as a whole configuration. */
const PROXIES: [
  name: string,
  packageName: string,
  config: (block: string, port: number, home: string) => string,
  args: (file: string, home: string) => string[],
][] = [
  [
    'nginx',
    'nginx',
    (block, port, home) => `daemon off; pid ${home}/pid; error_log ${home}/log; events {}
http { access_log off; client_body_temp_path ${home}/a; proxy_temp_path ${home}/b; fastcgi_temp_path ${home}/c;
uwsgi_temp_path ${home}/d; scgi_temp_path ${home}/e; server { listen 127.0.0.1:${port}; ${block} } }`,
    (file, home) => ['-p', home, '-c', file],
  ],
  [
    'haproxy',
    'haproxy',
    (block, port) => block.replace('8080', String(port)),
    (file) => ['-db', '-f', file],
  ],
  [
    'caddy',
    'caddy',
    (block, port) => `{\n  admin off\n}\n${block.replace('8080', String(port))}`,
    (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  ],
];
for (const [name, packageName, config, args] of PROXIES) {
  const variable = `SSE_TABLE_${name.toUpperCase()}`;
  const path = findProgram(name, { variable, packageName });
  const title = `recipes: ${name} passes events on as they come`;
  if (path === undefined) {
    test.skip(title, `no ${name}: install it, or name it in ${variable}`);
    continue;
  }
  test(title, LIMIT, async () => {
    await using server = new Program(['--create']);
    const base = await server.url();
    const post = (count: number) =>
      fetch(`${base}/api/tables/orders`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: `{"id":1,"count":${count}}`,
      });
    await post(1);
    const home = join(folder, name);
    mkdirSync(home);
    const port = await freePort();
    const block = blocksOf('recipes').find(({ kind }) => kind === name)?.text ?? '';
    const file = join(home, 'config');
    writeFileSync(file, config(block.replace('8088', new URL(base).port), port, home));
    const proxy = spawn(path, args(file, home), {
      stdio: 'ignore',
      env: { ...process.env, HOME: home },
    });
    try {
      const response = await answer(`http://127.0.0.1:${port}/api/tables/orders/stream`);
      assert.is(response.status, 200);
      assert.ok(response.body);
      let text = '';
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const until = async (pattern: RegExp): Promise<void> => {
        while (!pattern.test(text)) text += (await reader.read()).value ?? assert.unreachable(text);
      };
      await until(/"type":"init".*\n\n/s);
      await post(2); // sent after the head, and nothing follows it that would push it out of a buffer
      await until(/"type":"update".*"count":2.*\n\n/s);
      await reader.cancel();
    } finally {
      await endChild(proxy);
    }
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** A proxy takes a moment to listen, and tells nobody when it does. */
async function answer(url: string): Promise<Response> {
  for (let tries = 0; ; tries++) {
    try {
      return await fetch(url);
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(50);
    }
  }
}

const postgres = 'recipes: PostgreSQL, from install to a live table';
if (findPostgres() === undefined) test.skip(postgres, NO_POSTGRES);
else {
  test(postgres, LIMIT, async () => {
    await using database = await PostgresServer.create();
    database.psql('CREATE TABLE orders (id serial PRIMARY KEY, item text)');
    const block = blocksOf('recipes').find(({ kind }) => kind === 'postgres')?.text ?? '';
    const lines = block.trim().replaceAll('postgres://localhost/shop', database.url()).split('\n');
    const [install = [], serve = []] = lines.map((line) => line.split(' ').slice(1));
    await using installing = new Program(install);
    assert.is(await installing.exited, 0, installing.stderr);
    await using program = new Program(serve);
    const url = `${await program.url()}/api/tables/orders`;
    database.psql("INSERT INTO orders (item) VALUES ('tea')");
    for (let text = ''; !text.includes('tea'); await sleep(50))
      text = await (await fetch(url)).text();
  });
}

test('links among the pages, with their anchors, lead somewhere', () => {
  for (const name of PAGES) {
    for (const [, page = '', anchor] of read(name).matchAll(/\]\(([\w-]+)\.md(?:#([\w-]+))?\)/g)) {
      assert.ok(page in DOC_PAGES, `${name}: ${page}`);
      if (anchor !== undefined) assert.match(renderDoc(page, read(page)), `id="${anchor}"`);
    }
  }
});

test('renderDoc: text is escaped, wide things scroll, and the page is marked in the navigation', () => {
  const html = renderDoc(
    'protocol',
    '# A & B\n\n/logs/<name>\n\n```bash\necho "<b>"\n```\n\n| a |\n|---|\n| `x` |\n\n[r](recipes.md#nginx)',
  );
  assert.match(html, '<h1 id="a-b">A &amp; B</h1>');
  assert.match(html, '/logs/&lt;name&gt;');
  assert.match(html, 'echo &quot;&lt;b&gt;&quot;');
  assert.match(html, '<div class="wide" tabindex="0"><table>');
  assert.match(html, '<a href="/docs/recipes#nginx">r</a>');
  assert.match(html, '<a href="/docs/protocol" aria-current="page">Protocol</a>');
  assert.not.match(html, /<script|style=/);
});

test('/docs and each page are served with a strict policy', LIMIT, async () => {
  await using program = new Program([]);
  const base = await program.url();
  for (const name of Object.keys(DOC_PAGES)) {
    const response = await fetch(`${base}/docs${name === 'index' ? '' : `/${name}`}`);
    assert.is(response.status, 200, name);
    assert.is(response.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.not.match(response.headers.get('content-security-policy') ?? 'unsafe', 'unsafe');
    assert.match(await response.text(), '<nav aria-label="Documentation">');
  }
});
