/** A real Redis: entries that come, go and are trimmed; a server that is killed, stalled, made anew. */
import * as assert from 'uvu/assert';
import { type Clock, systemClock } from '../../../server/base/clock.ts';
import { openRedis, redisStream } from '../../../server/source/redis/open-redis.ts';
import {
  compareIds,
  readEntries,
  readInfo,
  readXread,
} from '../../../server/source/redis/stream-entries.ts';
import { findRedis, NO_REDIS, RedisServer } from '../../services/redis.ts';
import { TcpProxy } from '../../services/tcp-proxy.ts';
import { suite } from '../../suite.ts';
import { Following } from '../follow-source.ts';

const test = suite('RedisSource');

test('redisStream: the URL for the client has no parameters of ours', () => {
  assert.equal(redisStream('redis://me:pw@host:6380/2?stream=a%20b'), {
    url: 'redis://me:pw@host:6380/2',
    stream: 'a b',
  });
});

const IDS: [a: string, b: string, sign: number][] = [
  ['1-0', '1-0', 0],
  ['1-9', '1-10', -1],
  ['9-0', '10-0', -1],
  ['1526919030474-55', '1526919030474-54', 1],
  ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551614', 1],
];
for (const [a, b, sign] of IDS) {
  test(`compareIds: ${a} and ${b}`, () => assert.is(Math.sign(compareIds(a, b)), sign));
}

test('readEntries: numbers by the CSV rule; a field named as the key column goes beside it', () => {
  const reply = [
    ['1-0', ['n', '5', 'zip', '00501', 'big', '9007199254740993', 'id', '7', '_id', '8']],
  ];
  assert.equal(readEntries(reply, undefined), [
    { id: '1-0', row: { id: '1-0', n: 5, zip: '00501', big: '9007199254740993', _id: 7, __id: 8 } },
  ]);
  assert.equal(readEntries(reply, 'id'), [
    { id: '1-0', row: { n: 5, zip: '00501', big: '9007199254740993', id: 7, _id: 8 } },
  ]);
  assert.equal(readEntries([['1-0', ['a', '']]], 'a'), [{ id: '1-0', row: undefined }]);
  const [odd] = readEntries([['1-0', ['__proto__', 'x']]], '__proto__');
  assert.equal(Object.entries(odd?.row ?? {}), [['__proto__', 'x']]);
  assert.equal(readXread(null, undefined), []);
  assert.throws(() => readEntries('OK', undefined), /answers what is no stream: "OK"/);
  assert.throws(() => readInfo(['length', 'x']), TypeError);
});

if (findRedis() === undefined) test.skip('a real Redis', NO_REDIS);
else withRedis();

