/**
 * What `--help` prints.
 *
 * @see SPEC 2
 */

import { COMMANDS, type Command, type CommandName } from './commands.ts';
import type { OptionSpec, OptionType } from './option-spec.ts';
import { formatOption } from './option-value.ts';
import { OPTION_GROUPS } from './options.ts';

/** Column at which the explanations begin: a longer name has its explanation on the next line. */
const INDENT = 28;

/** Columns of a terminal that all have. */
const WIDTH = 80;

const PLACEHOLDERS: Record<OptionType, string> = {
  boolean: '',
  choice: '<word>',
  duration: '<time>',
  list: '<text,…>',
  number: '<n>',
  size: '<size>',
  string: '<text>',
  texts: '<text>',
};

const INTRODUCTION = `\
sse-table: a live table on any page

Usage: sse-table [source …] [options]
       sse-table <command> …      each with a --help of its own

Then open the printed URL and watch the table.

Sources
  (none)                    a demo: table "users", changed by a generator
  -                         standard input: NDJSON, CSV with a header row, or lines
  data.ndjson data.csv      the rows of a file; --follow shows new ones as they
  access.log                are written
  shop.db                   the tables of a SQLite file, whoever writes to them; made
                            if absent
  redis://host/0?stream=s   the entries of a Redis stream

Commands
COMMANDS
Examples
  sse-table                               watch the demo
  sse-table orders.ndjson --follow        watch a file grow
  vmstat 1 | sse-table -                  watch another program's output
  sse-table install shop.db               add triggers: for large tables, and resuming
  sse-table new.db --create               keep in a file what is posted over HTTP
  curl -sN https://example.com/orders.ndjson | sse-table - --key id --table orders
  sse-table --create --port 9000          start empty; fill tables over HTTP:
    curl -d '{"id":1,"item":"tea"}' -H 'Content-Type: application/json' \\
      http://127.0.0.1:9000/api/tables/orders

Options
  Each is also an environment variable (--max-rows is SSE_TABLE_MAX_ROWS) and a
  key of the JSON file given by --config. A flag wins over the environment, that
  over the file. --no-<name> switches off what one of them has switched on.
  Times: 500ms 15s 5m 1h. Sizes: 512KiB 8MiB. Lists: a,b or the option repeated.
`;

const EXIT_CODES = `
Exit codes
  0  stopped by a signal, or by --exit-on-end
  1  failed: the port is busy, a source cannot be read, …
  2  a wrong option or value
`;

/** The help text, with every option and its default: of serving, or of a sub-command. */
export function helpText(about?: CommandName): string {
  return about === undefined ? serverHelp() : commandHelp(about, COMMANDS[about]);
}

function serverHelp(): string {
  const groups = Object.entries<Record<string, OptionSpec>>(OPTION_GROUPS).map(
    ([heading, specs]) =>
      `\n${heading}\n${Object.entries(specs)
        .map(([flag, spec]) => entry(`--${flag} ${placeholder(spec)}`.trimEnd(), explain(spec)))
        .join('')}`,
  );
  const others = entry('-h, --help', 'show this text') + entry('-v, --version', 'show the version');
  const commands = Object.entries<Command>(COMMANDS)
    .map(([name, { takes, summary }]) => entry(`${name} ${takes}`, summary))
    .join('');
  const introduction = INTRODUCTION.replace('COMMANDS\n', commands);
  return `${introduction}${groups.join('')}\nOther\n${others}${EXIT_CODES}`;
}

function commandHelp(name: CommandName, command: Command): string {
  const { summary, about, takes, examples, specs, exitCodes } = command;
  const options = Object.entries(specs).map(([flag, spec]) =>
    entry(`--${flag} ${placeholder(spec)}`.trimEnd(), explain(spec)),
  );
  const lines = examples.map(([line, what]) => `  # ${what}\n  sse-table ${line}\n`);
  const codes = exitCodes.map(([code, what]) => `  ${code}  ${what}\n`);
  return `${summary}\n
Usage: sse-table ${name} ${takes} [options]\n
${about === '' ? '' : `${about}\n`}Examples\n${lines.join('')}
Options, each also an environment variable SSE_TABLE_…\n${options.join('')}
Exit codes\n${codes.join('')}`;
}

/** What stands for an option's value: `<n>`, `<time>`; nothing for a boolean. */
export function placeholder(spec: OptionSpec): string {
  return spec.value ?? PLACEHOLDERS[spec.type];
}

function explain(spec: OptionSpec): string {
  const choices = spec.choices === undefined ? '' : `: ${spec.choices.join(', ')}`;
  const initial = spec.type === 'boolean' ? undefined : formatOption(spec, spec.default);
  return `${spec.help}${choices}${initial === undefined ? '' : `; default ${initial}`}`;
}

function entry(name: string, explanation: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of explanation.split(' ')) {
    if (line !== '' && INDENT + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += (line === '' ? '' : ' ') + word;
  }
  lines.push(line);
  const margin = ' '.repeat(INDENT);
  const first = `  ${name}`.padEnd(INDENT);
  const head = first.length > INDENT || !first.endsWith(' ') ? `${first}\n${margin}` : first;
  return `${head}${lines.join(`\n${margin}`)}\n`;
}
