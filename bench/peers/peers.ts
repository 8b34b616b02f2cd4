/**
 * The peers that can be had on this machine: servers for the same need, measured in the same run.
 *
 * What is missing is got into a temporary folder (npm) or installed (apt-get, as root); what cannot
 * be had is named in the report. None of it becomes a dependency.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Contender, startNode, startObedient, writeLoop } from '../servers/fan-out-server.ts';
import { startNchan } from './nchan.ts';

const run = promisify(execFile);

/** Kept between runs, so that only the first one downloads. */
const FOLDER = join(tmpdir(), 'sse-table-bench-peers');

/** The versions the figures are of. */
const PACKAGES = { 'better-sse': '0.16.1', bun: '1.4.5' } as const;

const DEBIAN_PACKAGES = ['nginx', 'libnginx-mod-nchan'];

const INSTALL_LIMIT_MS = 180_000;

export type PeerName = 'epoll' | 'writeLoop' | 'bun' | 'nchan' | 'resWrite' | 'betterSse';

/** All of them, the leanest first. */
export const ALL_PEERS: readonly PeerName[] = [
  'epoll',
  'writeLoop',
  'bun',
  'nchan',
  'resWrite',
  'betterSse',
];

/** Peers by name; those that cannot be had are not in it. */
export interface Peers {
  readonly found: Readonly<Partial<Record<PeerName, Contender>>>;
  /** Why each of the others is absent. */
  readonly absent: readonly string[];
}

/** Those that need no download: they are there, or a C compiler is. */
const LOCAL: readonly PeerName[] = ['writeLoop', 'resWrite', 'epoll'];

const SEARCHES: Readonly<Record<PeerName, () => Promise<Contender>>> = {
  writeLoop: async () => writeLoop(),
  resWrite: async () => ({
    name: 'Node, response.write',
    start: () => startNode('peers/res-write.ts'),
  }),
  epoll: compileEpoll,
  betterSse: installBetterSse,
  bun: installBun,
  nchan: installNchan,
};

/** Looks for the peers of these names; when `quick`, only for those that need no download. */
export async function findPeers(names: ReadonlySet<PeerName>, quick: boolean): Promise<Peers> {
  const found: Partial<Record<PeerName, Contender>> = {};
  const absent: string[] = [];
  for (const name of names) {
    if (quick && !LOCAL.includes(name)) {
      absent.push(`${name}: left out by --quick`);
      continue;
    }
    try {
      found[name] = await SEARCHES[name]();
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      absent.push(`${name}: ${reason}`);
    }
  }
  return { found, absent };
}

async function compileEpoll(): Promise<Contender> {
  await mkdir(FOLDER, { recursive: true });
  const program = join(FOLDER, 'epoll-loop');
  await run('cc', ['-O2', '-o', program, join(import.meta.dirname, 'epoll-loop.c')]);
  return { name: 'C, epoll write loop', start: () => startObedient(program, []) };
}

async function installBetterSse(): Promise<Contender> {
  const folder = await installPackage('better-sse');
  const module = join(folder, 'node_modules/better-sse/build/index.mjs');
  return {
    name: `better-sse ${PACKAGES['better-sse']}`,
    start: () => startNode('peers/better-sse.ts', [module]),
  };
}

async function installBun(): Promise<Contender> {
  const folder = await installPackage('bun');
  // The package's executable itself: its launcher in .bin would be another process.
  const program = join(folder, 'node_modules/bun/bin/bun.exe');
  const server = join(import.meta.dirname, 'bun-server.ts');
  await run(program, ['--version']);
  return { name: `Bun ${PACKAGES.bun}`, start: () => startObedient(program, ['run', server]) };
}

/** Installs a package into a folder of its own. */
async function installPackage(name: keyof typeof PACKAGES): Promise<string> {
  const version = PACKAGES[name];
  const folder = join(FOLDER, `${name}-${version}`);
  if (existsSync(join(folder, 'node_modules', name))) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', '--no-audit', '--no-fund', `${name}@${version}`];
  await run('npm', args, { cwd: folder, timeout: INSTALL_LIMIT_MS });
  return folder;
}

async function installNchan(): Promise<Contender> {
  const version = await nchanVersion().catch(async (missing: unknown) => {
    if (process.getuid?.() !== 0) {
      throw new Error(
        `not installed, and only root can: apt-get install ${DEBIAN_PACKAGES.join(' ')}`,
        {
          cause: missing,
        },
      );
    }
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const args = ['install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES];
    await run('apt-get', args, { env, timeout: INSTALL_LIMIT_MS });
    return nchanVersion();
  });
  return { name: `nginx + nchan ${version}`, start: startNchan };
}

async function nchanVersion(): Promise<string> {
  const { stdout } = await run('dpkg-query', ['-s', 'libnginx-mod-nchan']);
  const [, version = ''] = /^Version: (?:\d+:)?([\d.]+)/m.exec(stdout) ?? [];
  if (version === '') throw new Error('libnginx-mod-nchan is not installed');
  return version;
}
