/**
 * Tells a client that speaks HTTP without TLS to a port with TLS what is wrong, in HTTP: of a failed
 * handshake it would only see that the connection was cut.
 *
 * @see SPEC 8 "TLS"
 */
import type { Server, Socket } from 'node:net';
import { SseTableError } from '../base/errors.ts';
import { answerError } from './client-errors.ts';

/** First byte of a TLS handshake. @see RFC 8446, 5.1 */
const HANDSHAKE = 22;

/**
 * Looks at the first byte of each connection before the listeners that `server` has had so far.
 * @param timeoutMs for that byte to come.
 */
export function refusePlainText(server: Server, timeoutMs: number): void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const giveUp = (): void => {
      socket.destroy();
    };
    socket.setTimeout(timeoutMs, giveUp);
    // What follows an error is `close`.
    socket.on('error', giveUp);
    socket.once('data', (bytes) => {
      socket.setTimeout(0, giveUp);
      socket.off('error', giveUp);
      if (bytes[0] !== HANDSHAKE) {
        answerError(socket, new SseTableError('bad_request', 'this port speaks TLS; use https://'));
        return;
      }
      socket.pause();
      socket.unshift(bytes);
      for (const listener of listeners) Reflect.apply(listener, server, [socket]);
    });
  });
}
