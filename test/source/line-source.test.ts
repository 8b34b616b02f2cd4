import { PassThrough, Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { systemClock } from '../../server/base/clock.ts';
import { StreamInput } from '../../server/source/byte-input.ts';
import { LineSource, type LineSourceOptions } from '../../server/source/line-source.ts';
import type { Row } from '../../server/wire/change.ts';
import { suite } from '../suite.ts';
import { runSource } from './run-source.ts';

const test = suite('LineSource');

const OPTIONS: LineSourceOptions = {
  name: 'stdin',
  table: 'stdin',
  key: undefined,
  format: undefined,
  strict: false,
  maxLineBytes: 1_024,
};

function sourceOf(chunks: readonly string[], options: Partial<LineSourceOptions> = {}): LineSource {
  const input = new StreamInput(() => Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
  return new LineSource({ ...OPTIONS, ...options }, input, systemClock);
}

interface Case {
  name: string;
  input: string;
  options?: Partial<LineSourceOptions>;
  rows: Row[];
  key: string;
  append?: boolean;
}

const cases: Case[] = [
  { name: 'NDJSON with id', input: '{"id":1}\n{"id":2}', rows: [{ id: 1 }, { id: 2 }], key: 'id' },
  {
    name: 'NDJSON without',
    input: '{"a":1}\n',
    rows: [{ line: 1, a: 1 }],
    key: 'line',
    append: true,
  },
  {
    name: 'NDJSON with --key',
    input: '{"a":1}\n',
    options: { key: 'a' },
    rows: [{ a: 1 }],
    key: 'a',
  },
  { name: 'NDJSON after blank lines', input: '\ufeff\n\n{"id":1}\n', rows: [{ id: 1 }], key: 'id' },
  { name: 'CSV with id', input: 'id,a\n1,x', rows: [{ id: 1, a: 'x' }], key: 'id' },
  { name: 'CSV, quoted header', input: '"id","a"\n1,x', rows: [{ id: 1, a: 'x' }], key: 'id' },
  {
    name: 'CSV without id',
    input: 'b,a\n1,x\n',
    rows: [{ line: 2, b: 1, a: 'x' }],
    key: 'line',
    append: true,
  },
  { name: 'TSV', input: 'id\ta\n1\tx\n', rows: [{ id: 1, a: 'x' }], key: 'id' },
  {
    name: 'plain lines',
    input: ' r  b\n 1  0\n',
    rows: [
      { line: 1, text: ' r  b' },
      { line: 2, text: ' 1  0' },
    ],
    key: 'line',
    append: true,
  },
  {
    name: 'log lines with commas are plain',
    input: '2024-01-01 10:00:00,123 INFO up, running\n',
    rows: [{ line: 1, text: '2024-01-01 10:00:00,123 INFO up, running' }],
    key: 'line',
    append: true,
  },
  { name: 'one line, never ended', input: '{"id":1}', rows: [{ id: 1 }], key: 'id' },
  { name: 'a header only: an empty table', input: 'id,a\n', rows: [], key: 'id' },
  { name: 'nothing: an empty table', input: '', rows: [], key: 'line' },
  {
    name: 'a format that is known is not guessed',
    input: 'a\n',
    options: { format: 'csv', key: 'a' },
    rows: [],
    key: 'a',
  },
];

for (const { name, input, options, rows, key, append = false } of cases) {
  test(`run: ${name}`, async () => {
    for (const chunks of [[input], [...input]]) {
      const run = runSource(sourceOf(chunks, options));
      assert.is(await run.ended, undefined);
      assert.equal(run.rows, rows);
      assert.equal(run.specs, [{ name: 'stdin', key, append }]);
      assert.equal(run.reports, []);
    }
  });
}

test('run: batches of at most 1,000 rows, and others have their turn between them', async () => {
  const input = Array.from({ length: 2_500 }, (_, id) => `{"id":${id}}\n`).join('');
  let turns = 0;
  const count = (): void => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  const run = runSource(sourceOf([input]));
  await run.ended;
  clearImmediate(timer);
  assert.equal(run.batchSizes, [1_000, 1_000, 500]);
  assert.ok(turns >= 3, `${turns} turns`);
});

test('run: pulls no further piece while a batch is applied', async () => {
  let pulled = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    while (true) yield Buffer.from(`{"id":${pulled++}}\n`);
  }
  const input = new StreamInput(() => Readable.from(endless(), { highWaterMark: 1 }));
  const source = new LineSource(OPTIONS, input, systemClock);
  const controller = new AbortController();
  const context = { signal: controller.signal, report: () => undefined, drop: () => undefined };
  const batches = source.run(context, () => undefined)[Symbol.asyncIterator]();
  await batches.next();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(pulled < 5, `${pulled} pulled`);
  await batches.return(undefined);
});

test('run: malformed lines: 10 reported, then counts', async () => {
  const input = `${'bad\n'.repeat(1_005)}{"id":1}\n`;
  const run = runSource(sourceOf([input], { format: 'ndjson' }));
  assert.is(await run.ended, undefined);
  assert.equal(run.rows, [{ id: 1 }]);
  assert.is(run.reports.length, 13);
  assert.is(
    run.reports[0],
    'warn: line 1, column 1: not JSON: Unexpected token \'b\', "bad" is not valid JSON',
  );
  assert.equal(run.reports.slice(10), [
    'warn: 100 problems so far',
    'warn: 1000 problems so far',
    'warn: 1005 problems in all, the first 10 of them shown',
  ]);
});

test('run: strict stops at the first malformed line, after the rows before it', async () => {
  const input = '{"id":1}\n{"id":2}\n{"id":3,}\n{"id":4}\n';
  const run = runSource(sourceOf([input], { strict: true }));
  assert.is(
    await run.ended,
    'line 3, column 9: not JSON: Expected double-quoted property name (--strict stops here)',
  );
  assert.equal(run.rows, [{ id: 1 }, { id: 2 }]);
});

test('run: a header without the key ends the source', async () => {
  const run = runSource(sourceOf(['a,b\n1,2\n'], { key: 'id' }));
  assert.is(await run.ended, 'line 1: the header has no key column "id"; it has: a, b');
});

test('run: an input that fails ends the source with its error', async () => {
  const input = new StreamInput(() => {
    const stream = new PassThrough();
    stream.write('{"id":1}\n');
    setImmediate(() => stream.destroy(new Error('the disk is gone')));
    return stream;
  });
  const run = runSource(new LineSource(OPTIONS, input, systemClock));
  assert.is(await run.ended, 'the disk is gone');
  assert.equal(run.rows, [{ id: 1 }]);
});

test('run: abort ends it while it waits for input, and lets the stream go', async () => {
  const stream = new PassThrough();
  const run = runSource(new LineSource(OPTIONS, new StreamInput(() => stream), systemClock));
  stream.write('{"id":1}\n{"id":');
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  while (run.rows.length === 0) await turn();
  for (let i = 0; i < 10; i++) await turn(); // by then it waits for the rest of the line
  run.controller.abort();
  assert.is(await run.ended, undefined);
  assert.equal(run.rows, [{ id: 1 }]);
  assert.ok(stream.destroyed);
});
