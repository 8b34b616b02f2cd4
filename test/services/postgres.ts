/**
 * A PostgreSQL for the tests: found, or on a bare Debian installed, or absent; its cluster is the
 * test's own, in a temporary folder, on a free port of 127.0.0.1, and gone afterwards.
 *
 * @see DESIGN 3 "Tests get their own real services"
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Where Debian and its kin keep each version's programs. */
const DEBIAN_FOLDERS = '/usr/lib/postgresql/*/bin';

/** Downloading and unpacking it, on a slow line. */
const INSTALL_LIMIT_MS = 240_000;

/** A cluster starts within a second; a busy machine may take longer. */
const START_LIMIT_MS = 30_000;

/** What it logs when it can be asked; a standby can only be read. */
const READY = /database system is ready to accept (read.only )?connections/;

/** Why a test of PostgreSQL is skipped. */
export const NO_POSTGRES =
  'no PostgreSQL: install one, or name the folder of its programs in SSE_TABLE_POSTGRES=/path/to/bin';

/**
 * The folder of `postgres` and `initdb`: `SSE_TABLE_POSTGRES`, else on PATH, else Debian's newest,
 * else, as root on Debian, one freshly installed from the distribution.
 * @returns undefined where there is none.
 * @throws {Error} where `SSE_TABLE_POSTGRES` names a folder without them.
 */
export function findPostgres(): string | undefined {
  const named = process.env.SSE_TABLE_POSTGRES;
  if (named !== undefined && named !== '') {
    if (!hasPrograms(named)) throw new Error(`SSE_TABLE_POSTGRES=${named} has no postgres, initdb`);
    return named;
  }
  return findInstalled() ?? (install() ? findInstalled() : undefined);
}

/** Who runs the cluster: PostgreSQL refuses to run as root. */
interface Identity {
  uid: number;
  gid: number;
}

export interface PostgresOptions {
  /** Whether commits reach the disk; tests do without, measurements do not. */
  isDurable?: boolean;
}

