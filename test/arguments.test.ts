import * as assert from 'uvu/assert';
import { parseArguments, type ServeArguments } from '../server/arguments.ts';
import { SseTableError } from '../server/base/errors.ts';
import { DEFAULTS } from '../server/options.ts';
import { suite } from './suite.ts';

const noFile = (path: string): string => {
  throw new Error(`ENOENT: no such file, open '${path}'`);
};

const parse = (line: string, env: Record<string, string> = {}, config?: unknown) =>
  parseArguments(
    line.split(' ').filter((word) => word !== ''),
    env,
    config === undefined ? noFile : () => JSON.stringify(config),
  );

/** A line that serves. */
function parseServe(...line: Parameters<typeof parse>): ServeArguments {
  const args = parse(...line);
  if (args.action !== 'run') throw new Error(`"${line[0]}" is ${args.action}`);
  return args;
}

const says = (message: string) => (error: unknown) => {
  assert.instance(error, SseTableError);
  assert.is((error as SseTableError).code, 'bad_option');
  assert.is((error as SseTableError).message, message);
  return true;
};

const test = suite('parseArguments');

test('nothing: the defaults, no source', () => {
  assert.equal(parse(''), { action: 'run', sources: [], options: DEFAULTS, given: {} });
});

const GIVEN: [string, object][] = [
  ['--port 0', { port: 0 }],
  ['--port=9000', { port: 9000 }],
  ['--port 1 --port 2', { port: 2 }],
  ['--open', { open: true }],
  ['--no-open', { open: false }],
  ['--open --no-open', { open: false }],
  ['--open=false', { open: false }],
  ['--open=1', { open: true }],
  ['--heartbeat 500ms', { heartbeat: 500 }],
  ['--heartbeat 1.5s', { heartbeat: 1_500 }],
  ['--max-lifetime 5m', { maxLifetime: 300_000 }],
  ['--max-lifetime 1h', { maxLifetime: 3_600_000 }],
  ['--max-lifetime 0', { maxLifetime: 0 }],
  ['--ring-bytes 64KiB', { ringBytes: 65_536 }],
  ['--ring-bytes 1MB', { ringBytes: 1_000_000 }],
  ['--ring-bytes 1.5mib', { ringBytes: 1_572_864 }],
  ['--ring-bytes 4096', { ringBytes: 4_096 }],
  [
    '--cors https://a.example,https://b.example',
    { cors: ['https://a.example', 'https://b.example'] },
  ],
  ['--table a --table b,c', { table: ['a', 'b', 'c'] }],
  ['--log-level debug', { logLevel: 'debug' }],
  ['--key sku', { key: 'sku' }],
];
for (const [line, given] of GIVEN) {
  test(`${line}: read`, () => {
    const read = parseServe(line);
    assert.equal(read.given, given);
    assert.equal(read.options, { ...DEFAULTS, ...given });
  });
}

const SOURCES: [string, string[]][] = [
  ['-', ['-']],
  ['a.csv --follow b.ndjson', ['a.csv', 'b.ndjson']],
  ['--open -', ['-']],
  ['-- --odd.csv', ['--odd.csv']],
];
for (const [line, sources] of SOURCES) {
  test(`${line}: sources ${sources.join(' ')}`, () =>
    assert.equal(parseServe(line).sources, sources));
}

for (const [line, action] of [
  ['--help', 'help'],
  ['-h', 'help'],
  ['--version', 'version'],
  ['-v', 'version'],
  ['x.csv --port 1 --help', 'help'],
]) {
  test(`${line}: ${action}`, () => assert.is(parse(line ?? '').action, action));
}