function withRedis(): void {
  let redis: RedisServer;
  let streams = 0;
  test.before(async () => {
    redis = await RedisServer.create();
  });
  test.after(() => redis[Symbol.asyncDispose]());

  const newStream = (): string => `s${streams++}`;
  const add = (stream: string, ...fields: string[]) => redis.run('XADD', stream, '*', ...fields);
  function follow(stream: string, key?: string): Promise<Following> {
    const url = `${redis.url}?stream=${stream}`;
    const deps = { clock: systemClock, random: Math.random };
    return Following.start(openRedis(url, { table: 'orders', key, ...deps }));
  }

  test('entries there, then each new one within moments', async () => {
    const stream = newStream();
    const first = await add(stream, 'item', 'tea', 'n', '2');
    await using following = await follow(stream);
    await following.shows('orders', [{ id: String(first), item: 'tea', n: 2 }]);
    const second = await add(stream, 'item', 'cup');
    await following.shows('orders', [
      { id: String(first), item: 'tea', n: 2 },
      { id: String(second), item: 'cup' },
    ]);
    assert.is(following.app.tables.get('orders')?.key, 'id');
    assert.is((await fetch(`${following.url}/readyz`)).status, 200);
  });

  test('2,500 entries come in pages; those that are trimmed and deleted leave', async () => {
    const stream = newStream();
    const script = `for i = 1, 2500 do redis.call('XADD', KEYS[1], i .. '-1', 'n', i) end`;
    await redis.run('EVAL', script, '1', stream);
    await using following = await follow(stream);
    await following.until('all', () => following.rows('orders')?.length === 2_500);
    await redis.run('XTRIM', stream, 'MAXLEN', '3');
    await following.shows('orders', [
      { id: '2498-1', n: 2498 },
      { id: '2499-1', n: 2499 },
      { id: '2500-1', n: 2500 },
    ]);
    await redis.run('XDEL', stream, '2499-1');
    await following.shows('orders', [
      { id: '2498-1', n: 2498 },
      { id: '2500-1', n: 2500 },
    ]);
  });

  test('a stream that is not there yet, then deleted, then made anew', async () => {
    const stream = newStream();
    await using following = await follow(stream);
    await following.shows('orders', []);
    const id = await add(stream, 'a', '1');
    await following.shows('orders', [{ id: String(id), a: 1 }]);
    await redis.run('DEL', stream);
    await following.shows('orders', []);
    await redis.run('XADD', stream, '5-5', 'a', '2');
    await following.shows('orders', [{ id: '5-5', a: 2 }]);
  });

  test('--key: each entry replaces the row of its key, trimming changes nothing', async () => {
    const stream = newStream();
    await add(stream, 'sku', 'x', 'n', '1');
    await add(stream, 'n', '9');
    await add(stream, 'sku', 'y', 'n', '1');
    await using following = await follow(stream, 'sku');
    await following.shows('orders', [
      { sku: 'x', n: 1 },
      { sku: 'y', n: 1 },
    ]);
    await add(stream, 'sku', 'x', 'n', '2');
    await redis.run('XTRIM', stream, 'MAXLEN', '1');
    await following.shows('orders', [
      { sku: 'x', n: 2 },
      { sku: 'y', n: 1 },
    ]);
    assert.match(following.logged.join('\n'), 'has no field "sku", which --key names');
  });

  test('HTTP writes are refused, and say how to write', async () => {
    const stream = newStream();
    await using following = await follow(stream);
    await following.shows('orders', []);
    const { status, body } = await following.send('POST', 'orders', { id: '1-1' });
    assert.equal([status, body.code], [403, 'read_only']);
    assert.match(String(body.message), 'XADD');
  });

  test('no stream but a string: down, until it is a stream', async () => {
    const stream = newStream();
    await redis.run('SET', stream, 'text');
    await using following = await follow(stream);
    await following.until('said', () =>
      following.logged.some((line) => line.includes('WRONGTYPE')),
    );
    assert.is((await fetch(`${following.url}/readyz`)).status, 503);
    await redis.run('DEL', stream);
    await following.shows('orders', []);
  });

  test('killed and back, with entries added and trimmed meanwhile', {
    timeoutMs: 30_000,
  }, async () => {
    const stream = newStream();
    const first = String(await add(stream, 'a', '1'));
    await using following = await follow(stream);
    await following.shows('orders', [{ id: first, a: 1 }]);
    await redis.kill();
    await following.until('down', async () => {
      return (await fetch(`${following.url}/readyz`)).status === 503;
    });
    assert.equal(following.rows('orders'), [{ id: first, a: 1 }], 'rows stay meanwhile');
    await redis.start();
    await redis.run('XTRIM', stream, 'MAXLEN', '0');
    const second = String(await add(stream, 'a', '2'));
    await following.shows('orders', [{ id: second, a: 2 }]);
    await following.until('ready', async () => (await fetch(`${following.url}/readyz`)).ok);
  });

  test('a proxy that accepts and says nothing: tried again, until it does', async () => {
    const stream = newStream();
    const id = String(await add(stream, 'a', '1'));
    await using proxy = await TcpProxy.create(redis.port);
    proxy.cut('silent');
    const soon: Clock['after'] = (ms, fn) => systemClock.after(Math.min(ms, 300), fn);
    const url = `redis://127.0.0.1:${proxy.port}/0?stream=${stream}`;
    const deps = { clock: { ...systemClock, after: soon }, random: Math.random };
    await using following = await Following.start(
      openRedis(url, { table: 'orders', key: undefined, ...deps }),
    );
    await following.until('said', () =>
      following.logged.some((line) => line.includes('does not answer (connecting)')),
    );
    proxy.restore();
    await following.shows('orders', [{ id, a: 1 }]);
  });

  test('stalled: down after some seconds, and back', { timeoutMs: 40_000 }, async () => {
    const stream = newStream();
    await using following = await follow(stream);
    await following.shows('orders', []);
    redis.stall();
    await following.until('down', async () => {
      return (await fetch(`${following.url}/readyz`)).status === 503;
    });
    redis.resume();
    const id = String(await add(stream, 'a', '1'));
    await following.shows('orders', [{ id, a: 1 }]);
  });
}
