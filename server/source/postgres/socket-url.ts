/**
 * A URL without a host is the server of this machine, by its socket, as it is to psql: there it knows
 * the user from the system and asks for no password.
 *
 * @see SPEC 2 "postgres://…"
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian and its kin, and where PostgreSQL itself, put the socket. */
const SOCKET_FOLDERS = ['/var/run/postgresql', '/tmp'];

/**
 * The URL with the socket's folder in it, where it names no host and there is a socket.
 * @param known what the client makes of the URL and of PGHOST and PGPORT.
 */
export function withSocket(
  url: string,
  known: { host: string; port: number },
  isThere: (path: string) => boolean = existsSync,
): string {
  if (!URL.canParse(url)) return url; // the client tells what is wrong with it
  const parsed = new URL(url);
  // Without PGHOST the client takes a URL without a host to mean localhost.
  const isNamed = parsed.host !== '' || parsed.searchParams.has('host');
  if (isNamed || known.host !== 'localhost') return url;
  const folder = SOCKET_FOLDERS.find((each) => isThere(join(each, `.s.PGSQL.${known.port}`)));
  if (folder === undefined) return url;
  parsed.searchParams.set('host', folder);
  return parsed.href;
}
