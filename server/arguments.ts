/**
 * The command line: what to serve and how, from flags, the environment, a file and the defaults.
 *
 * @see SPEC 2
 */
import { parseArgs } from 'node:util';
import { SseTableError } from './base/errors.ts';
import { COMMAND_NAMES, COMMANDS, type CommandName, isCommandName } from './commands.ts';
import { camelCase, type OptionSpec } from './option-spec.ts';
import { formatOption, OptionProblem, type OptionValue, readOption } from './option-value.ts';
import { OPTIONS, type Options } from './options.ts';
import type { CheckOptions, LoadOptions, OutboxOptions, TailOptions } from './tool-options.ts';

/** Starts the name of each environment variable: `SSE_TABLE_MAX_ROWS` is `--max-rows`. */
const ENVIRONMENT_PREFIX = 'SSE_TABLE_';

type SpecMap = ReadonlyMap<string, OptionSpec>;

/** The options of serving, and those of each sub-command. */
const SPECS_OF: ReadonlyMap<CommandName | 'run', SpecMap> = new Map(
  COMMAND_NAMES.map((name): [CommandName | 'run', SpecMap] => [
    name,
    specMap(COMMANDS[name].specs),
  ]),
).set('run', specMap(OPTIONS));

/** All there are: which sub-command is meant is known only once the line has been split. */
const ALL_SPECS: SpecMap = new Map([...SPECS_OF.values()].flatMap((specs) => [...specs]));

/** Flags that are not options: they do something else instead of serving. */
const ACTIONS: ReadonlyMap<string, 'help' | 'version'> = new Map([
  ['help', 'help'],
  ['h', 'help'],
  ['version', 'version'],
  ['v', 'version'],
]);

interface Read<Action, O> {
  action: Action;
  /** What is served, changed or connected to. */
  sources: string[];
  /** Every option, defaults included. */
  options: O;
  /** Only those that somebody set: some defaults differ from place to place. */
  given: Partial<O>;
}

export type ServeArguments = Read<'run', Options>;
export type OutboxArguments = Read<'install' | 'uninstall', OutboxOptions>;
export type ToolArguments =
  | Read<'tail', TailOptions>
  | Read<'load', LoadOptions>
  | Read<'check', CheckOptions>;

export type Arguments =
  | ServeArguments
  | OutboxArguments
  | ToolArguments
  | { action: 'help'; about: CommandName | undefined }
  | { action: 'version' };

type Environment = Readonly<Record<string, string | undefined>>;
type Settings = Map<string, OptionValue>;

/**
 * Reads the command line. A flag wins over the environment, that over the file named by `--config`,
 * that over the default. `argv` is without the program's name; `readFile` returns a file's text.
 * @throws {SseTableError} `bad_option`: one line that names the option, the value and the fix.
 */
export function parseArguments(
  argv: readonly string[],
  env: Environment,
  readFile: (path: string) => string,
): Arguments {
  const { action, command, sources, flags } = readFlags(argv);
  // Asked for help, a broken environment must not be in the way.
  if (action === 'help') return { action, about: command === 'run' ? undefined : command };
  if (action === 'version') return { action };

  const specs = SPECS_OF.get(command) ?? ALL_SPECS;
  const environment = readEnvironment(env, specs);
  const path = flags.get('config') ?? environment.get('config');
  const file: Settings = path === undefined ? new Map() : readConfig(String(path), readFile, specs);
  const given = inCamelCase([...file, ...environment, ...flags]);
  const defaults = inCamelCase(Array.from(specs, ([flag, spec]) => [flag, spec.default] as const));
  // readOption has given each the type that the command's table of options says.
  return { action: command, sources, options: { ...defaults, ...given }, given } as Arguments;
}

/** The later of two of one name wins. */
function inCamelCase(entries: readonly (readonly [flag: string, value: unknown])[]) {
  return Object.fromEntries(entries.map(([flag, value]) => [camelCase(flag), value]));
}

function specMap(specs: Readonly<Record<string, OptionSpec>>): SpecMap {
  return new Map(Object.entries(specs));
}

interface Line {
  action: 'help' | 'version' | undefined;
  command: CommandName | 'run';
  sources: string[];
  flags: Settings;
}

