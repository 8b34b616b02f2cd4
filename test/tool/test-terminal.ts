/**
 * A terminal for tests of the tools, which keeps what is printed.
 */
import { EventEmitter } from 'node:events';
import { systemClock } from '../../server/base/clock.ts';
import type { Output, Terminal } from '../../server/tool/terminal.ts';

class KeptOutput extends EventEmitter implements Output {
  text = '';
  /** `false` asks for a pause until `drain`. */
  takes = true;
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.text += text;
    this.emit('text');
    return this.takes;
  }
}

export interface TestTerminal extends Terminal {
  stdout: KeptOutput;
  stderr: KeptOutput;
  stop(): void;
  /** Resolves when `stdout` holds it. */
  printed(pattern: RegExp): Promise<void>;
}

/** Waits are short: `random` is 0, so no back-off takes time. */
export function testTerminal(isTTY = false): TestTerminal {
  const controller = new AbortController();
  const stdout = new KeptOutput(isTTY);
  return {
    clock: systemClock,
    random: () => 0,
    stdout,
    stderr: new KeptOutput(isTTY),
    signal: controller.signal,
    stop: () => controller.abort(),
    printed: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (pattern.test(stdout.text)) resolve();
        };
        stdout.on('text', look);
        look();
      }),
  };
}
