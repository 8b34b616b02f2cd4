/**
 * Which HTTP a server speaks over TLS.
 *
 * @see RFC 7301
 */
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Clock } from '../../base/clock.ts';
import type { Target } from '../stream/target.ts';

const LIMIT_MS = 5_000;

/** @returns `h2`, `http/1.1`, or undefined: no TLS. */
export function spokenProtocol(target: Target, clock: Clock): Promise<string | undefined> {
  const { host, port, isSecure } = target;
  if (!isSecure) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    // Nothing is sent, so it does not matter whose certificate it is.
    const ALPNProtocols = ['h2', 'http/1.1'];
    const socket = connect({ host, port, ...name, ALPNProtocols, rejectUnauthorized: false });
    const finish = (): void => {
      cancel();
      socket.destroy();
      resolve(socket.alpnProtocol || 'http/1.1');
    };
    const cancel = clock.after(LIMIT_MS, finish);
    socket.on('secureConnect', finish);
    socket.on('error', finish);
  });
}