function readFlags(argv: readonly string[]): Line {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      [...ALL_SPECS].map(([flag, { type }]) => [
        flag,
        { type: type === 'boolean' ? 'boolean' : 'string', multiple: true } as const,
      ]),
    ),
    strict: false, // unknown options are named by us, with a suggestion
    allowPositionals: true,
    tokens: true,
  });
  const sources = tokens.filter((token) => token.kind === 'positional').map(({ value }) => value);
  const [first = ''] = sources;
  const command = isCommandName(first) ? first : 'run';
  if (command !== 'run') sources.shift();
  const specs = SPECS_OF.get(command) ?? ALL_SPECS;

  const flags: Settings = new Map();
  let action: 'help' | 'version' | undefined;
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const doing = ACTIONS.get(name);
    if (doing !== undefined && rawName === (name.length === 1 ? `-${name}` : `--${name}`)) {
      action = doing;
      continue;
    }
    const negated = rawName.startsWith('--no-') ? rawName.slice('--no-'.length) : undefined;
    if (negated !== undefined && specs.get(negated)?.type === 'boolean') {
      if (value !== undefined) throw bad(rawName, `takes no value; write just ${rawName}`);
      flags.set(negated, false);
      continue;
    }
    const spec = rawName === `--${name}` ? specs.get(name) : undefined;
    if (spec === undefined) throw unknown(rawName, command);
    const isMissing =
      spec.type !== 'boolean' &&
      (value === undefined || (inlineValue === false && /^--./.test(value)));
    if (isMissing) {
      const example = formatOption(spec, spec.default) ?? spec.value ?? '';
      throw bad(rawName, `needs a value, as in ${rawName} ${example}`.trimEnd());
    }
    const glue = spec.type === 'boolean' ? '=' : ' ';
    const read = readAs(spec, value ?? true, rawName, (example) => rawName + glue + example);
    const before = flags.get(name);
    flags.set(name, Array.isArray(before) && Array.isArray(read) ? [...before, ...read] : read);
  }
  return { action, command, sources, flags };
}

/** Other variables with our prefix are left alone: orchestrators and tests have theirs. */
function readEnvironment(env: Environment, specs: SpecMap): Settings {
  const settings: Settings = new Map();
  for (const [flag, spec] of specs) {
    const name = ENVIRONMENT_PREFIX + flag.toUpperCase().replaceAll('-', '_');
    const text = env[name];
    if (text === undefined || text === '') continue; // empty is how a compose file says "unset"
    settings.set(
      flag,
      readAs(spec, text, name, (example) => `${name}=${example}`),
    );
  }
  return settings;
}

/** One file serves the server and the sub-commands: each takes what it knows. */
function readConfig(path: string, readFile: (path: string) => string, specs: SpecMap): Settings {
  let config: unknown;
  try {
    config = JSON.parse(readFile(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw bad(`--config ${path}`, `cannot be read: ${reason}`, error);
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw bad(`--config ${path}`, 'must hold a JSON object, such as {"port": 8088}');
  }
  const settings: Settings = new Map();
  for (const [flag, raw] of Object.entries(config)) {
    const spec = specs.get(flag);
    if (spec === undefined && ALL_SPECS.has(flag)) continue;
    if (spec === undefined) throw unknown(flag, 'run', `${path}: `);
    if (flag === 'config') throw bad(`${path}: config`, 'one file cannot name another; remove it');
    settings.set(
      flag,
      readAs(spec, raw, `${path}: ${flag}`, (example) => `"${flag}": ${quote(spec, example)}`),
    );
  }
  return settings;
}

function readAs(
  spec: OptionSpec,
  raw: unknown,
  name: string,
  write: (example: string) => string,
): OptionValue {
  try {
    return readOption(spec, raw);
  } catch (error) {
    if (!(error instanceof OptionProblem)) throw error;
    const fix = error.example === undefined ? '' : `; try ${write(error.example)}`;
    throw bad(name, `${error.message}${fix}`, error);
  }
}

function quote(spec: OptionSpec, example: string): string {
  return spec.type === 'number' || spec.type === 'boolean' ? example : JSON.stringify(example);
}

function bad(name: string, problem: string, cause?: unknown): SseTableError {
  return new SseTableError('bad_option', `${name}: ${problem}`, { cause });
}

/** @param place of a config file, which writes names without dashes. */
function unknown(name: string, command: CommandName | 'run', place = ''): SseTableError {
  const line = command === 'run' ? 'sse-table' : `sse-table ${command}`;
  const wanted = name.replace(/^-+/, '').toLowerCase().replaceAll('_', '-');
  const owner = Array.from(SPECS_OF).find(([, specs]) => specs.has(name.slice('--'.length)))?.[0];
  if (owner !== undefined && place === '') {
    return bad(
      name,
      `${line} has no such option; sse-table${owner === 'run' ? '' : ` ${owner}`} has`,
    );
  }
  const known = [...(SPECS_OF.get(command) ?? ALL_SPECS).keys(), 'help', 'version'];
  const [nearest] = known
    .map((known) => ({ known, distance: editDistance(wanted, known) }))
    .filter(({ known, distance }) => distance <= Math.max(1, Math.floor(known.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  const dashes = place === '' ? '--' : '';
  const advice =
    nearest === undefined ? `see ${line} --help` : `did you mean ${dashes}${nearest.known}?`;
  return bad(`${place}${name}`, `unknown option; ${advice}`);
}

/** Letters to insert, remove, replace or swap with their neighbour to get from one word to the other. */
function editDistance(from: string, to: string): number {
  let [before, row]: [number[], number[]] = [
    [],
    Array.from({ length: to.length + 1 }, (_, j) => j),
  ];
  const at = (cells: readonly number[], j: number) => cells[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      next.push(
        Math.min(
          at(row, j - 1) + (isSame ? 0 : 1),
          at(row, j) + 1,
          at(next, j - 1) + 1,
          isSwap ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return at(row, to.length);
}
