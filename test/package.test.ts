/**
 * The package as npm would publish it, in the hands of somebody who has just installed it.
 *
 * @see SPEC 4; DESIGN 3 "the core supports Node ≥ 22"
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite } from './suite.ts';

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

/** The oldest line that is supported, the one after it, and the one of this checkout. */
const NODES = ['22', '24', '26'];

/** What can be imported, with types. */
const ENTRIES = ['.', './element', './client', './lit', './react'];

const EXAMPLE = `
import { ServerResponse } from 'node:http';
import { createApp, loadPage } from 'sse-table';
let detached = 0;
const { detachSocket } = ServerResponse.prototype;
ServerResponse.prototype.detachSocket = function (socket) {
  detached++;
  return detachSocket.call(this, socket);
};
const app = createApp({ grace: 1_000 }, { page: loadPage() });
app.table('orders').upsert([{ id: 1, item: 'tea' }, { id: 2, item: 'cup' }]);
app.sse('/count/:to', function* ({ params }) { for (let n = 1; n <= params.to; n++) yield { n }; });
const { url } = await app.listen(0);
const headers = { Accept: 'text/event-stream' };
const count = await (await fetch(url + '/count/3', { headers })).text();
const before = detached;
const stream = await fetch(url + '/api/tables/orders/stream', { headers });
const reader = stream.body.getReader();
let table = '';
while (!table.includes('"item":"cup"')) table += new TextDecoder().decode((await reader.read()).value);
await new Promise((resolve) => setImmediate(resolve));
const letGo = detached - before;
const page = (await fetch(url + '/')).status;
const component = (await fetch(url + '/sse-table.js')).status;
await reader.cancel();
await app.close();
console.log(JSON.stringify({ node: process.versions.node.split('.')[0], count, page, component, letGo }));
`;

const test = suite('package');

let folder = '';
let tarball = '';

test.before(async () => {
  if (!existsSync(join(ROOT, 'dist/index.js')) || !existsSync(join(ROOT, 'dist/types'))) {
    await run(process.execPath, ['build.mjs', 'package'], { cwd: ROOT });
  }
  folder = mkdtempSync(join(tmpdir(), 'sse-table-package-'));
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    { cwd: ROOT },
  );
  const [packed] = JSON.parse(stdout);
  tarball = join(folder, packed.filename);
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  writeFileSync(join(folder, 'example.js'), EXAMPLE);
  const { platform, arch } = process;
  const nodes = NODES.map((version) => `node-${version}@npm:node-${platform}-${arch}@${version}`);
  const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...flags, tarball, ...nodes], { cwd: folder });
});

test.after(() => rm(folder, { recursive: true, force: true }));

for (const version of NODES) {
  test(`an example runs on Node ${version}`, { timeoutMs: 30_000 }, async () => {
    const node = join(folder, `node_modules/node-${version}/bin/node`);
    const { stdout, stderr } = await run(node, ['example.js'], { cwd: folder });
    assert.is(stderr, '');
    const { node: major, count, page, component, letGo } = JSON.parse(stdout);
    assert.is(major, version);
    assert.match(count, /data: \{"n":1\}\n\ndata: \{"n":2\}\n\ndata: \{"n":3\}\n\n/);
    assert.equal([page, component], [200, 200]);
    assert.is(letGo, 1, 'node:http lets go of the socket of an open stream');
  });
}

test('publint has nothing to say', { timeoutMs: 30_000 }, async () => {
  const { stdout } = await run(join(BIN, 'publint'), ['run', tarball, '--strict'], { cwd: ROOT });
  assert.match(stdout, /All good!/);
});

test('the types are right for every way to import', { timeoutMs: 60_000 }, async () => {
  const { stdout } = await run(
    join(BIN, 'attw'),
    // The script for a tag has no types to have.
    [tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'sse-table.js', '--no-color'],
    { cwd: ROOT },
  );
  assert.is(stdout.match(/node16 \(from ESM\): 🟢/g)?.length, ENTRIES.length, stdout);
});

test('nothing is compiled on installing, and the package says who may publish it', () => {
  const { scripts, publishConfig } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(
    ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts),
    [],
  );
  assert.is(publishConfig.provenance, true);
});
