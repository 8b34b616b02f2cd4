/**
 * Programs that tests need: found on PATH, or on a bare Debian installed.
 *
 * @see DESIGN 3 "Tests get their own real services"
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Downloading and unpacking one, on a slow line. */
const INSTALL_LIMIT_MS = 240_000;

/**
 * The path of a program: what the environment's `variable` names, else on PATH, else, as root on
 * Debian, freshly installed from the distribution's `packageName`.
 * @returns undefined where there is none.
 * @throws {Error} where the variable names something that cannot be run.
 */
export function findProgram(
  program: string,
  { variable, packageName }: { variable: string; packageName: string },
): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`${variable}=${named} cannot be run`);
    return named;
  }
  return findOnPath(program) ?? (install(packageName) ? findOnPath(program) : undefined);
}

function findOnPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
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
function install(packageName: string): boolean {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return false;
  console.error(`Installing the package "${packageName}" with apt-get …`);
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', packageName]]) {
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