const COMMAND_LINES: [line: string, action: string, sources: string[], given: object][] = [
  ['install shop.db --dry-run', 'install', ['shop.db'], { dryRun: true }],
  ['--table a,b uninstall x.db', 'uninstall', ['x.db'], { table: ['a', 'b'] }],
  ['tail http://h/ --json --max 3', 'tail', ['http://h/'], { json: true, max: 3 }],
  [
    'load http://h/ --connections 1000 --for 30s',
    'load',
    ['http://h/'],
    { connections: 1000, for: 30_000 },
  ],
  [
    'tail http://h/ --header A:b,c --header D:e',
    'tail',
    ['http://h/'],
    { header: ['A:b,c', 'D:e'] },
  ],
];
for (const [line, action, sources, given] of COMMAND_LINES) {
  test(`${line}: a sub-command with options of its own`, () => {
    const args = parse(line);
    if (args.action === 'help' || args.action === 'version') throw new Error(args.action);
    assert.equal([args.action, args.sources, args.given], [action, sources, given]);
  });
}

test('load --help: about load', () =>
  assert.equal(parse('load --help'), { action: 'help', about: 'load' }));

test('a sub-command reads its variables, and of a config file what it knows', () => {
  const args = parse(
    'install x.db --config c.json',
    { SSE_TABLE_KEY: 'k', SSE_TABLE_PORT: 'x' },
    { port: 1, table: 'a' },
  );
  assert.ok(args.action === 'install');
  assert.equal(args.given, { config: 'c.json', key: 'k', table: ['a'] });
});

test('--help: answered though the environment and the config file are wrong', () => {
  assert.is(parse('--help --config none.json', { SSE_TABLE_PORT: 'x' }).action, 'help');
});

const WRONG: [string, string][] = [
  ['load http://h/ --port 1', '--port: sse-table load has no such option; sse-table has'],
  ['--connections 5', '--connections: sse-table has no such option; sse-table load has'],
  ['tail http://h/ --jsno', '--jsno: unknown option; did you mean --json?'],
  ['load http://h/ --for 20', '--for: 20 has no unit (ms, s, m, h); try --for 20ms'],
  ['load http://h/ --header', "--header: needs a value, as in --header '<name>: <value>'"],
  ['--prot 80', '--prot: unknown option; did you mean --port?'],
  ['--maxRows 5', '--maxRows: unknown option; did you mean --max-rows?'],
  ['--max_rows 5', '--max_rows: unknown option; did you mean --max-rows?'],
  ['--hepl', '--hepl: unknown option; did you mean --help?'],
  ['--zzzzzzzz', '--zzzzzzzz: unknown option; see sse-table --help'],
  ['-x', '-x: unknown option; see sse-table --help'],
  ['--h', '--h: unknown option; see sse-table --help'],
  ['--no-port', '--no-port: unknown option; see sse-table --help'],
  ['--no-open=1', '--no-open: takes no value; write just --no-open'],
  ['--open=maybe', '--open: "maybe" is neither true nor false; try --open=true'],
  ['--port', '--port: needs a value, as in --port 8088'],
  ['--port --open', '--port: needs a value, as in --port 8088'],
  ['--key', '--key: needs a value, as in --key <column>'],
  ['--key=', '--key: is empty; leave it out, or give it a value'],
  ['--port abc', '--port: "abc" is not a whole number; try --port 8088'],
  ['--port 80.5', '--port: "80.5" is not a whole number; try --port 8088'],
  ['--port 0x50', '--port: "0x50" is not a whole number; try --port 8088'],
  ['--port 65536', '--port: 65536 is above 65535; try --port 65535'],
  ['--port -1', '--port: -1 is below 0; try --port 0'],
  ['--heartbeat 15', '--heartbeat: 15 has no unit (ms, s, m, h); try --heartbeat 15ms'],
  ['--heartbeat 5d', '--heartbeat: "5d" is not a time; try --heartbeat 15s'],
  ['--heartbeat 0', '--heartbeat: 0 is below 100ms; try --heartbeat 100ms'],
  ['--flush 11s', '--flush: 11s is above 10s; try --flush 10s'],
  ['--flush 0.5ms', '--flush: "0.5ms" is not in whole ms; try --flush 16ms'],
  ['--max-lifetime 600h', '--max-lifetime: "600h" is more than 24 days; try --max-lifetime 30s'],
  ['--ring-bytes 1KiB', '--ring-bytes: 1KiB is below 4KiB; try --ring-bytes 4KiB'],
  ['--ring-bytes 8QB', '--ring-bytes: "8QB" is not a size in whole bytes; try --ring-bytes 8MiB'],
  ['--cors a,,b', '--cors: "a,,b" has an empty item; try --cors a,b'],
  [
    '--log-level loud',
    '--log-level: "loud" is none of debug, info, warn, error, silent; try --log-level info',
  ],
];
for (const [line, message] of WRONG) {
  test(`${line}: refused with the fix`, () => assert.throws(() => parse(line), says(message)));
}

