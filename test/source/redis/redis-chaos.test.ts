import * as assert from 'uvu/assert';
import { findRedis, NO_REDIS, RedisServer } from '../../services/redis.ts';
import { suite } from '../../suite.ts';
import { makeChaos } from './chaos.ts';

const test = suite('RedisSource in chaos');

const SECONDS = 5;

if (findRedis() === undefined) test.skip('a real Redis', NO_REDIS);
else {
  test('stream, server and clients agree in the end; nobody was given everything for nothing', {
    timeoutMs: 60_000,
  }, async () => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    console.log(`seed ${seed}`);
    await using redis = await RedisServer.create();
    const result = await makeChaos({ redis, seed, seconds: SECONDS, disasterMs: 800 });
    const shown = JSON.stringify({ seed, ...result });
    assert.equal(result.different, [], shown);
    assert.ok(result.added > 100, shown);
    assert.ok(
      result.reloads.every((count) => count <= result.kills),
      shown,
    );
  });
}
