/**
 * The log: one line per entry, JSON for machines or coloured text for a terminal.
 *
 * @see SPEC 3.7
 */

/** Severities in rising order; `silent` is above them all. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LEVELS)[number];

/** Fields and query parameters that may hold a secret; matched as whole words, case ignored. */
const SECRET_NAME =
  /(^|[-_.])(authorization|cookie|token|secret|password|jwt)s?$|[a-z](Token|Secret|Password)$/i;

/** A token in a URL or a header that was logged as part of a text. */
const SECRET_IN_TEXT = /([?&](?:access_)?token=|\bbearer\s+)[^\s&"'#]+/gi;

const REDACTED = '[redacted]';

/** ANSI colour of each level's label. */
const COLOURS = { debug: 90, info: 36, warn: 33, error: 31 } as const;

/** A logger; entries below its level cost one comparison. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Text for people instead of JSON. */
  pretty: boolean;
  /** Receives each finished line, with its newline. */
  write: (line: string) => void;
  /** Milliseconds since the Unix epoch. */
  now: () => number;
}

/** Logs nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Makes a log. Tokens, cookies and secrets are replaced, whether they are fields or part of a text;
 * control characters are escaped, so that one entry is one line whatever a client sent.
 */
export function createLog({ level, pretty, write, now }: LogOptions): Log {
  const threshold = LEVELS.indexOf(level);
  const at = (severity: keyof typeof COLOURS): Log['info'] => {
    if (LEVELS.indexOf(severity) < threshold) return () => {};
    const format = pretty ? formatPretty : formatJson;
    return (message, fields) =>
      write(`${format(severity, new Date(now()), redact(message), fields)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** To the console's error output, in JSON. */
export function consoleLog(level: LogLevel): Log {
  const write = (line: string): void => console.error(line.trimEnd());
  return createLog({ level, pretty: false, write, now: Date.now });
}

/** The same log, with `fields` in each entry. */
export function withFields(log: Log, fields: Record<string, unknown>): Log {
  const at =
    (level: keyof Log): Log['info'] =>
    (message, own) =>
      log[level](message, { ...own, ...fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function formatJson(
  severity: string,
  time: Date,
  message: string,
  fields: Record<string, unknown> | undefined,
): string {
  const own = { time: time.toISOString(), level: severity, message };
  return JSON.stringify({ ...own, ...fields, ...own }, plain); // first in order, and last to win
}

function formatPretty(
  severity: keyof typeof COLOURS,
  time: Date,
  message: string,
  fields: Record<string, unknown> | undefined,
): string {
  const clock = time.toTimeString().slice(0, 8); // local time, hh:mm:ss
  const label = `\x1b[${COLOURS[severity]}m${severity.padEnd(5)}\x1b[0m`;
  const tail = Object.entries(fields ?? {}).map(([name, value]) => {
    const shown = JSON.stringify({ [name]: value }, plain).slice(1, -1);
    return ` \x1b[90m${escapeControls(shown.replace(/^"([^"]*)":/, '$1='))}\x1b[0m`;
  });
  return `\x1b[90m${clock}\x1b[0m ${label} ${escapeControls(message)}${tail.join('')}`;
}

/** `JSON.stringify` replacer: secrets out, errors and bigints in a form JSON has. */
function plain(name: string, value: unknown): unknown {
  if (value !== undefined && SECRET_NAME.test(name)) return REDACTED;
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) {
    const { name: kind, message, stack, cause } = value;
    return { name: kind, message, stack, ...(cause === undefined ? {} : { cause }) };
  }
  return value;
}

function redact(text: string): string {
  return text.replace(SECRET_IN_TEXT, `$1${REDACTED}`);
}

function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
