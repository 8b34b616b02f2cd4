/**
 * The one table of options: every public name, type, default and sentence of help.
 * Flag, environment variable, key of the config file and `--help` all come from here.
 *
 * @see SPEC 2, 7, 10
 */

import { MESSAGES, UPLOADS } from './feed-options.ts';
import {
  type Camel,
  camelCase,
  KIB,
  MIB,
  type OptionSpec,
  SECOND,
  type Specs,
  type ValueOf,
} from './option-spec.ts';
import { ACCESS, LIMITS } from './protection-options.ts';

const SOURCE = {
  key: {
    type: 'string',
    default: undefined,
    value: '<column>',
    help: 'key column; default the primary key, else "id", else the line number',
  },
  table: {
    type: 'list',
    default: [],
    value: '<name,…>',
    help: 'tables of a database to serve; or the name of the table read from a file',
  },
  follow: { type: 'boolean', default: false, help: 'follow files, even rotated or truncated ones' },
  strict: {
    type: 'boolean',
    default: false,
    help: 'stop at the first malformed line instead of skipping it',
  },
  log: {
    type: 'list',
    default: [],
    value: '<name>=<file>',
    help: 'a log to follow, as /api/logs/<name> and as a table; once for each',
  },
  'log-lines': {
    type: 'number',
    default: 1_000,
    min: 1,
    max: 100_000,
    help: 'lines of each log that are kept, and that a newcomer gets',
  },
  'exit-on-end': { type: 'boolean', default: false, help: 'stop when all sources have ended' },
  create: { type: 'boolean', default: false, help: 'a POST to an unknown table creates it' },
  'max-rows': {
    type: 'number',
    default: 1_000_000,
    min: 1,
    help: 'rows in one table; past it the oldest line leaves, and keyed writes are refused with 507',
  },
} as const satisfies Specs;

const SERVER = {
  host: { type: 'string', default: '127.0.0.1', value: '<address>', help: 'address to listen on' },
  port: {
    type: 'number',
    default: 8088,
    min: 0,
    max: 65_535,
    help: 'port to listen on; 0 picks a free one',
  },
  cert: {
    type: 'string',
    default: undefined,
    value: '<file>',
    help: 'certificate in PEM, read again on SIGHUP: serve HTTPS, with HTTP/2 and HTTP/1.1',
  },
  'cert-key': {
    type: 'string',
    default: undefined,
    value: '<file>',
    help: "the certificate's private key in PEM",
  },
  workers: {
    type: 'number',
    default: 1,
    min: 1,
    max: 256,
    help: 'processes that serve clients, one for each core to be used',
  },
  open: { type: 'boolean', default: false, help: 'open the page in the browser' },
  config: {
    type: 'string',
    default: undefined,
    value: '<file>',
    help: 'JSON file with any of these options',
  },
} as const satisfies Specs;

const STREAM = {
  heartbeat: {
    type: 'duration',
    default: 15 * SECOND,
    min: 100,
    help: 'time between heartbeats (demo sessions: 10s unless set)',
  },
  flush: {
    type: 'duration',
    default: 16,
    min: 0,
    max: 10 * SECOND,
    help: 'while busy, changes are gathered for this long; when idle they leave at once',
  },
  retry: {
    type: 'duration',
    default: 2 * SECOND,
    min: 10,
    help: 'reconnection time told to clients, jittered for each',
  },
  'max-lifetime': {
    type: 'duration',
    default: 0,
    min: 0,
    help: 'a stream ends after about this long and the client comes back; 0 never',
  },
  'stall-timeout': {
    type: 'duration',
    default: 30 * SECOND,
    min: 100,
    help: 'a client whose socket accepts nothing for this long is dropped',
  },
  'ring-frames': {
    type: 'number',
    default: 1_024,
    min: 1,
    max: 1_048_576,
    help: 'recent frames kept for resuming, by count',
  },
  'ring-bytes': {
    type: 'size',
    default: 8 * MIB,
    min: 4 * KIB,
    help: 'recent frames kept for resuming, by size',
  },
} as const satisfies Specs;

const DEMO = {
  demo: { type: 'boolean', default: false, help: 'serve the demo table beside other sources' },
  seed: {
    type: 'number',
    default: 1,
    min: 0,
    max: 4_294_967_295,
    help: "seed of the demo's first rows",
  },
} as const satisfies Specs;

const OPERATION = {
  grace: {
    type: 'duration',
    default: 10 * SECOND,
    min: 0,
    help: 'time for connections to close at shutdown',
  },
  'log-level': {
    type: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    help: 'what to log',
  },
  'warn-connections': {
    type: 'number',
    default: 80,
    min: 1,
    max: 100,
    value: '<percent>',
    help: 'log a warning above this share of --max-connections',
  },
  'warn-memory': {
    type: 'number',
    default: 85,
    min: 1,
    max: 100,
    value: '<percent>',
    help: 'log a warning above this share of the memory',
  },
  'warn-cpu': {
    type: 'number',
    default: 80,
    min: 1,
    value: '<percent>',
    help: 'log a warning above this share of one core',
  },
  'warn-messages': {
    type: 'number',
    default: 2_000,
    min: 1,
    help: 'log a warning above so many changes a second',
  },
  'access-log': { type: 'boolean', default: false, help: 'log each request' },
} as const satisfies Specs;

/** The options under the headings they have in `--help`. */
export const OPTION_GROUPS = {
  Source: SOURCE,
  Server: SERVER,
  Stream: STREAM,
  Limits: LIMITS,
  Access: ACCESS,
  Messages: MESSAGES,
  Uploads: UPLOADS,
  Demo: DEMO,
  Operation: OPERATION,
} as const;

/** All options by flag name. */
export const OPTIONS = {
  ...SOURCE,
  ...SERVER,
  ...STREAM,
  ...LIMITS,
  ...ACCESS,
  ...MESSAGES,
  ...UPLOADS,
  ...DEMO,
  ...OPERATION,
};

/** Options as the program uses them: `maxPerSession`, durations in ms, sizes in bytes. */
export type Options = {
  [Name in keyof typeof OPTIONS as Camel<Name & string>]: ValueOf<(typeof OPTIONS)[Name]>;
};

/** What each option is when nobody sets it. */
export const DEFAULTS = Object.fromEntries(
  Object.entries<OptionSpec>(OPTIONS).map(([flag, spec]) => [camelCase(flag), spec.default]),
) as Options; // the mapped type above says the same of the same table

/** A library's caller may pass `{port: undefined}`; that is no port. */
export function withoutUndefined(options: Partial<Options>): Partial<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
