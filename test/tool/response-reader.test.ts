import * as assert from 'uvu/assert';
import { NotHttp, ResponseReader } from '../../server/tool/stream/response-reader.ts';
import { suite } from '../suite.ts';

/** What a reader tells of a response: `status|body|.`, the dot where it is over. */
function read(pieces: readonly Buffer[], isClosed = false): string {
  let told = '';
  const reader = new ResponseReader({
    onHead: ({ status, headers }) => {
      told += `${status} ${headers.get('x') ?? ''}|`;
    },
    onBody: (bytes) => {
      told += bytes.toString();
    },
    onEnd: () => {
      told += '.';
    },
  });
  for (const piece of pieces) {
    const reused = Buffer.from(piece);
    reader.push(reused);
    reused.fill('!');
  }
  if (isClosed) reader.close();
  return told;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CASES: [what: string, text: string, told: string][] = [
  ['length', `${OK}Content-Length: 3\r\n\r\nabcdef`, '200 |abc.'],
  ['length 0', `${OK}Content-Length: 0\r\n\r\n`, '200 |.'],
  [
    'chunks',
    `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\n`,
    '200 |abc0123456789.',
  ],
  ['trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: 1\r\n\r\nzz`, '200 |a.'],
  ['until close', `HTTP/1.0 200 OK\r\n\r\nabc`, '200 |abc'],
  ['204 has no body', 'HTTP/1.1 204 No Content\r\n\r\nx', '204 |.'],
  [
    '103 comes before',
    `HTTP/1.1 103 Early Hints\r\nX: no\r\n\r\n${OK}X: a\r\nx: b\r\nContent-Length: 1\r\n\r\nz`,
    '200 a, b|z.',
  ],
];
const test = suite('ResponseReader');
for (const [what, text, told] of CASES) {
  const bytes = Buffer.from(text);
  test(`${what}: whole, byte by byte, and cut anywhere in two`, () => {
    assert.is(read([bytes]), told);
    assert.is(read(Array.from(bytes, (byte) => Buffer.of(byte))), told);
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.is(read([bytes.subarray(0, cut), bytes.subarray(cut)]), told, `${cut}`);
    }
  });
}

test('until close: the close ends it', () => {
  assert.is(read([Buffer.from('HTTP/1.1 200 OK\r\n\r\nabc')], true), '200 |abc.');
});

for (const text of [
  'SSH-2.0-OpenSSH',
  'HTTP/2 200\r\n\r\n',
  `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n`,
  `${OK}no colon\r\n\r\n`,
]) {
  test(`${JSON.stringify(text)}: not HTTP`, () => {
    assert.throws(
      () => read([Buffer.from(text)]),
      (error: unknown) => error instanceof NotHttp,
    );
  });
}
