#!/usr/bin/env node
/**
 * The program: arguments in, a running server out; signals and exit codes. The only file that
 * touches the process.
 *
 * Exit codes: 0 stopped by a signal or by `--exit-on-end`; 1 failed, or told twice to stop;
 * 2 a wrong option, value or source. Sub-commands have their own: `commands.ts`.
 *
 * @see SPEC 2, 3.7 "SIGTERM"
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Duplex } from 'node:stream';
import manifest from '../package.json' with { type: 'json' };
import { createPrimary } from './app.ts';
import type { App } from './app-contract.ts';
import {
  type OutboxArguments,
  parseArguments,
  type ServeArguments,
  type ToolArguments,
} from './arguments.ts';
import { systemClock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import { createLog, type Log, withFields } from './base/log.ts';
import { createVitals } from './base/vitals.ts';
import { createFork, openPipe } from './fork.ts';
import { greet, type Served } from './greeting.ts';
import { helpText } from './help.ts';
import type { Options } from './options.ts';
import { runOutboxCommand } from './outbox-command.ts';
import { loadPage } from './page.ts';
import { hideSecret, kindOf } from './source/kind.ts';
import { openSource } from './source/open.ts';
import type { Source } from './source/source.ts';
import { tablesOf } from './source-tables.ts';
import { runTool } from './tool-command.ts';
import { watchFailure } from './watch-failure.ts';
import { startWorker } from './worker.ts';
import { Workers } from './workers.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Opens a URL in the browser, by platform. */
const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** A pipe that is read no more (`sse-table | head -1`) ends the printing, not the server. */
function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

function fail(error: unknown, exitCode: number): never {
  const isExpected = error instanceof SseTableError;
  const text = isExpected ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`sse-table: ${text}\n`);
  process.exit(exitCode);
}

/** What the user got wrong, as far as it can be known before anything runs. */
function orUsage<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    return fail(error, error instanceof SseTableError ? EXIT_USAGE : EXIT_FAILED);
  }
}

function openSources({ sources, options }: ServeArguments): { source: Source; served: Served }[] {
  const { key, follow, strict, readOnly, maxBody: maxLineBytes, table: names } = options;
  return tablesOf(sources, names).map(({ argument, tables }) => {
    const source = openSource(
      argument,
      { key, table: tables, follow, strict, readOnly, maxLineBytes },
      { clock: systemClock, random: Math.random, stdin: process.stdin },
    );
    const makesTables = source.writer?.create !== undefined;
    const served = { argument: hideSecret(argument), tables, kind: kindOf(argument), follow };
    return { source, served: { ...served, makesTables } };
  });
}

/** Stops gracefully on the first signal, at once on the second. @returns whether one has come. */
function stopOnSignals(app: App, workers: Workers | undefined, log: Log): () => boolean {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      workers?.kill();
      process.exit(EXIT_FAILED);
    }
    isStopping = true;
    log.info(`${signal}: stopping; once more stops at once`);
    void stop(app, 0);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => isStopping;
}

/** A certificate is renewed every few weeks, and nobody wants to lose streams for it. */
function reloadOnSignal(app: App, log: Log): void {
  process.on('SIGHUP', () => {
    try {
      app.reloadCertificate();
      log.info('SIGHUP: the certificate has been read again');
    } catch (error) {
      if (!(error instanceof SseTableError)) throw error;
      log.error(`SIGHUP: the certificate in use stays: ${error.message}`);
    }
  });
}

async function stop(app: App, exitCode: number): Promise<void> {
  try {
    await app.close();
    process.exit(exitCode);
  } catch (error) {
    fail(error, EXIT_FAILED);
  }
}

function openBrowser(url: string, log: Log): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  const warn = (reason: string) => log.warn(`the browser could not be opened (${reason}): ${url}`);
  child.on('error', (error) => warn(error.message));
  child.on('exit', (code) => {
    if (code !== null && code !== 0) warn(`${command} ended with ${code}`);
  });
  child.unref();
}

