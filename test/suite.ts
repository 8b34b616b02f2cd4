/**
 * How tests are registered: uvu underneath, without its traps.
 *
 * uvu alone is green when a suite is never run, when a hook throws, and hangs for ever on a promise
 * that never settles. Here a suite runs by itself once its file is loaded, each test has a time
 * limit, hooks that throw are failures, and every outcome is reported one by one to test/run.ts.
 *
 * @see STYLE 15
 */
import { suite as uvuSuite } from 'uvu';

/** Generous for unit tests on a busy machine; what needs longer says so. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** To close what the suite has opened: a browser on a busy machine. */
const AFTER_TIMEOUT_MS = 30_000;

/** What a test file's process tells test/run.ts. */
export type TestReport =
  | { type: 'start'; name: string; timeoutMs: number }
  | { type: 'pass'; name: string }
  | { type: 'fail'; name: string }
  | { type: 'skip'; name: string; reason: string }
  | { type: 'done'; registered: number };

type Body = () => void | Promise<void>;

/** Registers tests of one suite. */
export interface Test {
  (name: string, body: Body): void;
  (name: string, options: { timeoutMs: number }, body: Body): void;
  /** A test that cannot run here: loud in the summary, and a failure where `CI` is set. */
  skip(name: string, reason: string): void;
  /** Runs once before the suite's tests; where it throws, each of them fails with its error. */
  before(hook: Body): void;
  /** Runs once after the suite's tests; where it throws, that is a failure of its own. */
  after(hook: Body): void;
}

// One process runs one test file (see test/run.ts), so this state is that file's.
const pending: (() => Promise<void>)[] = [];
let registered = 0;
let isClosed = false;

/**
 * Opens a suite named after what it tests: `suite('Ring')`. It runs by itself.
 * @throws {Error} when the file has already been loaded and its tests are running.
 */
export function suite(suiteName: string): Test {
  if (isClosed) throw new Error(`suite "${suiteName}" was opened after the tests had begun`);
  const inner = uvuSuite(suiteName);
  const names = new Set<string>();
  let setUp: Promise<void> = Promise.resolve();

  function claim(name: string): string {
    if (isClosed) throw new Error(`test "${name}" was registered after the tests had begun`);
    if (names.has(name)) throw new Error(`two tests of "${suiteName}" are named "${name}"`);
    names.add(name);
    registered++;
    return `${suiteName} › ${name}`;
  }

  const test = (name: string, ...rest: [Body] | [{ timeoutMs: number }, Body]): void => {
    const [options, body] = rest.length === 1 ? [undefined, rest[0]] : rest;
    const timeoutMs = options?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const fullName = claim(name);
    inner(name, async () => {
      report({ type: 'start', name: fullName, timeoutMs });
      try {
        await setUp;
        await withLimit(body, timeoutMs);
      } catch (error) {
        report({ type: 'fail', name: fullName });
        // uvu prints errors only: it reads .name, .stack and .operator of whatever was thrown.
        throw error instanceof Error ? error : new Error(`thrown: ${String(error)}`);
      }
      report({ type: 'pass', name: fullName });
    });
  };

  test.skip = (name: string, reason: string): void => {
    report({ type: 'skip', name: claim(name), reason });
  };

  test.before = (hook: Body): void => {
    inner.before(async () => {
      report({ type: 'start', name: `${suiteName} › before`, timeoutMs: DEFAULT_TIMEOUT_MS * 6 });
      setUp = setUp.then(() => withLimit(hook, DEFAULT_TIMEOUT_MS * 6));
      await setUp.catch(() => undefined); // each test awaits setUp itself, and fails with its error
    });
  };

  test.after = (hook: Body): void => {
    inner.after(async () => {
      const name = `${suiteName} › after`;
      report({ type: 'start', name, timeoutMs: AFTER_TIMEOUT_MS });
      try {
        await withLimit(hook, AFTER_TIMEOUT_MS);
      } catch (error) {
        console.error(name, error);
        report({ type: 'fail', name });
      }
    });
  };

  pending.push(
    () =>
      new Promise((resolve) => {
        inner.after(() => resolve()); // last of the hooks: the suite is over
        inner.run();
      }),
  );
  return test;
}

/** Runs every suite registered so far, once. For test/run-file.ts. */
export async function runSuites(): Promise<void> {
  if (isClosed) return;
  isClosed = true;
  await Promise.all(pending.map((run) => run())); // uvu itself runs them one after the other
  report({ type: 'done', registered });
}

// A test file started by hand (`node test/stream/ring.test.ts`) runs its tests too.
process.once('beforeExit', () => void runSuites());

function report(message: TestReport): void {
  if (process.send !== undefined) process.send(message);
  else if (message.type === 'fail') process.exitCode = 1;
  else if (message.type === 'skip') console.log(`SKIPPED ${message.name}: ${message.reason}`);
}

async function withLimit(body: Body, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not settled within its limit of ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    await Promise.race([body(), limit]);
  } finally {
    clearTimeout(timer);
  }
}
