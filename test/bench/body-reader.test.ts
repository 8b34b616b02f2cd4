import { constants, gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { BodyReader } from '../../bench/measure/body-reader.ts';
import { suite } from '../suite.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n';
const TEXT = 'data: {"type":"init"}\n\ndata: 2\r\n\ndata: 3\n\n';
const PARTS = [TEXT.slice(0, 23), TEXT.slice(23, 30), TEXT.slice(30)];

function chunk(bytes: Buffer | string): Buffer {
  const size = Buffer.byteLength(bytes).toString(16);
  return Buffer.concat([Buffer.from(`${size}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
}

function read(bytes: Buffer, size: number): string {
  let text = '';
  const reader = new BodyReader((body) => {
    text += body.toString('latin1');
  });
  for (let start = 0; start < bytes.length; start += size) {
    // A copy each time: the reader's caller uses one buffer for all reads.
    reader.push(Buffer.from(bytes.subarray(start, start + size)));
  }
  return text;
}

const chunked = Buffer.concat([
  Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`),
  ...PARTS.map(chunk),
]);
const plain = Buffer.from(`${HEAD}\r\n${TEXT}`);

const test = suite('BodyReader');

for (const [name, bytes] of Object.entries({ chunked, plain })) {
  for (const size of [1_000, 50, 3, 1]) {
    test(`push: the body of a ${name} response, ${size} bytes at a time`, () => {
      assert.is(read(bytes, size), TEXT);
    });
  }
}

test('push: a gzip body that has not ended', async () => {
  const flushed = gzipSync(TEXT, { finishFlush: constants.Z_SYNC_FLUSH });
  const head = Buffer.from(`${HEAD}Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const whole = Buffer.concat([head, chunk(flushed.subarray(0, 9)), chunk(flushed.subarray(9))]);
  const text = await new Promise<string>((resolve) => {
    let got = '';
    const reader = new BodyReader((body) => {
      got += body.toString('latin1');
      if (got.length >= TEXT.length) resolve(got);
    });
    for (const byte of whole) reader.push(Buffer.of(byte));
  });
  assert.is(text, TEXT);
});