/** A running cluster with a database `test` and a superuser `postgres`. Disposing of it removes it. */
export class PostgresServer implements AsyncDisposable {
  readonly bin: string;
  readonly port: number;
  readonly #folder: string;
  readonly #identity: Identity | undefined;
  readonly #options: PostgresOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  readonly #killAtExit = (): void => {
    this.#child?.kill('SIGQUIT');
  };

  private constructor(bin: string, port: number, options: PostgresOptions) {
    this.bin = bin;
    this.port = port;
    this.#options = options;
    this.#identity = identity();
    this.#folder = mkdtempSync(join(tmpdir(), 'sse-table-postgres-'));
    mkdirSync(join(this.#folder, 'data'), { mode: 0o700 });
    if (this.#identity !== undefined) {
      const { uid, gid } = this.#identity;
      chownSync(this.#folder, uid, gid);
      chownSync(join(this.#folder, 'data'), uid, gid);
    }
  }

  /** Makes a cluster and starts it. @throws {Error} `NO_POSTGRES`, or what `initdb` said. */
  static async create(options: PostgresOptions = {}): Promise<PostgresServer> {
    const bin = findPostgres();
    if (bin === undefined) throw new Error(NO_POSTGRES);
    const server = new PostgresServer(bin, await freePort(), options);
    const data = join(server.#folder, 'data');
    const flags = ['-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'];
    const run = spawnSync(join(bin, 'initdb'), ['-D', data, ...flags], {
      ...server.#identity,
      encoding: 'utf8',
      cwd: server.#folder,
    });
    if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? run.stderr}`);
    process.once('exit', server.#killAtExit);
    await server.start();
    server.psql('CREATE DATABASE test', 'postgres');
    return server;
  }

  /** A standby of `primary` that streams from it, at once as far as it. @throws {Error} what was said. */
  static async standbyOf(primary: PostgresServer): Promise<PostgresServer> {
    const server = new PostgresServer(primary.bin, await freePort(), primary.#options);
    const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'postgres'];
    const how = ['-R', '-X', 'stream', '--checkpoint=fast', '--no-sync'];
    const to = ['-D', join(server.#folder, 'data')];
    const run = spawnSync(join(server.bin, 'pg_basebackup'), [...from, ...how, ...to], {
      ...server.#identity,
      encoding: 'utf8',
      cwd: server.#folder,
    });
    if (run.status !== 0) throw new Error(`pg_basebackup: ${run.error?.message ?? run.stderr}`);
    process.once('exit', server.#killAtExit);
    await server.start();
    return server;
  }

  url(database = 'test', user = 'postgres', port = this.port): string {
    return `postgres://${user}@127.0.0.1:${port}/${database}`;
  }

  /** Starts it again after `stop`. Resolves once it takes connections. */
  async start(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: this.#folder,
      fsync: this.#options.isDurable === true ? 'on' : 'off',
      shared_buffers: '64MB',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(this.bin, 'postgres'), ['-D', join(this.#folder, 'data'), ...args], {
      ...this.#identity,
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const ready = Promise.withResolvers<void>();
    let log = '';
    child.stderr.on('data', (chunk) => {
      if (log.length < 100_000) log += chunk;
      if (READY.test(log)) ready.resolve();
    });
    this.#exited = new Promise((resolve) => {
      child.on('error', ready.reject);
      child.on('close', () => {
        ready.reject(new Error(`postgres ended:\n${log}`));
        resolve();
      });
    });
    const limit = setTimeout(() => ready.reject(new Error(`no start:\n${log}`)), START_LIMIT_MS);
    await ready.promise.finally(() => clearTimeout(limit));
  }

  /** `fast` ends sessions and shuts down in order; `immediate` is a crash. */
  async stop(how: 'fast' | 'immediate'): Promise<void> {
    this.#child?.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await this.#exited;
    this.#child = undefined;
  }

  /** Runs SQL through the `psql` of this version; returns what it printed. @throws {Error} its error. */
  psql(sql: string, database = 'test', user = 'postgres'): string {
    const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', this.url(database, user)];
    const run = spawnSync(join(this.bin, 'psql'), args, { input: sql, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`psql: ${run.error?.message ?? run.stderr}`);
    return run.stdout.trim();
  }

  /** A database as SQL, to be put back by `psql`. */
  dump(database: string): string {
    const run = spawnSync(join(this.bin, 'pg_dump'), ['-d', this.url(database)], {
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(`pg_dump: ${run.error?.message ?? run.stderr}`);
    return run.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    process.off('exit', this.#killAtExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function findInstalled(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const byVersion = (folder: string): number => Number.parseInt(dirname(folder).slice(20), 10) || 0;
  const debian = globSync(DEBIAN_FOLDERS).sort((a, b) => byVersion(b) - byVersion(a));
  return [...onPath, ...debian].find(hasPrograms);
}

function hasPrograms(folder: string): boolean {
  return ['postgres', 'initdb', 'psql'].every((name) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // absent or not ours to run: the next candidate
    }
  });
}

/** The user to run as where we are root: `postgres`, which the package makes, else `nobody`. */
function identity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = ['postgres:', 'nobody:'].flatMap((name) =>
    users.filter((u) => u.startsWith(name)),
  )[0];
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('no user to run PostgreSQL as');
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

/** @returns whether the distribution's package was installed; its own cluster is not made. */
function install(): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false;
  console.error('No PostgreSQL found: installing the package "postgresql" with apt-get …');
  const settings = '/etc/postgresql-common';
  if (!existsSync(settings)) {
    // Debian's package would otherwise make and start a cluster on port 5432.
    mkdirSync(settings, { recursive: true });
    writeFileSync(join(settings, 'createcluster.conf'), 'create_main_cluster = false\n');
  }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql']]) {
    const run = spawnSync('/usr/bin/apt-get', args, {
      stdio: ['ignore', 2, 2],
      timeout: INSTALL_LIMIT_MS / 2,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (run.status === 0) continue;
    console.error(`apt-get ${args.join(' ')} failed: ${run.error?.message ?? run.status}`);
    return false;
  }
  return true;
}
