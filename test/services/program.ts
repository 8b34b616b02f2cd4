/**
 * The program itself, started as a user would, for tests of the whole.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../server/main.ts');

/** How long the program may take to print what is waited for, on a busy machine. */
const WAIT_LIMIT_MS = 20_000;

/** A running sse-table. Disposing of it kills it. */
export class Program implements AsyncDisposable {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #watchers = new Set<() => void>();

  /** Starts it on a free port unless `args` say otherwise; only `env` is added to a clean environment. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, SSE_TABLE_PORT: '0', ...env },
    });
    this.#child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
      this.#notify();
    });
    this.#child.stderr.on('data', (chunk) => {
      this.stderr += chunk;
      this.#notify();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        resolve(code ?? signal);
        this.#notify();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stdin(): NodeJS.WritableStream {
    return this.#child.stdin;
  }

  /** Closes the reading end of its standard output, as `| head -1` does. */
  closeStdout(): void {
    this.#child.stdout.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The URL it printed. @throws {Error} where it ends first. */
  async url(): Promise<string> {
    return (await this.printed(/open (https?:\S+)\//))[1] ?? '';
  }

  /** Waits for a text on either output. @throws {Error} with both outputs, where it does not come. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
      };
      const give = (why: string): void => {
        finish();
        reject(new Error(`${why} before ${pattern}:\n${this.stdout}\n${this.stderr}`));
      };
      const look = (): void => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match === null) return;
        finish();
        resolve(match);
      };
      const timer = setTimeout(() => give('nothing for too long'), WAIT_LIMIT_MS);
      this.#watchers.add(look);
      this.exited.then(() => {
        look();
        if (this.#watchers.has(look)) give('it ended');
      }, reject);
      look();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
