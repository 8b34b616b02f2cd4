import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { seededRandom } from '../../server/base/random.ts';
import { FollowInput } from '../../server/source/follow.ts';
import { LineSource } from '../../server/source/line-source.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';
import { runSource, type SourceRun } from './run-source.ts';

const test = suite('FollowInput');

const root = mkdtempSync(join(tmpdir(), 'sse-table-follow-'));
test.after(() => rmSync(root, { recursive: true }));

/** One look and the pause after it, jitter included. */
const LOOK_MS = 400;

interface Followed extends SourceRun {
  path: string;
  source: LineSource;
  /** Turns the clock and lets I/O happen until the condition holds. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Turns the clock for a while. */
  later(ms: number): Promise<void>;
  /** Turns the clock at once, as for a process that was stopped; lets one look begin. */
  leap(ms: number): Promise<void>;
  texts(): string[];
  stop(): Promise<void>;
}

function follow(name: string, format: 'text' | 'csv' | 'ndjson' = 'text'): Followed {
  const path = join(mkdtempSync(join(root, 'case-')), name);
  const clock = new FakeClock();
  const input = new FollowInput(path, { clock, random: seededRandom(1) });
  const options = { name, table: 't', key: undefined, format, strict: false, maxLineBytes: 10_000 };
  const source = new LineSource(options, input, clock);
  let run: SourceRun | undefined;
  const started = (): SourceRun => (run ??= runSource(source));
  async function turn(): Promise<void> {
    // The follower's file I/O queues before these calls, so it is done when they are.
    for (let i = 0; i < 3; i++) await stat(root);
    clock.advance(LOOK_MS / 4);
  }
  return {
    path,
    source,
    get rows() {
      return started().rows;
    },
    get batchSizes() {
      return started().batchSizes;
    },
    get specs() {
      return started().specs;
    },
    get reports() {
      return started().reports;
    },
    get controller() {
      return started().controller;
    },
    get ended() {
      return started().ended;
    },
    async until(condition, what) {
      started();
      for (let i = 0; i < 2_000; i++) {
        if (condition()) return;
        await turn();
      }
      assert.unreachable(`${what} never happened; rows: ${JSON.stringify(started().rows)}`);
    },
    async later(ms) {
      started();
      for (let passed = 0; passed < ms; passed += LOOK_MS / 4) await turn();
    },
    async leap(ms) {
      clock.advance(ms);
      await stat(root);
    },
    texts: () => started().rows.map((row) => String(row.text)),
    async stop() {
      started().controller.abort();
      // A turn of the clock lets a batch that is being handed over go.
      let isEnded = false;
      const ended = started().ended.then((thrown) => {
        isEnded = true;
        return thrown;
      });
      while (!isEnded) await turn();
      assert.is(await ended, undefined);
    },
  };
}

test('lines are rows as they are written; a partial line waits for its end', async () => {
  const file = follow('a.log');
  writeFileSync(file.path, 'one\ntw');
  await file.until(() => file.rows.length === 1, 'one');
  await file.later(LOOK_MS * 2);
  assert.equal(file.texts(), ['one']);
  appendFileSync(file.path, 'o\nthree\n');
  await file.until(() => file.rows.length === 3, 'three');
  assert.equal(file.rows, [
    { line: 1, text: 'one' },
    { line: 2, text: 'two' },
    { line: 3, text: 'three' },
  ]);
  assert.equal(file.specs, [{ name: 't', key: 'line', append: true }]);
  assert.equal(file.reports, []);
  await file.stop();
});

test('a file of several chunks is read whole, then followed', async () => {
  const file = follow('a.log');
  const lines = Array.from({ length: 20_000 }, (_, i) => `line number ${i}`);
  writeFileSync(file.path, `${lines.join('\n')}\n`);
  await file.until(() => file.rows.length === 20_000, 'all lines');
  appendFileSync(file.path, 'last\n');
  await file.until(() => file.rows.length === 20_001, 'the last');
  assert.equal(file.texts(), [...lines, 'last']);
  await file.stop();
});

test('rotation: the old file is read to its end, line numbers go on', async () => {
  const file = follow('a.log');
  writeFileSync(file.path, 'one\n');
  await file.until(() => file.rows.length === 1, 'one');
  appendFileSync(file.path, 'two\nthr');
  renameSync(file.path, `${file.path}.1`);
  appendFileSync(`${file.path}.1`, 'ee\nfour without an end');
  writeFileSync(file.path, 'five\n');
  await file.until(() => file.rows.length === 5, 'five');
  assert.equal(file.rows, [
    { line: 1, text: 'one' },
    { line: 2, text: 'two' },
    { line: 3, text: 'three' },
    { line: 4, text: 'four without an end' },
    { line: 5, text: 'five' },
  ]);
  assert.equal(file.reports, ['info: the file was rotated; reading the new one']);
  appendFileSync(file.path, 'six\n');
  await file.until(() => file.rows.length === 6, 'six');
  await file.stop();
});

