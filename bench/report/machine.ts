/**
 * The machine and the versions that figures hold for.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';

const BYTES_PER_GIB = 1_024 ** 3;

export interface Machine {
  cpu: string;
  cores: number;
  memoryGib: number;
  system: string;
  node: string;
  /** Where the page was measured. */
  browser?: string;
  /** What was measured: the package's version and the commit. */
  version: string;
  /** Others that ran meanwhile show here: the load average before the run. */
  loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / BYTES_PER_GIB),
    system: `${type()} ${release()} ${arch()}`,
    node: process.version,
    version: versionOf(),
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function versionOf(): string {
  const root = join(import.meta.dirname, '../..');
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  try {
    const args = ['-C', root, 'rev-parse', '--short', 'HEAD'];
    return `${version} at ${execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim()}`;
  } catch {
    // Run from an unpacked archive: the version must do.
    return version;
  }
}
