/**
 * A minute of chaos with a SQLite file; see test/source/sqlite/chaos.ts.
 *
 *     node bench/chaos-sqlite.ts [seconds] [seed]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeChaos } from '../test/source/sqlite/chaos.ts';

const DEFAULT_SECONDS = 60;
const DISASTER_MS = 3_000;

const seconds = Number(process.argv[2] ?? DEFAULT_SECONDS);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 32));
const folder = mkdtempSync(join(tmpdir(), 'sse-table-chaos-'));
console.log(`${seconds} s, seed ${seed}`);
try {
  const path = join(folder, 'chaos.db');
  const result = await makeChaos({ path, seed, seconds, disasterMs: DISASTER_MS });
  console.log(result);
  const isReloaded = result.reloads.some((count) => count > 0);
  if (result.different.length > 0 || result.missing > 0 || isReloaded) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
