/**
 * The options as tables in Markdown, for the README and the documentation.
 *
 * @see SPEC 2
 */
import { COMMAND_NAMES, COMMANDS } from './commands.ts';
import { placeholder } from './help.ts';
import type { OptionSpec, Specs } from './option-spec.ts';
import { formatOption } from './option-value.ts';
import { OPTION_GROUPS } from './options.ts';

/** Tables of the server's options, each under its heading. @param level of the headings. */
export function optionTables(level: string): string {
  return Object.entries<Specs>(OPTION_GROUPS)
    .map(([heading, specs]) => `\n${level} ${heading}\n\n${optionTable(specs)}`)
    .join('');
}

/** The page of the documentation: the server's, and those of the sub-commands. */
export function optionsPage(): string {
  const commands = COMMAND_NAMES.map((name) => {
    const { summary, about, takes, specs } = COMMANDS[name];
    const usage = `\`sse-table ${name} ${takes} [options]\``;
    return `\n## ${name}\n\n${summary}: ${usage}.\n\n${about}\n${optionTable(specs)}`;
  });
  return `# Options

Each is a flag, an environment variable (\`--max-rows\` is \`SSE_TABLE_MAX_ROWS\`) and a key of the JSON file
named by \`--config\`. A flag wins over the environment, that over the file. Times are written \`500ms\` \`15s\`
\`5m\` \`1h\`, sizes \`64KiB\` \`8MiB\`, lists with commas; \`--no-<name>\` switches off.
${optionTables('##')}${commands.join('')}`;
}

function optionTable(specs: Specs): string {
  const rows = Object.entries(specs).map(
    ([flag, spec]) =>
      `| \`--${`${flag} ${placeholder(spec)}`.trimEnd()}\` | ${spec.type} | ${initial(spec)} | ${explain(spec)} |\n`,
  );
  return `| option | type | default | |\n|---|---|---|---|\n${rows.join('')}`;
}

function initial(spec: OptionSpec): string {
  const text = formatOption(spec, spec.default);
  return text === undefined ? '' : `\`${text}\``;
}

function explain({ help, choices }: OptionSpec): string {
  return choices === undefined ? help : `${help}: ${choices.join(', ')}`;
}
