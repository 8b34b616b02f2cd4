/**
 * Runs the tests: every test/**\/*.test.ts, or those whose path contains one of the arguments
 * (`npm test -- ring table/`). Each file has a process of its own. Fails when a test fails, when a
 * file registers nothing, crashes, hangs or does not exit, and, where `CI` is set, when one is skipped.
 * The last line is always `N passed, N failed, N skipped`.
 *
 * @see STYLE 15
 */
import { fork } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { findChromium } from './services/chromium.ts';
import { findPostgres } from './services/postgres.ts';
import { findRedis } from './services/redis.ts';
import { findSqlite3 } from './services/sqlite3.ts';
import type { TestReport } from './suite.ts';

const HERE = import.meta.dirname;

/** A file may take this long to load, and a process to start on a busy machine. */
const LOAD_LIMIT_MS = 60_000;

/** Beyond a test's own limit; past it the event loop itself is stuck and the process is killed. */
const STUCK_MARGIN_MS = 10_000;

/** From the last test to the end of the process: time for sockets and browsers to close. */
const EXIT_LIMIT_MS = 30_000;

/** Besides one file for each core: many wait for a browser, a database or a time to pass. */
const EXTRA_LANES = 1;

interface FileResult {
  file: string;
  passed: number;
  failed: string[];
  skipped: string[];
  output: string;
  elapsedMs: number;
}

const isCi = (process.env.CI ?? '') !== '' && process.env.CI !== 'false';

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const files = globSync('**/*.test.ts', { cwd: HERE })
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort();
  installServices(files);
  const results: FileResult[] = [];
  const queue = [...files];
  const count = Math.min(files.length, availableParallelism() + EXTRA_LANES);
  const lanes = Array.from({ length: count }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file);
      results.push(result);
      print(result);
    }
  });
  await Promise.all(lanes);

  const failures = results.flatMap((result) => result.failed.map((name) => [result.file, name]));
  const skips = results.flatMap((result) => result.skipped.map((name) => [result.file, name]));
  for (const [file, name] of skips) console.log(`SKIPPED ${file}: ${name}`);
  for (const [file, name] of failures) console.log(`FAILED ${file}: ${name}`);
  if (files.length === 0) console.log(`FAILED: no test file matches ${wanted.join(' ')}`);

  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = failures.length + (files.length === 0 ? 1 : 0);
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`${passed} passed, ${failed} failed, ${skips.length} skipped`);
}

/** Once, before the files run side by side: two of them cannot install one package at once. */
function installServices(files: readonly string[]): void {
  const uses = (service: string): boolean =>
    files.some((file) => readFileSync(join(HERE, file), 'utf8').includes(`services/${service}`));
  if (uses('chromium')) findChromium();
  if (uses('postgres')) findPostgres();
  if (uses('redis')) findRedis();
  if (uses('sqlite3')) findSqlite3();
}

function runFile(file: string): Promise<FileResult> {
  const result: FileResult = {
    file,
    passed: 0,
    failed: [],
    skipped: [],
    output: '',
    elapsedMs: 0,
  };
  const startedAt = performance.now();
  const child = fork(join(HERE, 'run-file.ts'), [join(HERE, file)], { silent: true });
  let reported = 0;
  let registered: number | undefined;
  let current = 'loading the file';
  let killedFor: string | undefined;
  let limit: NodeJS.Timeout | undefined;

  function allow(ms: number, verdict: string): void {
    clearTimeout(limit);
    limit = setTimeout(() => {
      killedFor = verdict;
      child.kill('SIGKILL');
    }, ms);
  }

  child.stdout?.on('data', (chunk) => {
    result.output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    result.output += chunk;
  });
  child.on('message', (report: TestReport) => {
    if (report.type === 'start') {
      current = report.name;
      allow(report.timeoutMs + STUCK_MARGIN_MS, `${current}: stuck, the event loop is blocked`);
    } else if (report.type === 'done') {
      registered = report.registered;
      current = 'the end of the process';
      allow(EXIT_LIMIT_MS, 'did not exit: its tests left a handle open');
    } else {
      if (!report.name.endsWith('› after')) reported++;
      if (report.type === 'pass') result.passed++;
      else if (report.type === 'fail') result.failed.push(report.name);
      else if (isCi)
        result.failed.push(`${report.name}: skipped where CI is set: ${report.reason}`);
      else result.skipped.push(`${report.name}: ${report.reason}`);
      if (report.type !== 'skip') allow(LOAD_LIMIT_MS, `stuck after ${report.name}`);
    }
  });
  allow(LOAD_LIMIT_MS, 'stuck while loading');

  return new Promise((resolve) => {
    child.on('error', (error) => {
      result.output += error.message;
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (killedFor !== undefined) result.failed.push(killedFor);
      else if (registered === undefined) {
        result.failed.push(`crashed (${signal ?? `exit code ${code}`}) at ${current}`);
      } else if (registered === 0) result.failed.push('registers no test');
      else if (reported !== registered) {
        result.failed.push(`reported ${reported} of its ${registered} tests`);
      } else if (code !== 0 && result.failed.length === 0) {
        result.failed.push(`ended with ${signal ?? `exit code ${code}`} at ${current}`);
      }
      result.elapsedMs = performance.now() - startedAt;
      resolve(result);
    });
  });
}

function print(result: FileResult): void {
  const isGood = result.failed.length === 0;
  const counts = `${result.passed} passed${isGood ? '' : `, ${result.failed.length} failed`}`;
  const path = relative(process.cwd(), join(HERE, result.file));
  console.log(`${isGood ? '✓' : '✗'} ${path}  ${counts}  ${Math.round(result.elapsedMs)} ms`);
  if (!isGood) console.log(result.output.trimEnd());
}

await main();
