/**
 * What a tool has of the world: where to print, when to stop, time and chance.
 *
 * @see STYLE 14
 */
import { styleText } from 'node:util';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

/** An output, as process.stdout is one. */
export interface Output {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Terminal {
  clock: Clock;
  random: Random;
  stdout: Output;
  stderr: Output;
  /** Aborted by Ctrl+C, and when nobody reads the output any more. */
  signal: AbortSignal;
}

/** A style's name as util.styleText has it. */
export type Style = Parameters<typeof styleText>[0];

/** The text in a colour, where the output is a terminal that wants colours (`NO_COLOR`). */
export function styled(output: Output, style: Style, text: string): string {
  if (output.isTTY !== true) return text;
  return styleText(style, text);
}