function logOf({ logLevel: level }: Options): Log {
  const pretty = process.stderr.isTTY === true;
  const write = (line: string): void => void process.stderr.write(line);
  return createLog({ level, pretty, write, now: systemClock.now });
}

function createWorkers({ workers: size }: Options, log: Log): Workers | undefined {
  if (size === 1) return undefined;
  const { platform } = process;
  const fork = createFork();
  return new Workers({ clock: systemClock, random: Math.random, log, size, fork, platform });
}

/** One of several processes that serve the clients; the primary tells it everything. */
async function serveAsWorker(pipe: Duplex): Promise<void> {
  const { done, stop } = startWorker({
    clock: systemClock,
    random: Math.random,
    vitals: createVitals(),
    page: loadPage(),
    createLog: (options) => withFields(logOf(options), { worker: process.pid }),
    pipe,
  });
  // A terminal's Ctrl+C goes to all processes, and the primary says when to stop.
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', stop);
  await done;
  process.exit(0); // whatever is still open: the clients were given their time
}

async function serve(args: ServeArguments): Promise<void> {
  const { options, given, sources } = args;
  const log = logOf(options);
  const page = loadPage();
  if (page.size === 0) log.warn('the page is not built: npm run build, or node build.mjs page');
  const demo = given.demo ?? (sources.length === 0 && options.log.length === 0);
  const opened = orUsage(() => openSources(args));
  const workers = createWorkers(options, log);
  const app = orUsage(() =>
    createPrimary({ ...given, demo }, { clock: systemClock, log, page }, workers),
  );
  const isStopping = stopOnSignals(app, workers, log);
  if (options.cert !== undefined) reloadOnSignal(app, log);

  let hasFailed = false;
  for (const { source } of opened) {
    app.attach(
      watchFailure(source, () => {
        hasFailed = true;
      }),
    );
  }
  const { url } = await app.listen();
  const served = opened.map((each) => each.served);
  const { version } = manifest;
  const { create, log: logs } = options;
  process.stdout.write(greet({ version, url, demo, create, sources: served, logs }));
  if (options.open) openBrowser(url, log);
  if (opened.length === 0) return;
  await app.sourcesEnded;
  if (isStopping()) return;
  if (options.exitOnEnd) await stop(app, hasFailed ? EXIT_FAILED : 0);
  else log.info('nothing more to read; the server stays until Ctrl+C (or use --exit-on-end)');
}

/** Databases and their changes, or a URL, are wrong usage as much as a wrong option is. */
function failCommand(error: unknown): never {
  return fail(error, error instanceof SseTableError ? EXIT_USAGE : EXIT_FAILED);
}

async function changeOutboxes({ action, sources, options }: OutboxArguments): Promise<void> {
  const { table: tables, key, dryRun } = options;
  try {
    process.stdout.write(await runOutboxCommand(sources, { action, tables, key, dryRun }));
  } catch (error) {
    failCommand(error);
  }
}

/** Ctrl+C ends a tool and lets it report, and so does a reader that has seen enough. */
async function useTool(args: ToolArguments): Promise<void> {
  const { stdout, stderr } = process;
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_FAILED);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  stdout.on('error', () => controller.abort());
  const { signal } = controller;
  try {
    const terminal = { clock: systemClock, random: Math.random, stdout, stderr, signal };
    process.exitCode = await runTool(args, terminal);
  } catch (error) {
    failCommand(error);
  }
}

async function run(): Promise<void> {
  const args = orUsage(() =>
    parseArguments(process.argv.slice(2), process.env, (path) => readFileSync(path, 'utf8')),
  );
  switch (args.action) {
    case 'help':
      process.stdout.write(helpText(args.about));
      return;
    case 'version':
      process.stdout.write(`${manifest.version}\n`);
      return;
    case 'install':
    case 'uninstall':
      return changeOutboxes(args);
    case 'tail':
    case 'load':
    case 'check':
      return useTool(args);
    case 'run':
      return serve(args);
  }
}

survivePipes();
const pipe = openPipe(process.env);
await (pipe === undefined ? run() : serveAsWorker(pipe)).catch((error: unknown) =>
  fail(error, EXIT_FAILED),
);
