/**
 * The options of the sub-commands, as `options.ts` has those of the server.
 *
 * @see SPEC 2, 6
 */
import { type Camel, SECOND, type Specs, type ValueOf } from './option-spec.ts';
import { OPTIONS } from './options.ts';

const { key, table, config } = OPTIONS;

/** Of `install` and `uninstall`. */
export const OUTBOX_OPTIONS = {
  table,
  key,
  'dry-run': { type: 'boolean', default: false, help: 'print the SQL and change nothing' },
  config,
} as const satisfies Specs;

const REQUEST = {
  header: {
    type: 'texts',
    default: [],
    value: "'<name>: <value>'",
    help: 'a header to send along; may be repeated',
  },
  insecure: { type: 'boolean', default: false, help: 'take any certificate' },
} as const satisfies Specs;

export const TAIL_OPTIONS = {
  json: { type: 'boolean', default: false, help: "print each event's data as one line of JSON" },
  max: { type: 'number', default: 0, min: 0, help: 'stop after so many events; 0 never' },
  'last-event-id': {
    type: 'string',
    default: undefined,
    value: '<id>',
    help: 'go on after this event',
  },
  heartbeats: { type: 'boolean', default: false, help: 'print heartbeats, too' },
  ...REQUEST,
} as const satisfies Specs;

export const LOAD_OPTIONS = {
  connections: {
    type: 'number',
    default: 100,
    min: 1,
    max: 60_000, // about the ports of one address
    help: 'streams to hold open',
  },
  for: {
    type: 'duration',
    default: 10 * SECOND,
    min: 100,
    help: 'how long to measure, once all are open',
  },
  ramp: {
    type: 'duration',
    default: 2 * SECOND,
    min: 0,
    help: 'how long to take to open them; 0 all at once',
  },
  timestamp: {
    type: 'string',
    default: undefined,
    value: '<path>',
    help: 'where in the JSON an event says when it was made, as in data.created_at',
  },
  json: { type: 'boolean', default: false, help: 'print the report as JSON' },
  ...REQUEST,
} as const satisfies Specs;

export const CHECK_OPTIONS = {
  for: {
    type: 'duration',
    default: 20 * SECOND,
    min: SECOND,
    max: 600 * SECOND,
    help: 'how long to watch the stream',
  },
  origin: {
    type: 'string',
    default: 'https://app.example',
    value: '<origin>',
    help: 'origin of a page that might read it',
  },
  json: { type: 'boolean', default: false, help: 'print the findings as JSON' },
  ...REQUEST,
} as const satisfies Specs;

/** What a table of options holds once read. */
export type Read<S extends Specs> = {
  [Name in keyof S as Camel<Name & string>]: ValueOf<S[Name]>;
};

export type OutboxOptions = Read<typeof OUTBOX_OPTIONS>;
export type TailOptions = Read<typeof TAIL_OPTIONS>;
export type CheckOptions = Read<typeof CHECK_OPTIONS>;
export type LoadOptions = Read<typeof LOAD_OPTIONS>;
