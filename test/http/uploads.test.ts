import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createApp } from '../../server/app.ts';
import { parseRange } from '../../server/http/range.ts';
import { safeFilename } from '../../server/http/uploads/filename.ts';
import type { Options } from '../../server/options.ts';
import { FakeClock } from '../fake-clock.ts';
import { Program } from '../services/program.ts';
import { until } from '../source/follow-source.ts';
import { suite } from '../suite.ts';
import { EventSourceClient } from './event-source-client.ts';
import { type Running, withApp } from './server.ts';

const test = suite('uploads');

const root = mkdtempSync(join(tmpdir(), 'sse-table-uploads-'));
test.after(() => rmSync(root, { recursive: true }));

interface Begun {
  status: number;
  code: string;
  message: string;
  session_id: string;
  filename: string;
  upload_url: string;
  progress_url: string;
  download_url: string;
}

/** An app with a folder of its own. */
function withUploads(
  body: (running: Running & { folder: string }) => Promise<void>,
  options: Partial<Options> = {},
  clock?: FakeClock,
): Promise<void> {
  const folder = mkdtempSync(join(root, 'case-'));
  const serve = (running: Running): Promise<void> => body({ ...running, folder });
  return withApp({ uploads: folder, ...options }, serve, clock === undefined ? {} : { clock });
}

async function begin(url: string, filename: string, size?: number): Promise<Begun> {
  const response = await fetch(`${url}/api/uploads`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ filename, size }),
  });
  return { ...(await response.json()), status: response.status };
}

function put(url: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
  const duplex = { duplex: 'half' } as const;
  return fetch(url, { method: 'PUT', body, headers, ...duplex });
}