test('rotation: a writer that changes over late loses nothing', async () => {
  const file = follow('a.log');
  writeFileSync(file.path, 'one\n');
  await file.until(() => file.rows.length === 1, 'one');
  renameSync(file.path, `${file.path}.1`);
  writeFileSync(file.path, ''); // made by who rotates, before the writer knows
  await file.later(LOOK_MS * 10);
  appendFileSync(`${file.path}.1`, 'two\n');
  await file.until(() => file.rows.length === 2, 'two');
  appendFileSync(file.path, 'five\n'); // one process of the writer has changed over
  await file.later(LOOK_MS / 2);
  appendFileSync(`${file.path}.1`, 'three\n'); // another has not
  await file.leap(LOOK_MS);
  appendFileSync(`${file.path}.1`, 'four\n');
  await file.until(() => file.rows.length === 5, 'five');
  assert.equal(file.texts(), ['one', 'two', 'three', 'four', 'five']);
  await file.stop();
});

test('rotation: a file rotated away while the one before it is read is not lost', async () => {
  const file = follow('a.log');
  writeFileSync(file.path, 'one\n');
  await file.until(() => file.rows.length === 1, 'one');
  renameSync(file.path, `${file.path}.1`);
  writeFileSync(file.path, '');
  await file.later(LOOK_MS * 2); // seen and held
  appendFileSync(file.path, 'two\n');
  renameSync(file.path, `${file.path}.2`);
  writeFileSync(file.path, 'three\n');
  await file.until(() => file.rows.length === 3, 'three');
  assert.equal(file.texts(), ['one', 'two', 'three']);
  await file.stop();
});

test('truncation: read from the start, a CSV header is a header again', async () => {
  const file = follow('a.csv', 'csv');
  writeFileSync(file.path, 'a,b\n1,x\n2,y\n');
  await file.until(() => file.rows.length === 2, 'two rows');
  truncateSync(file.path);
  await file.until(() => file.reports.length === 1, 'a report');
  appendFileSync(file.path, 'b,a\nz,3\n');
  await file.until(() => file.rows.length === 3, 'the third row');
  assert.equal(file.rows, [
    { line: 2, a: 1, b: 'x' },
    { line: 3, a: 2, b: 'y' },
    { line: 5, b: 'z', a: 3 },
  ]);
  assert.equal(file.reports, ['info: the file was truncated; reading it from its start']);
  assert.is(file.specs.length, 1);
  await file.stop();
});

test('rotation: the key that the first row decided stays', async () => {
  const file = follow('a.ndjson', 'ndjson');
  writeFileSync(file.path, '{"id":1}\n');
  await file.until(() => file.rows.length === 1, 'the first row');
  renameSync(file.path, `${file.path}.1`);
  writeFileSync(file.path, '{"a":1}\n{"id":2}\n');
  await file.until(() => file.rows.length === 2, 'the second row');
  assert.equal(file.rows, [{ id: 1 }, { id: 2 }]);
  assert.equal(file.reports.slice(1), ['warn: line 1: the key column "id" is missing']);
  await file.stop();
});

test('late creation: waits for the file, is down until then', async () => {
  const file = follow('a.log');
  await file.until(() => file.source.down !== undefined, 'down');
  assert.is(file.source.down, 'the file does not exist');
  writeFileSync(file.path, 'one\n');
  await file.until(() => file.rows.length === 1, 'one');
  assert.is(file.source.down, undefined);
  assert.equal(file.reports, [
    'warn: the file does not exist; waiting for it',
    'info: the file is there',
  ]);
  await file.stop();
});

test('deletion: the rest is read, down after 5 s, goes on with a new file', async () => {
  const file = follow('a.log');
  writeFileSync(file.path, 'one\n');
  await file.until(() => file.rows.length === 1, 'one');
  appendFileSync(file.path, 'two\n');
  unlinkSync(file.path);
  await file.until(() => file.rows.length === 2, 'two');
  await file.later(1_000);
  assert.is(file.source.down, undefined);
  await file.until(() => file.source.down !== undefined, 'down');
  writeFileSync(file.path, 'three\n');
  await file.until(() => file.rows.length === 3, 'three');
  assert.is(file.source.down, undefined);
  assert.equal(file.texts(), ['one', 'two', 'three']);
  await file.stop();
});

test('random appends, rotations and truncations: every line once, in order', {
  timeoutMs: 30_000,
}, async () => {
  const seed = 11;
  const random = seededRandom(seed);
  const file = follow('a.log');
  writeFileSync(file.path, '');
  const expected: string[] = [];
  for (let round = 0; round < 60; round++) {
    const text = `line ${round} ${'x'.repeat(Math.floor(random() * 30))}`;
    expected.push(text);
    const cut = Math.floor(random() * text.length);
    appendFileSync(file.path, text.slice(0, cut));
    if (random() < 0.3) await file.later(LOOK_MS);
    appendFileSync(file.path, `${text.slice(cut)}\n`);
    const dice = random();
    if (dice < 0.15) {
      renameSync(file.path, `${file.path}.${round}`);
      writeFileSync(file.path, '');
      await file.later(LOOK_MS); // two rotations within one look cannot be seen
    } else if (dice < 0.3) {
      await file.until(() => file.rows.length === expected.length, `round ${round}, seed ${seed}`);
      truncateSync(file.path);
      const seen = file.reports.length;
      await file.until(() => file.reports.length > seen, `truncation in round ${round}`);
    }
  }
  await file.until(() => file.rows.length === expected.length, `all lines, seed ${seed}`);
  assert.equal(file.texts(), expected, `seed ${seed}`);
  assert.equal(
    file.rows.map((row) => row.line),
    expected.map((_, i) => i + 1),
  );
  await file.stop();
});
