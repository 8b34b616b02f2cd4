import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as assert from 'uvu/assert';
import { systemClock } from '../../server/base/clock.ts';
import { SseTableError } from '../../server/base/errors.ts';
import { seededRandom } from '../../server/base/random.ts';
import { openSource, tableName } from '../../server/source/open.ts';
import type { Source } from '../../server/source/source.ts';
import { suite } from '../suite.ts';
import { runSource } from './run-source.ts';

const test = suite('openSource');

const folder = mkdtempSync(join(tmpdir(), 'sse-table-open-'));
test.after(() => rmSync(folder, { recursive: true }));

const OPTIONS = {
  key: undefined,
  table: [],
  follow: false,
  strict: false,
  readOnly: false,
  maxLineBytes: 1_024,
};

function open(argument: string, options = {}, input = ''): Source {
  const stdin = Readable.from([Buffer.from(input)]);
  const deps = { clock: systemClock, random: seededRandom(1), stdin };
  return openSource(argument, { ...OPTIONS, ...options }, deps);
}

function messageOf(argument: string, options = {}): string {
  try {
    open(argument, options);
  } catch (error) {
    if (!(error instanceof SseTableError)) throw error;
    assert.is(error.code, 'bad_option');
    return error.message;
  }
  return 'nothing thrown';
}

test('-: standard input, table stdin', async () => {
  const source = open('-', {}, '{"id":1}\n');
  assert.is(source.name, 'stdin');
  assert.is(source.down, undefined);
  const run = runSource(source);
  await run.ended;
  assert.equal(run.specs, [{ name: 'stdin', key: 'id', append: false }]);
  assert.equal(run.rows, [{ id: 1 }]);
});

const files: [name: string, content: string, rows: unknown[]][] = [
  ['a.ndjson', '{"id":1}\n', [{ id: 1 }]],
  ['a.jsonl', '{"id":1}\n', [{ id: 1 }]],
  ['a.json', '{"id":1}\n', [{ id: 1 }]],
  ['a.CSV', 'id\n1\n', [{ id: 1 }]],
  ['a.tsv', 'id\ta\n1\t2\n', [{ id: 1, a: 2 }]],
  ['a.log', '{"id":1}\n', [{ line: 1, text: '{"id":1}' }]],
  ['a.txt', 'id,a\n', [{ line: 1, text: 'id,a' }]],
  ['a.dat', 'id,a\n1,2\n', [{ id: 1, a: 2 }]],
  ['a', '{"id":1}\n', [{ id: 1 }]],
];

for (const [name, content, rows] of files) {
  test(`${name}: read by its name or first line, table a`, async () => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const source = open(path);
    assert.is(source.name, `file ${name}`);
    const run = runSource(source);
    assert.is(await run.ended, undefined);
    assert.equal(run.rows, rows);
    assert.is(run.specs[0]?.name, 'a');
  });
}

test('a file of 200 KB is read whole', async () => {
  const path = join(folder, 'big.ndjson');
  const lines = Array.from({ length: 20_000 }, (_, id) => `{"id":${id}}`);
  writeFileSync(path, lines.join('\n'));
  const run = runSource(open(path));
  await run.ended;
  assert.is(run.rows.length, 20_000);
  assert.equal(run.rows[19_999], { id: 19_999 });
});

const POSSIBLE =
  'sources are "-" for standard input, NDJSON, CSV, TSV and log files, SQLite files, ' +
  'postgres://… and redis://…';

test('bad_option with the fix for what cannot be opened', () => {
  const array = join(folder, 'array.json');
  writeFileSync(array, '\ufeff [\n{"id":1}]');
  const lines = join(folder, 'lines.db');
  writeFileSync(lines, '{"id":1}\n');
  const cases: [argument: string, message: string][] = [
    ['', `a source is empty; ${POSSIBLE}`],
    [
      `${folder}/no/shop.db`,
      `"${folder}/no/shop.db" does not exist and cannot be made; check the name and its folder`,
    ],
    [`sqlite:${folder}`, `"${folder}" is no file; name a SQLite file`],
    ['sqlite:', '"sqlite:" names no file; try sqlite:shop.db'],
    [
      lines,
      '"lines.db" is no SQLite file, for all its name; files of lines end in .ndjson or .csv',
    ],
    [
      'redis://me:secret@host/0',
      '"redis://***@host/0" names no stream; add it as in redis://127.0.0.1:6379/0?stream=orders',
    ],
    [
      'redis://host/orders?stream=a',
      '"redis://host/orders?stream=a": "orders" is no number of a database; ' +
        'as in redis://127.0.0.1:6379/0?stream=orders',
    ],
    ['http://x/a.csv', `"http://x/a.csv" is no source of a known kind; ${POSSIBLE}`],
    [folder, `"${folder}" is a folder; name a file in it`],
    [
      `${folder}/none.csv`,
      `"${folder}/none.csv" does not exist; check the name, or --follow to wait for it`,
    ],
    [
      array,
      `"${array}" is a JSON array; one object a line is read: ` +
        `jq -c '.[]' array.json > array.ndjson`,
    ],
  ];
  for (const [argument, message] of cases) assert.is(messageOf(argument), message);
  assert.is(messageOf('-', { table: ['a', 'b'] }), '--table a,b names 2 tables; "-" is one');
  assert.is(messageOf('-', { table: [''] }), '--table is empty; give the table a name');
});

test('a file that may not be read', () => {
  const path = join(folder, 'secret.csv');
  writeFileSync(path, 'id\n1\n');
  chmodSync(path, 0o000);
  if (process.getuid?.() === 0) {
    open(path); // root may read anything
  } else {
    assert.is(messageOf(path), `"${path}" cannot be read (EACCES); check its permissions`);
  }
});

test('--follow waits for a file that is not there', () => {
  assert.is(open(`${folder}/later.log`, { follow: true }).name, 'file later.log');
});

test('tableName: --table as it is, else the file name fit for a URL', () => {
  const cases: [argument: string, names: string[], name: string][] = [
    ['-', [], 'stdin'],
    ['-', ['My orders'], 'My orders'],
    ['data/orders.csv', [], 'orders'],
    ['orders.2024.csv', [], 'orders.2024'],
    ['订单 2024#1/2?.csv', [], '2_'],
    ['订单 #1%.csv', [], '订单_1_'],
    ['.log', [], 'log'],
    ['/dev/fd/63', [], '63'],
  ];
  for (const [argument, names, name] of cases) assert.is(tableName(argument, names), name);
});
