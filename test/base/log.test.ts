import * as assert from 'uvu/assert';
import { createLog, type LogLevel, silentLog } from '../../server/base/log.ts';
import { suite } from '../suite.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function logged(level: LogLevel, pretty = false) {
  const lines: string[] = [];
  const log = createLog({ level, pretty, write: (line) => lines.push(line), now: () => START });
  return { log, lines };
}

const test = suite('createLog');

test('JSON: time, level, message and fields, one line', () => {
  const { log, lines } = logged('info');
  log.info('listening', { port: 8088, host: undefined });
  assert.equal(lines, [
    '{"time":"2026-01-02T03:04:05.006Z","level":"info","message":"listening","port":8088}\n',
  ]);
});

const LEVELS: [LogLevel, string[]][] = [
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['silent', []],
];
for (const [level, written] of LEVELS) {
  test(`level ${level}: lets ${written.join(', ') || 'nothing'} through`, () => {
    const { log, lines } = logged(level);
    for (const severity of ['debug', 'info', 'warn', 'error'] as const) log[severity]('x');
    assert.equal(
      lines.map((line) => JSON.parse(line).level),
      written,
    );
  });
}

test('silentLog: writes nothing and does not throw', () => {
  for (const severity of ['debug', 'info', 'warn', 'error'] as const) silentLog[severity]('x');
});

test('JSON: an error keeps its message, stack and cause', () => {
  const { log, lines } = logged('info');
  log.error('failed', { error: new TypeError('outer', { cause: new Error('inner') }) });
  const { error } = JSON.parse(lines[0] ?? '');
  assert.is(error.name, 'TypeError');
  assert.is(error.message, 'outer');
  assert.is(error.cause.message, 'inner');
  assert.match(error.stack, 'log.test.ts');
});

test('JSON: a bigint is written as text, not thrown on', () => {
  const { log, lines } = logged('info');
  log.info('x', { bytes: 2n ** 60n });
  assert.is(JSON.parse(lines[0] ?? '').bytes, '1152921504606846976');
});

test('JSON: fields cannot forge time, level or message', () => {
  const { log, lines } = logged('info');
  log.info('real', { message: 'forged', level: 'error', time: 'never' });
  const entry = JSON.parse(lines[0] ?? '');
  assert.equal(
    [entry.message, entry.level, entry.time],
    ['real', 'info', '2026-01-02T03:04:05.006Z'],
  );
});

const SECRETS: [Record<string, unknown>, string][] = [
  [{ authorization: 'Bearer abc' }, '{"authorization":"[redacted]"}'],
  [
    { headers: { Cookie: 'a=b', 'x-token': 't' } },
    '{"headers":{"Cookie":"[redacted]","x-token":"[redacted]"}}',
  ],
  [{ jwtSecret: 's', 'jwt-secret': 's' }, '{"jwtSecret":"[redacted]","jwt-secret":"[redacted]"}'],
  [{ url: '/api?token=abc.def&x=1' }, '{"url":"/api?token=[redacted]&x=1"}'],
  [{ url: '/api?a=1&access_token=abc' }, '{"url":"/api?a=1&access_token=[redacted]"}'],
  [{ sent: 'authorization: bearer abc.def' }, '{"sent":"authorization: bearer [redacted]"}'],
  [{ tokens_seen: 3, city: 'Paris' }, '{"tokens_seen":3,"city":"Paris"}'],
];
for (const [fields, expected] of SECRETS) {
  for (const pretty of [false, true]) {
    test(`secrets: ${expected}${pretty ? ', pretty' : ''}`, () => {
      const { log, lines } = logged('info', pretty);
      log.info('x', fields);
      const line = lines[0] ?? '';
      assert.not.match(line, 'abc');
      if (!pretty) assert.match(line, expected.slice(1, -1));
    });
  }
}

test('message: a token in it is redacted', () => {
  const { log, lines } = logged('info');
  log.info('GET /x?token=abc refused');
  assert.match(lines[0] ?? '', 'GET /x?token=[redacted] refused');
});

test('pretty: label, message and fields; control characters cannot break the line', () => {
  const { log, lines } = logged('warn', true);
  log.warn('bad\r\nline\u2028\x1b[2J', { table: 'a\nb', rows: 3 });
  const line = lines[0] ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: strips our own colours
  const text = line.replace(/\x1b\[\d+m/g, '');
  assert.match(
    text,
    /^\d\d:\d\d:\d\d warn {2}bad\\u000d\\u000aline\\u2028\\u001b\[2J table="a\\nb" rows=3\n$/,
  );
});
