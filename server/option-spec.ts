/**
 * An OptionSpec: what one option is called, takes, defaults to and says of itself.
 *
 * @see SPEC 2
 */

/** How the text of an option is read: a list at its commas, texts whole. Durations are in ms, sizes in bytes once read. */
export type OptionType =
  | 'string'
  | 'list'
  | 'texts'
  | 'number'
  | 'boolean'
  | 'duration'
  | 'size'
  | 'choice';

export interface OptionSpec {
  type: OptionType;
  default: string | number | boolean | readonly string[] | undefined;
  /** What the text of a string or list stands for in `--help`: `<host>`. */
  value?: string;
  choices?: readonly string[];
  min?: number;
  max?: number;
  help: string;
}

/** Options by flag name. */
export type Specs = Record<string, OptionSpec>;

/** In ms. */
export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;

/** In bytes. */
export const KIB = 1_024;
export const MIB = 1_024 * KIB;
export const GIB = 1_024 * MIB;

/** `max-per-session` as `maxPerSession`. */
export type Camel<S extends string> = S extends `${infer A}-${infer B}`
  ? `${A}${Capitalize<Camel<B>>}`
  : S;

/** What an option holds once read. */
export type ValueOf<S extends OptionSpec> = S['type'] extends 'list' | 'texts'
  ? readonly string[]
  : S['type'] extends 'string'
    ? string | Extract<S['default'], undefined>
    : S['type'] extends 'number' | 'duration' | 'size'
      ? number
      : S['type'] extends 'boolean'
        ? boolean
        : S extends { choices: readonly (infer C)[] }
          ? C
          : never;

/** The option's name in the program: `max-per-session` is `maxPerSession`. */
export function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