const precedence = suite('parseArguments, precedence');

const PLACES: [string, string, Record<string, string>, unknown, number][] = [
  ['flag over all', '--port 1', { SSE_TABLE_PORT: '2' }, { port: 3 }, 1],
  ['environment over file', '', { SSE_TABLE_PORT: '2' }, { port: 3 }, 2],
  ['file over default', '', {}, { port: 3 }, 3],
  ['default', '', {}, {}, 8088],
  ['an empty variable is not set', '', { SSE_TABLE_PORT: '' }, { port: 3 }, 3],
];
for (const [what, line, env, config, port] of PLACES) {
  precedence(what, () => {
    assert.is(parseServe(`${line} --config c.json`, env, config).options.port, port);
  });
}

precedence('a flag switches off what the file switches on', () => {
  assert.is(parseServe('--no-create --config c.json', {}, { create: true }).options.create, false);
});

precedence('a list replaces that of a lower place, it does not add to it', () => {
  assert.equal(parseServe('--table a', { SSE_TABLE_TABLE: 'b,c' }).options.table, ['a']);
});

precedence('the environment names the config file too', () => {
  assert.is(parseServe('', { SSE_TABLE_CONFIG: 'c.json' }, { port: 3 }).options.port, 3);
});

precedence('variables with our prefix that are not options are left alone', () => {
  assert.equal(parseServe('', { SSE_TABLE_CHROMIUM: '/x', SSE_TABLE_SERVICE_HOST: 'y' }).given, {});
});

precedence('each kind of value from the file', () => {
  const config = {
    port: 1,
    open: true,
    heartbeat: '5s',
    'ring-bytes': 8192,
    cors: ['*'],
    key: 'k',
  };
  assert.equal(parseServe('--config c.json', {}, config).given, {
    config: 'c.json',
    port: 1,
    open: true,
    heartbeat: 5_000,
    ringBytes: 8_192,
    cors: ['*'],
    key: 'k',
  });
});

precedence('a wrong variable is named with its fix', () => {
  assert.throws(
    () => parse('', { SSE_TABLE_MAX_ROWS: 'many' }),
    says('SSE_TABLE_MAX_ROWS: "many" is not a whole number; try SSE_TABLE_MAX_ROWS=1000000'),
  );
});

const WRONG_FILES: [string, unknown, string][] = [
  ['unknown key', { prot: 1 }, 'c.json: prot: unknown option; did you mean port?'],
  ['camel case', { maxRows: 1 }, 'c.json: maxRows: unknown option; did you mean max-rows?'],
  [
    'a file in a file',
    { config: 'd.json' },
    'c.json: config: one file cannot name another; remove it',
  ],
  ['number', { port: '80x' }, 'c.json: port: "80x" is not a whole number; try "port": 8088'],
  ['time', { flush: 5 }, 'c.json: flush: 5 has no unit (ms, s, m, h); try "flush": "5ms"'],
  ['boolean', { open: 'yes' }, 'c.json: open: "yes" is neither true nor false; try "open": true'],
  ['null', { key: null }, 'c.json: key: null is not text'],
  ['array', [1], '--config c.json: must hold a JSON object, such as {"port": 8088}'],
];
for (const [what, config, message] of WRONG_FILES) {
  precedence(`a wrong file, ${what}: named with the fix`, () => {
    assert.throws(() => parse('--config c.json', {}, config), says(message));
  });
}

precedence('a config file that cannot be read is named, with the reason', () => {
  assert.throws(
    () => parse('--config none.json'),
    says("--config none.json: cannot be read: ENOENT: no such file, open 'none.json'"),
  );
});
