/**
 * Makes the Source of `redis://host:port/0?stream=orders`.
 *
 * @see SPEC 2
 */
import { badOption, hideSecret } from '../kind.ts';
import { RedisSource, type RedisSourceOptions } from './redis-source.ts';

/** Ours among the parameters of the URL. */
const PARAMETER = 'stream';

/**
 * The source of a stream.
 * @throws {SseTableError} `bad_option`: no URL, no stream in it, no number of a database.
 */
export function openRedis(
  argument: string,
  options: Pick<RedisSourceOptions, 'table' | 'key' | 'clock' | 'random'>,
): RedisSource {
  const { url, stream } = redisStream(argument);
  const label = `${new URL(url).host} ${stream}`;
  return new RedisSource({ ...options, url, stream, label });
}

/** The stream's name, and the URL for the client. */
export function redisStream(argument: string): { url: string; stream: string } {
  const shown = hideSecret(argument);
  const example = 'as in redis://127.0.0.1:6379/0?stream=orders';
  if (!URL.canParse(argument)) throw badOption(`"${shown}" is no URL; write it ${example}`);
  const url = new URL(argument);
  const stream = url.searchParams.get(PARAMETER);
  if (stream === null || stream === '') {
    throw badOption(`"${shown}" names no stream; add it ${example}`);
  }
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw badOption(
      `"${shown}": "${url.pathname.slice(1)}" is no number of a database; ${example}`,
    );
  }
  url.search = '';
  return { url: url.href, stream };
}
