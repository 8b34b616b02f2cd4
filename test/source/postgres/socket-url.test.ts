import * as assert from 'uvu/assert';
import { withSocket } from '../../../server/source/postgres/socket-url.ts';
import { suite } from '../../suite.ts';

const test = suite('withSocket');

const DEBIAN = '/var/run/postgresql/.s.PGSQL.5432';
const LOCAL = { host: 'localhost', port: 5432 };

const CASES: [url: string, known: typeof LOCAL, sockets: string[], result: string][] = [
  ['postgres:///shop', LOCAL, [DEBIAN], 'postgres:///shop?host=%2Fvar%2Frun%2Fpostgresql'],
  ['postgres:///shop', LOCAL, ['/tmp/.s.PGSQL.5432'], 'postgres:///shop?host=%2Ftmp'],
  ['postgres:///shop', { ...LOCAL, port: 5433 }, [DEBIAN], 'postgres:///shop'],
  ['postgres:///shop', LOCAL, [], 'postgres:///shop'],
  ['postgres:///shop', { ...LOCAL, host: 'db' }, [DEBIAN], 'postgres:///shop'],
  ['postgres:///shop?host=/run', LOCAL, [DEBIAN], 'postgres:///shop?host=/run'],
  ['postgres://localhost/shop', LOCAL, [DEBIAN], 'postgres://localhost/shop'],
  ['postgres://me@db:1/shop', LOCAL, [DEBIAN], 'postgres://me@db:1/shop'],
];
for (const [url, known, sockets, result] of CASES) {
  test(`${url} at ${known.host}:${known.port} with ${sockets.join() || 'no socket'}`, () => {
    assert.is(
      withSocket(url, known, (path) => sockets.includes(path)),
      result,
    );
  });
}