/** Bytes that differ from place to place. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 251);
}

test('begun, sent, watched by many, downloaded', () =>
  withUploads(async ({ url, folder }) => {
    const begun = await begin(url, 'photo 1.jpg', 300_000);
    assert.is(begun.status, 201);
    assert.match(begun.session_id, /^[a-z0-9]{26}$/);
    using one = new EventSourceClient(url + begun.progress_url);
    using two = new EventSourceClient(url + begun.progress_url);
    for (const watcher of [one, two]) {
      const [init] = await watcher.first(1, 'init');
      assert.is(init?.filename, 'photo 1.jpg');
      assert.is(init?.completed, false);
      assert.is(init?.progress, 0);
    }
    const sent = bytes(300_000);
    const answer = await put(url + begun.upload_url, sent);
    assert.is(answer.status, 200);
    const whole = { filename: 'photo 1.jpg', file_size: 300_000, download_url: begun.download_url };
    assert.equal(await answer.json(), { status: 'success', ...whole });
    for (const watcher of [one, two]) {
      const [completed] = await watcher.first(1, 'completed');
      assert.equal(completed, { type: 'completed', ...whole, progress: 100, id: completed?.id });
      for (const { progress } of watcher.of('progress')) {
        assert.ok(Number(progress) >= 0 && Number(progress) <= 100);
      }
      // The stream has ended for good: 204.
      await watcher.until(() => watcher.isClosed);
    }
    using late = new EventSourceClient(url + begun.progress_url);
    assert.is((await late.first(1, 'init'))[0]?.completed, true);
    await late.first(1, 'completed');
    const response = await fetch(url + begun.download_url);
    assert.is(response.headers.get('content-length'), '300000');
    assert.match(
      response.headers.get('content-disposition') ?? '',
      /^attachment; filename="photo_1\.jpg"; filename\*=UTF-8''photo%201\.jpg$/,
    );
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(sent));
    assert.equal(
      readdirSync(folder).map((name) => name.replace(begun.session_id, '<id>')),
      ['<id>.data', '<id>.json'],
    );
  }));

test('progress is told while the body comes, at the pace of the disk', () =>
  withUploads(async ({ url }) => {
    const { upload_url, progress_url } = await begin(url, 'a.bin', 4);
    using watcher = new EventSourceClient(url + progress_url);
    await watcher.first(1, 'init');
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answer = put(url + upload_url, readable);
    await writer.write(Uint8Array.of(1));
    await watcher.until(() => watcher.of('progress').some(({ bytes: all }) => all === 1));
    assert.is(watcher.of('progress').find(({ bytes: all }) => all === 1)?.progress, 25);
    await writer.write(Uint8Array.of(2, 3, 4));
    await writer.close();
    assert.is((await answer).status, 200);
    await watcher.first(1, 'completed');
  }));

test('an upload that breaks off leaves nothing, is told, and may be sent again', () =>
  withUploads(async ({ url, port, folder, app }) => {
    const { upload_url, progress_url, download_url } = await begin(url, 'a.bin', 1_000);
    using watcher = new EventSourceClient(url + progress_url);
    await watcher.first(1, 'init');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `PUT ${upload_url} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc`,
    );
    await watcher.until(() => watcher.of('progress').some(({ bytes: all }) => all === 3));
    assert.is((await fetch(url + download_url)).status, 404);
    socket.destroy();
    const [problem] = await watcher.first(1, 'error');
    assert.match(String(problem?.message), /broke off/);
    await until('nothing is left', () => readdirSync(folder).length === 0);
    assert.is((await put(url + upload_url, bytes(1_000))).status, 200);
    await watcher.first(1, 'completed');
    const { uploads } = await (await fetch(`${url}/api/metrics`)).json();
    assert.is(uploads.interrupted, 1);
    assert.is(uploads.completed, 1);
    assert.is(uploads.bytes, 1_000);
    assert.ok(app);
  }));

test('sent once: a second body is a conflict', () =>
  withUploads(async ({ url }) => {
    const { upload_url } = await begin(url, 'a.bin');
    assert.is((await put(url + upload_url, 'abc')).status, 200);
    const again = await put(url + upload_url, 'abc');
    assert.is(again.status, 409);
    assert.match((await again.json()).message, /completed already/);
  }));

test('an empty file is a file', () =>
  withUploads(async ({ url }) => {
    const { upload_url, download_url } = await begin(url, 'empty', 0);
    assert.is((await put(url + upload_url, '')).status, 200);
    const response = await fetch(url + download_url);
    assert.is(response.status, 200);
    assert.is(await response.text(), '');
  }));

const LIMITS: [
  title: string,
  options: Partial<Options>,
  body: string,
  size: number | undefined,
  status: number,
][] = [
  ['a size above --max-upload', { maxUpload: 1_024 }, 'x', 1_025, 413],
  ['a body above --max-upload', { maxUpload: 1_024 }, 'x'.repeat(1_025), undefined, 413],
  ['a size above --upload-quota', { uploadQuota: 1_024 }, 'x', 1_025, 507],
  ['a body above --upload-quota', { uploadQuota: 1_024 }, 'x'.repeat(1_025), undefined, 507],
  ['fewer bytes than announced', {}, 'abc', 4, 400],
  ['more bytes than announced', {}, 'abcde', 4, 400],
];

for (const [title, options, body, size, status] of LIMITS) {
  test(`${title}: ${status}, and nothing is kept`, () =>
    withUploads(async ({ url, folder }) => {
      const begun = await begin(url, 'a.bin', size);
      const isRefusedAtOnce = begun.status === status;
      const answer = isRefusedAtOnce ? begun : await put(url + begun.upload_url, body);
      assert.is(answer.status, status);
      assert.equal(readdirSync(folder), []);
      // Without a length the body is counted as it comes.
      if (isRefusedAtOnce) return;
      const chunks = new Blob([body]).stream();
      assert.is((await put(url + begun.upload_url, chunks)).status, status);
      assert.equal(readdirSync(folder), []);
    }, options));
}

test('the quota counts what others have announced, and what has been deleted no more', () =>
  withUploads(
    async ({ url }) => {
      const first = await begin(url, 'a', 800);
      assert.is((await begin(url, 'b', 300)).status, 507);
      assert.is((await fetch(url + first.upload_url, { method: 'DELETE' })).status, 200);
      assert.is((await begin(url, 'b', 300)).status, 201);
      assert.is((await put(url + first.upload_url, 'x')).status, 404);
    },
    { uploadQuota: 1_024 },
  ));

test('what is whole expires, and so does what is never sent', () => {
  const clock = new FakeClock();
  return withUploads(
    async ({ url, folder }) => {
      const waiting = await begin(url, 'a');
      const whole = await begin(url, 'b');
      assert.is((await put(url + whole.upload_url, 'abc')).status, 200);
      clock.advance(11 * 60_000);
      assert.is((await fetch(url + waiting.progress_url)).status, 404);
      assert.is((await fetch(url + whole.download_url)).status, 200);
      clock.advance(60 * 60_000);
      await until('it is gone', () => readdirSync(folder).length === 0);
      assert.is((await fetch(url + whole.download_url)).status, 404);
    },
    { uploadExpiry: 60 * 60_000 },
    clock,
  );
});

test('a watcher is sent home after 300 s', () => {
  const clock = new FakeClock();
  return withUploads(
    async ({ url }) => {
      const { progress_url } = await begin(url, 'a');
      using watcher = new EventSourceClient(url + progress_url);
      await until('it has begun', () => {
        clock.advance(1);
        return watcher.of('init').length > 0;
      });
      clock.advance(300_000);
      await watcher.first(1, 'timeout');
      await watcher.until(() => watcher.isClosed);
    },
    {},
    clock,
  );
});

test('a restart keeps what is whole and takes away the rest; other files stay', async () => {
  const folder = mkdtempSync(join(root, 'restart-'));
  let whole: Begun | undefined;
  await withApp({ uploads: folder }, async ({ url }) => {
    whole = await begin(url, 'a.txt');
    await put(url + whole.upload_url, 'abc');
  });
  writeFileSync(join(folder, `${'a'.repeat(26)}.part`), 'half');
  writeFileSync(join(folder, `${'b'.repeat(26)}.data`), 'without a record');
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  await withApp({ uploads: folder }, async ({ url }) => {
    const response = await fetch(url + (whole?.download_url ?? ''));
    assert.is(await response.text(), 'abc');
    assert.match(response.headers.get('content-disposition') ?? '', /a\.txt/);
    assert.equal(readdirSync(folder).length, 3);
    assert.is(readFileSync(join(folder, 'notes.txt'), 'utf8'), 'mine');
  });
});

test('Range: a part of the file, and If-Range', () =>
  withUploads(async ({ url }) => {
    const { upload_url, download_url } = await begin(url, 'a.txt');
    await put(url + upload_url, '0123456789');
    const get = (headers: Record<string, string>) => fetch(url + download_url, { headers });
    const part = await get({ Range: 'bytes=2-4' });
    assert.is(part.status, 206);
    assert.is(part.headers.get('content-range'), 'bytes 2-4/10');
    assert.is(await part.text(), '234');
    assert.is(await (await get({ Range: 'bytes=-3' })).text(), '789');
    const etag = part.headers.get('etag') ?? '';
    assert.is((await get({ Range: 'bytes=2-4', 'If-Range': etag })).status, 206);
    assert.is((await get({ Range: 'bytes=2-4', 'If-Range': '"other"' })).status, 200);
    const beyond = await get({ Range: 'bytes=10-' });
    assert.is(beyond.status, 416);
    assert.is(
      (await fetch(url + download_url, { method: 'HEAD' })).headers.get('accept-ranges'),
      'bytes',
    );
  }));

const RANGES: [
  header: string | undefined,
  size: number,
  range: [number, number] | undefined | 'none',
][] = [
  [undefined, 10, undefined],
  ['bytes=0-0', 10, [0, 0]],
  ['bytes=5-', 10, [5, 9]],
  ['bytes=5-99', 10, [5, 9]],
  ['bytes=-99', 10, [0, 9]],
  ['bytes=4-2', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['lines=0-1', 10, undefined],
  ['bytes=10-', 10, 'none'],
  ['bytes=-0', 10, 'none'],
  ['bytes=0-', 0, 'none'],
];

for (const [header, size, range] of RANGES) {
  test(`parseRange: ${header} of ${size} is ${range}`, () => {
    if (range === 'none') assert.throws(() => parseRange(header, size), /ask for some of them/);
    else {
      const expected = range && { first: range[0], last: range[1] };
      assert.equal(parseRange(header, size), expected);
    }
  });
}

const NAMES: [name: string, safe: string][] = [
  ['photo.jpg', 'photo.jpg'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\报告.docx', '报告.docx'],
  ['a\r\nb\0.txt', 'ab.txt'],
  ['.htaccess', 'htaccess'],
  ['exe\u202etxt.gpj', 'exetxt.gpj'],
  ['a"b<c>.txt', 'a_b_c_.txt'],
  ['..', 'file'],
  ['dir/', 'file'],
  ['\ud800.txt', 'txt'],
  [`${'长'.repeat(100)}.tar.gz`, `${'长'.repeat(57)}.gz`],
];

for (const [name, safe] of NAMES) {
  test(`safeFilename: ${JSON.stringify(name.slice(0, 20))}`, () =>
    assert.is(safeFilename(name), safe));
}

for (const body of [
  {},
  { filename: '' },
  { filename: 7 },
  { filename: 'a', size: -1 },
  { filename: 'a', size: '5' },
]) {
  test(`POST ${JSON.stringify(body)}: 400`, () =>
    withUploads(async ({ url }) => {
      const headers = { 'Content-Type': 'application/json' };
      const response = await fetch(`${url}/api/uploads`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      assert.is(response.status, 400);
      assert.match((await response.json()).message, /(filename|size) is/);
    }));
}

test('without --uploads there is nothing; --read-only refuses', async () => {
  await withApp({}, async ({ url }) => assert.is((await begin(url, 'a')).status, 404));
  await withUploads(async ({ url }) => assert.is((await begin(url, 'a')).status, 403), {
    readOnly: true,
  });
});

test('--uploads that is no folder is refused', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  assert.throws(() => createApp({ uploads: file }), /name a folder that may be written to/);
});

test('--workers: forwarded, bodies and progress too', { timeoutMs: 30_000 }, async () => {
  const folder = mkdtempSync(join(root, 'workers-'));
  await using program = new Program(['--uploads', folder, '--workers', '2']);
  const url = await program.url();
  const sent = bytes(2_000_000);
  const begun = await begin(url, 'a.bin', sent.length);
  using watcher = new EventSourceClient(url + begun.progress_url);
  await watcher.first(1, 'init');
  assert.is((await put(url + begun.upload_url, sent)).status, 200);
  await watcher.first(1, 'completed');
  const response = await fetch(url + begun.download_url);
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(sent));
});
