/**
 * A Chromium for the tests of the page: found, or on a bare Debian installed, or absent.
 *
 * @see DESIGN 3 "Tests get their own real services"
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** Names under which distributions install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** No sandbox (root in containers), nothing that phones home or fetches in the background. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Downloading and unpacking it, on a slow line. */
export const INSTALL_LIMIT_MS = 240_000;

/** Why a browser test is skipped. */
export const NO_CHROMIUM =
  'no Chromium: install one, or name it in SSE_TABLE_CHROMIUM=/path/to/chromium';

/**
 * The path of a Chromium: `SSE_TABLE_CHROMIUM`, else the first on PATH, else, as root on Debian,
 * one freshly installed from the distribution.
 * @returns undefined where there is none.
 * @throws {Error} where `SSE_TABLE_CHROMIUM` names something that cannot be run.
 */
export function findChromium(): string | undefined {
  const named = process.env.SSE_TABLE_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`SSE_TABLE_CHROMIUM=${named} cannot be run`);
    return named;
  }
  return findOnPath() ?? (install() ? findOnPath() : undefined);
}

/**
 * A headless browser of the test's own; close it when done. `flags` are added to the usual ones.
 * Callers check `findChromium()` first and skip with `NO_CHROMIUM`.
 * @throws {Error} `NO_CHROMIUM`.
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error(NO_CHROMIUM);
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // absent or not ours to run: the next candidate
  }
}

/** @returns whether the distribution's package was installed. */
function install(): boolean {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return false;
  console.error('No Chromium found: installing the package "chromium" with apt-get …');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const run = spawnSync('/usr/bin/apt-get', args, {
      stdio: ['ignore', 2, 2],
      timeout: INSTALL_LIMIT_MS / 2,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (run.status !== 0) {
      console.error(`apt-get ${args.join(' ')} failed: ${run.error?.message ?? run.status}`);
      return false;
    }
  }
  return true;
}
