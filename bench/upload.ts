/**
 * Measures an upload: MB/s and the server's memory, beside `cp` of the same file on the same disk.
 *
 *     node bench/upload.ts [GB] [folder]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdtempSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Program } from '../test/services/program.ts';
import { usageOf } from './measure/process-usage.ts';

const [gigabytes = '5', where = tmpdir()] = process.argv.slice(2);

const BYTES = Math.round(Number(gigabytes) * 1e9);

const SAMPLE_MS = 250;

const MIB = 2 ** 20;

const folder = mkdtempSync(join(where, 'sse-table-bench-upload-'));
try {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < 3.2 * BYTES) throw new Error(`${where} has no room for three such files`);
  // Sparse: reading it costs next to nothing, so the writing side is what is measured.
  const source = join(folder, 'source');
  writeFileSync(source, '');
  truncateSync(source, BYTES);

  const copy = join(folder, 'copy');
  const copyAt = performance.now();
  spawnSync('cp', ['--sparse=never', source, copy]);
  const copyMs = performance.now() - copyAt;
  rmSync(copy);

  await using program = new Program([
    ...['--uploads', join(folder, 'uploads'), '--max-upload', '20GB', '--upload-quota', '20GB'],
  ]);
  const url = await program.url();
  const { pid } = program;
  const begun = await fetch(`${url}/api/uploads`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ filename: 'large.bin', size: BYTES }),
  });
  const { upload_url, download_url } = await begun.json();
  const before = usageOf([pid]);
  let maxRssBytes = before.rssBytes;
  const sampling = setInterval(() => {
    maxRssBytes = Math.max(maxRssBytes, usageOf([pid]).rssBytes);
  }, SAMPLE_MS);
  const uploadAt = performance.now();
  await put(url + upload_url, source);
  const uploadMs = performance.now() - uploadAt;
  const { cpuUs } = usageOf([pid]);
  const downloadAt = performance.now();
  const response = await fetch(url + download_url);
  const hash = createHash('sha1');
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  const downloadMs = performance.now() - downloadAt;
  clearInterval(sampling);
  const isSame = hash.digest('hex') === (await hashOf(source));
  const rate = (ms: number): string => `${Math.round(BYTES / 1_000 / ms)} MB/s`;
  console.log(
    `${bytes} bytes, ${isSame ? 'the same' : 'NOT THE SAME'} when downloaded\n` +
      `cp ${rate(copyMs)}; upload ${rate(uploadMs)}, ${((cpuUs - before.cpuUs) / 1_000 / uploadMs).toFixed(2)} cores; ` +
      `download ${rate(downloadMs)}, SHA-1 included\n` +
      `RSS ${Math.round(before.rssBytes / MIB)} MiB before, at most ${Math.round(maxRssBytes / MIB)} MiB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function put(url: string, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sending = request(
    url,
    { method: 'PUT', headers: { 'Content-Length': BYTES } },
    (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`the upload was answered ${answer.statusCode}`));
      });
    },
  );
  await pipeline(createReadStream(path, { highWaterMark: MIB }), sending);
  await promise;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path, { highWaterMark: MIB }), hash);
  return hash.digest('hex');
}
