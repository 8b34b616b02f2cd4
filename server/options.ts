/**
 * The one table of options: every public name, type, default and sentence of help.
 * Flag, environment variable, key of the config file and `--help` all come from here.
 *
 * @see SPEC 2, 7, 10
 */

/** How the text of an option is read. Durations are in ms, sizes in bytes once read. */
export type OptionType = 'string' | 'list' | 'number' | 'boolean' | 'duration' | 'size' | 'choice';

interface OptionSpec {
  type: OptionType;
  default: string | number | boolean | readonly string[] | undefined;
  /** What the value stands for in `--help`: `<host>`. */
  value?: string;
  choices?: readonly string[];
  min?: number;
  max?: number;
  help: string;
  /** Heading in `--help`. */
  group: 'Source' | 'Server' | 'Stream' | 'Limits' | 'Access' | 'Demo' | 'Operation';
}

const SECOND = 1_000; // ms
const KIB = 1_024; // bytes
const MIB = 1_024 * KIB;

/** All options by flag name. */
export const OPTIONS = {
  key: {
    group: 'Source',
    type: 'string',
    default: undefined,
    value: '<column>',
    help: 'key column (default: the primary key, else "id", else the line number)',
  },
  table: {
    group: 'Source',
    type: 'list',
    default: [],
    value: '<name,…>',
    help: 'name of the table read from a file or standard input',
  },
  follow: {
    group: 'Source',
    type: 'boolean',
    default: false,
    help: 'keep following a file, through rotation and truncation',
  },
  strict: {
    group: 'Source',
    type: 'boolean',
    default: false,
    help: 'stop at the first malformed line instead of skipping it',
  },
  'exit-on-end': {
    group: 'Source',
    type: 'boolean',
    default: false,
    help: 'stop the server when all sources have ended',
  },
  create: {
    group: 'Source',
    type: 'boolean',
    default: false,
    help: 'a POST to an unknown table creates it',
  },
  'max-rows': {
    group: 'Source',
    type: 'number',
    default: 1_000_000,
    min: 1,
    value: '<n>',
    help: 'rows in one table; past it the oldest line leaves, and keyed writes are refused with 507',
  },

  host: {
    group: 'Server',
    type: 'string',
    default: '127.0.0.1',
    value: '<address>',
    help: 'address to listen on',
  },
  port: {
    group: 'Server',
    type: 'number',
    default: 8088,
    min: 0,
    max: 65_535,
    value: '<n>',
    help: 'port to listen on; 0 picks a free one',
  },
  open: { group: 'Server', type: 'boolean', default: false, help: 'open the page in the browser' },
  config: {
    group: 'Server',
    type: 'string',
    default: undefined,
    value: '<file>',
    help: 'JSON file with any of these options',
  },

  heartbeat: {
    group: 'Stream',
    type: 'duration',
    default: 15 * SECOND,
    min: 100,
    value: '<time>',
    help: 'time between heartbeats (demo sessions: 10s unless set)',
  },
  flush: {
    group: 'Stream',
    type: 'duration',
    default: 16,
    min: 0,
    max: 10 * SECOND,
    value: '<time>',
    help: 'while busy, changes are gathered for this long; when idle they leave at once',
  },
  retry: {
    group: 'Stream',
    type: 'duration',
    default: 2 * SECOND,
    min: 10,
    value: '<time>',
    help: 'reconnection time told to clients, jittered for each',
  },
  'max-lifetime': {
    group: 'Stream',
    type: 'duration',
    default: 0,
    min: 0,
    value: '<time>',
    help: 'a stream ends after about this long and the client comes back; 0 never',
  },
  'stall-timeout': {
    group: 'Stream',
    type: 'duration',
    default: 30 * SECOND,
    min: 100,
    value: '<time>',
    help: 'a client whose socket accepts nothing for this long is dropped',
  },
  'ring-frames': {
    group: 'Stream',
    type: 'number',
    default: 1_024,
    min: 1,
    max: 1_048_576,
    value: '<n>',
    help: 'recent frames kept for resuming, by count',
  },
  'ring-bytes': {
    group: 'Stream',
    type: 'size',
    default: 8 * MIB,
    min: 4 * KIB,
    value: '<size>',
    help: 'recent frames kept for resuming, by size',
  },

  'max-connections': {
    group: 'Limits',
    type: 'number',
    default: 5_000,
    min: 1,
    value: '<n>',
    help: 'open streams; more are refused with 503',
  },
  'max-per-session': {
    group: 'Limits',
    type: 'number',
    default: 5,
    min: 1,
    value: '<n>',
    help: 'open streams of one demo session; more are refused with 429',
  },
  'max-per-address': {
    group: 'Limits',
    type: 'number',
    default: 100,
    min: 1,
    value: '<n>',
    help: 'open streams from one address; more are refused with 429',
  },
  'max-tables': {
    group: 'Limits',
    type: 'number',
    default: 256,
    min: 1,
    value: '<n>',
    help: 'tables; more are refused with 429',
  },
  'max-sessions': {
    group: 'Limits',
    type: 'number',
    default: 256,
    min: 1,
    value: '<n>',
    help: 'running demo sessions; more are refused with 429',
  },
  'max-body': {
    group: 'Limits',
    type: 'size',
    default: MIB,
    min: KIB,
    value: '<size>',
    help: 'a JSON body, and one line of NDJSON or CSV; longer is refused with 413',
  },
  'request-timeout': {
    group: 'Limits',
    type: 'duration',
    default: 15 * SECOND,
    min: 100,
    value: '<time>',
    help: "time for a request's headers to arrive",
  },

  cors: {
    group: 'Access',
    type: 'list',
    default: [],
    value: '<origin,…>',
    help: 'origins whose pages may use the server; * for any',
  },
  'allow-host': {
    group: 'Access',
    type: 'list',
    default: [],
    value: '<name,…>',
    help: 'host names the server answers to, besides loopback ones',
  },
  'read-only': {
    group: 'Access',
    type: 'boolean',
    default: false,
    help: 'refuse all writes with 403',
  },
  'jwt-secret': {
    group: 'Access',
    type: 'string',
    default: undefined,
    value: '<secret>',
    help: 'require tokens signed with this secret (HS256)',
  },
  'jwks-url': {
    group: 'Access',
    type: 'string',
    default: undefined,
    value: '<url>',
    help: 'require tokens signed by a key of this set (RS256, ES256)',
  },
  'token-in-query': {
    group: 'Access',
    type: 'boolean',
    default: false,
    help: 'also accept a token as ?token=',
  },
  'csv-safe': {
    group: 'Access',
    type: 'boolean',
    default: false,
    help: 'in CSV exports, defuse cells that spreadsheets would run',
  },

  demo: {
    group: 'Demo',
    type: 'boolean',
    default: false,
    help: 'serve the demo table beside other sources',
  },
  seed: {
    group: 'Demo',
    type: 'number',
    default: 1,
    min: 0,
    max: 4_294_967_295,
    value: '<n>',
    help: "seed of the demo's first rows",
  },

  grace: {
    group: 'Operation',
    type: 'duration',
    default: 10 * SECOND,
    min: 0,
    value: '<time>',
    help: 'time for connections to close at shutdown',
  },
  'log-level': {
    group: 'Operation',
    type: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    value: '<level>',
    help: 'what to log',
  },
  'access-log': { group: 'Operation', type: 'boolean', default: false, help: 'log each request' },
} as const satisfies Record<string, OptionSpec>;

type Camel<S extends string> = S extends `${infer A}-${infer B}`
  ? `${A}${Capitalize<Camel<B>>}`
  : S;

type ValueOf<S extends OptionSpec> = S['type'] extends 'list'
  ? readonly string[]
  : S['type'] extends 'string'
    ? string | undefined
    : S['type'] extends 'number' | 'duration' | 'size'
      ? number
      : S['type'] extends 'boolean'
        ? boolean
        : S extends { choices: readonly (infer C)[] }
          ? C
          : never;

/** Options as the program uses them: `maxPerSession`, durations in ms, sizes in bytes. */
export type Options = {
  [Name in keyof typeof OPTIONS as Camel<Name & string>]: ValueOf<(typeof OPTIONS)[Name]>;
};
