/**
 * The App as a program sees it, and what it may be given from outside.
 *
 * @see SPEC 4
 */
import type { Server } from 'node:http';
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import type { Vitals } from './base/vitals.ts';
import type { Endpoints } from './library/endpoints.ts';
import type { Hooks } from './library/hooks.ts';
import type { LiveTable } from './library/live-table.ts';
import type { Handle } from './library/mount.ts';
import type { Source } from './source/source.ts';
import type { Tables } from './table/tables.ts';
import type { Row } from './wire/change.ts';

/** What the app is given from outside; each has a real one. */
export interface AppDeps extends Hooks {
  clock: Clock;
  random: Random;
  log: Log;
  /** The static files by name, as `loadPage()` has them; unless given, those of the component alone. */
  page: ReadonlyMap<string, Buffer> | undefined;
  vitals: Vitals;
}

/** What a program adds: `app.sse`, `app.channel`, `app.get` and so on. */
type Added = 'sse' | 'channel' | 'broadcast' | 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface App extends Pick<Endpoints, Added> {
  readonly tables: Tables;
  /**
   * The table of that name, made if there is none.
   * @throws {SseTableError} `conflict` when it exists with another key column; `too_many`.
   */
  table<Held extends object = Row>(
    name: string,
    options?: { key?: string & keyof Held },
  ): LiveTable<Held>;
  /**
   * Answers a request of another server: pass it to Express, or to a node:http server. What has no
   * route here is left to `next`.
   */
  readonly handle: Handle;
  /**
   * Answers what has a route here, below `prefix`, and leaves all else to the server's own listeners.
   * @returns the undo. @throws {TypeError} for a prefix that is none.
   */
  mount(server: Server, prefix?: string): () => void;
  /** Runs a source until it ends or the app closes. */
  attach(source: Source): void;
  /**
   * Listens, by default where the options say.
   * @throws {SseTableError} `bad_option` with the fix: the port is in use, the host is not ours.
   */
  listen(port?: number, host?: string): Promise<{ url: string; port: number }>;
  /**
   * Reads the certificate's files again, for connections from now on.
   * @throws {SseTableError} `bad_option` with the fix; then the one in use stays.
   */
  reloadCertificate(): void;
  /** Ends every stream, stops sources, closes within `--grace`. Calling it again waits for the same. */
  close(): Promise<void>;
  /** Resolves when all sources attached have ended. */
  readonly sourcesEnded: Promise<void>;
}
