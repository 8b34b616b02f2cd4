/**
 * Makes the sources that `--log name=path` asks for. Only files named there can be read.
 *
 * @see SPEC 3.6
 */
import { statSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { badOption } from './kind.ts';
import { LogSource } from './log-source.ts';

/** Stands for itself in a URL, and no step in a path. */
const SERVICE = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** One log, as it is asked for. */
export interface NamedLog {
  service: string;
  path: string;
}

/**
 * Reads `web=/var/log/nginx/access.log`. The file need not be there yet.
 * @throws {SseTableError} `bad_option` naming the value and the fix: no name, twice the same, a folder.
 */
export function readLogs(values: readonly string[]): NamedLog[] {
  const services = new Set<string>();
  return values.map((value) => {
    const at = value.indexOf('=');
    const service = value.slice(0, Math.max(0, at));
    const path = value.slice(at + 1);
    if (at < 0 || path === '') {
      throw badOption(`--log "${value}" is not <name>=<file>; try --log web=/var/log/web.log`);
    }
    if (!SERVICE.test(service)) {
      throw badOption(
        `--log "${value}": "${service}" is no name; use up to 64 letters, digits, ".", "_", "-"`,
      );
    }
    if (services.has(service))
      throw badOption(`--log names "${service}" twice; name each log once`);
    services.add(service);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw badOption(`--log "${value}": that is a folder; name a file in it`);
    }
    return { service, path };
  });
}

/** The sources of logs, of which `keptLines` lines each are kept. */
export function openLogs(
  logs: readonly NamedLog[],
  keptLines: number,
  deps: { clock: Clock; random: Random },
): LogSource[] {
  return logs.map((log) => new LogSource({ ...log, keptLines, ...deps }));
}
