/**
 * The sub-commands: what each is called, takes and says of itself.
 *
 * @see SPEC 2
 */
import type { Specs } from './option-spec.ts';
import { CHECK_OPTIONS, LOAD_OPTIONS, OUTBOX_OPTIONS, TAIL_OPTIONS } from './tool-options.ts';

export interface Command {
  /** What follows its name: `URL`. */
  takes: string;
  summary: string;
  /** What more there is to know, in lines of 80 columns. */
  about: string;
  /** Each with what it does. */
  examples: readonly (readonly [line: string, what: string])[];
  exitCodes: readonly (readonly [code: number, what: string])[];
  specs: Specs;
}

const WRONG_USAGE = [2, 'a wrong option or value'] as const;

/** By name. A file of such a name is served as `./install`. */
export const COMMANDS = {
  install: {
    takes: '<database> …',
    summary: 'Adds an outbox to tables of a SQLite file or a PostgreSQL database',
    about: `\
An outbox is a small table and triggers that write down the keys of what changes.
Clients then resume across a restart of the server, and tables of any size do.
`,
    examples: [
      ['install shop.db --table orders', 'one table'],
      ['install postgres://localhost/shop --dry-run', 'only print the SQL'],
    ],
    exitCodes: [[0, 'done, or nothing to do'], WRONG_USAGE],
    specs: OUTBOX_OPTIONS,
  },
  uninstall: {
    takes: '<database> …',
    summary: 'Takes away what install has added, and nothing else',
    about: '',
    examples: [['uninstall shop.db', 'all tables']],
    exitCodes: [[0, 'done, or nothing to do'], WRONG_USAGE],
    specs: OUTBOX_OPTIONS,
  },
  tail: {
    takes: '<URL>',
    summary: 'Prints the events of any SSE stream, one a line',
    about: `\
Events of sse-table are shown as the time, what happened, the key and the columns
that changed; those of others as they are. When the connection is lost, tail
reconnects and goes on after the last event it has printed.
`,
    examples: [
      ['tail http://127.0.0.1:8088/api/tables/users/stream', 'watch a table'],
      ['tail --json URL | jq .data', 'feed another program'],
    ],
    exitCodes: [
      [0, 'the stream has ended, or printing was stopped'],
      [1, 'refused, in a way that another try does not mend'],
      WRONG_USAGE,
    ],
    specs: TAIL_OPTIONS,
  },
  load: {
    takes: '<URL>',
    summary: 'Opens many connections to any SSE stream and measures what arrives',
    about: `\
The report has connections and failures by kind, events and bytes a second, and
the latency where events bear a time stamp: a member timestamp, time, ts, created_at,
createdAt, date or at of the JSON or of its data, as ISO 8601 or as Unix time in s,
ms, µs or ns; or the one that --timestamp names. Both clocks have to agree.
`,
    examples: [
      ['load URL', '100 connections for 10 s'],
      ['load URL --connections 1000 --for 30s --json', 'for a program to read'],
    ],
    exitCodes: [
      [0, 'every connection was opened and stayed'],
      [1, 'some failed or ended'],
      WRONG_USAGE,
    ],
    specs: LOAD_OPTIONS,
  },
  check: {
    takes: '<URL>',
    summary: 'Checks any SSE stream against the standard and for what breaks in the field',
    about: `\
Each finding has a severity, what was seen, and what mends it: status and headers,
buffering, framing, ids, retry, heartbeats, resuming, CORS, compression, HEAD,
OPTIONS, HTTP/1.0 and HTTP/2. At most two connections are open at a time. Resuming
is compared only where events with ids arrive during the check.
`,
    examples: [
      ['check http://127.0.0.1:8088/api/tables/users/stream', 'for 20 s'],
      ["check URL --for 60s --header 'Authorization: Bearer …'", 'a quiet stream'],
    ],
    exitCodes: [
      [0, 'nothing worse than a note'],
      [1, 'at least one error'],
      WRONG_USAGE,
      [3, 'no error, but at least one warning'],
    ],
    specs: CHECK_OPTIONS,
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS).filter(isCommandName);
