/**
 * The address to listen on: as a URL for people, and what can be wrong with it.
 *
 * @see SPEC 2 "Start-up prints the URL", 8 "Binds to 127.0.0.1 by default"
 */
import { SseTableError } from './base/errors.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|::1)$/i;

/** Whether only this machine can reach what listens on `host`. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Where a browser on this machine finds a server that listens on `host`. */
export function urlOf(scheme: 'http' | 'https', host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `${scheme}://localhost:${port}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Says what is wrong with the address, and the fix.
 * @returns a SseTableError `bad_option`, or the error itself where it is about something else.
 */
export function listenError(error: unknown, port: number, host: string): unknown {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const refuse = (message: string): SseTableError =>
    new SseTableError('bad_option', message, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return refuse(`port ${port} is in use; try --port ${port < 65_535 ? port + 1 : 0}`);
    case 'EACCES':
      return refuse(`port ${port} may only be opened by root; try --port 8088`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return refuse(`${host} is no address of this machine; try --host 127.0.0.1`);
    default:
      return error;
  }
}
