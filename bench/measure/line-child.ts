/**
 * A child process that is told what to do in lines on its standard input and answers each with one
 * line of JSON. So a server in C or Bun is driven just like one in Node.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** An answer that takes longer will not come. */
const ANSWER_LIMIT_MS = 120_000;

/** What is asked to end has this long. */
const END_LIMIT_MS = 2_000;

/** Anything a child answers. */
export type Answer = Readonly<Record<string, unknown>>;

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
}

/** A running child. Disposing of it ends it. */
export class LineChild implements AsyncDisposable {
  /** Its first line, which says that it is ready. */
  readonly ready: Promise<Answer>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiting: Waiting[] = [];

  constructor(command: string, args: readonly string[]) {
    this.#name = [command, ...args].join(' ');
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('exit', (code, signal) => {
      this.#fail(new Error(`${this.#name} ended (${code ?? signal}) before it answered`));
    });
    const { stdin, stdout } = this.#child;
    // What was written to a child that has gone; its exit says more.
    stdin?.on('error', () => {});
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#take(line));
    this.ready = this.#answer();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Tells it something.
   * @returns what it answers.
   * @throws {Error} when it ends first, or takes longer than two minutes.
   */
  ask(line: string): Promise<Answer> {
    const answer = this.#answer();
    this.#child.stdin?.write(`${line}\n`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null || this.#child.pid === undefined) return;
    const exited = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_LIMIT_MS);
    this.#child.stdin?.end();
    await exited;
    clearTimeout(timer);
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#name} gives no answer`)),
        ANSWER_LIMIT_MS,
      );
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.push({ resolve: settle(resolve), reject: settle(reject) });
    });
  }

  #take(line: string): void {
    const answer: unknown = JSON.parse(line);
    if (typeof answer !== 'object' || answer === null) throw new Error(`${this.#name}: ${line}`);
    this.#waiting.shift()?.resolve({ ...answer });
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** The number `name` of an answer. @throws {TypeError} when there is none. */
export function numberOf(answer: Answer, name: string): number {
  const value = answer[name];
  if (typeof value !== 'number')
    throw new TypeError(`no number ${name}: ${JSON.stringify(answer)}`);
  return value;
}
