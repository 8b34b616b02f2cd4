/**
 * A minute of chaos with a Redis stream; see test/source/redis/chaos.ts.
 *
 *     node bench/chaos-redis.ts [seconds] [seed]
 */
import { RedisServer } from '../test/services/redis.ts';
import { makeChaos } from '../test/source/redis/chaos.ts';

const DEFAULT_SECONDS = 60;
const DISASTER_MS = 3_000;

const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 32));
console.log(`${seconds} s, seed ${seed}`);
await using redis = await RedisServer.create();
const result = await makeChaos({ redis, seed, seconds, disasterMs: DISASTER_MS });
console.log(result);
const isReloaded = result.reloads.some((count) => count > result.kills);
if (result.different.length > 0 || isReloaded) process.exitCode = 1;
