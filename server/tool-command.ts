/**
 * Runs `sse-table tail`, `load` and `check`.
 *
 * @see SPEC 2
 */
import type { ToolArguments } from './arguments.ts';
import { SseTableError } from './base/errors.ts';
import { createVitals } from './base/vitals.ts';
import { runCheck } from './tool/check/run-check.ts';
import { runLoad } from './tool/load/run-load.ts';
import { runTail } from './tool/tail/run-tail.ts';
import type { Terminal } from './tool/terminal.ts';

/**
 * Runs until it is done, or the terminal's signal.
 * @returns the exit code.
 * @throws {SseTableError} `bad_option`: not one URL, or one that cannot be used.
 */
export function runTool(args: ToolArguments, terminal: Terminal): Promise<number> {
  const { action, sources } = args;
  const [url] = sources;
  if (url === undefined || sources.length > 1) {
    const example = 'http://127.0.0.1:8088/api/tables/users/stream';
    throw new SseTableError(
      'bad_option',
      `${action} needs one URL: sse-table ${action} ${example}`,
    );
  }
  switch (args.action) {
    case 'tail':
      return runTail(url, args.options, terminal);
    case 'load':
      return runLoad(url, args.options, terminal, createVitals());
    case 'check':
      return runCheck(url, args.options, terminal);
  }
}
