/**
 * Messages: their stream, how they are posted, notes to one user or to everyone, and who listens.
 *
 * @see SPEC 3.4
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Channel } from '../../stream/channel.ts';
import type { Channels } from '../../stream/channels.ts';
import type { Table } from '../../table/table.ts';
import type { Tables } from '../../table/tables.ts';
import type { Row } from '../../wire/change.ts';
import { parseEventId } from '../../wire/event-id.ts';
import { readJson } from '../body.ts';
import { type Exchange, param } from '../exchange.ts';
import type { MessageRate } from '../messages/message-rate.ts';
import {
  type Draft,
  EVERYONE,
  MESSAGES,
  type MessageFilter,
  messageOf,
  rowOf,
  viewOf,
} from '../messages/message-table.ts';
import { checkName, readDraft, readNote } from '../messages/read-draft.ts';
import { noteEventOf, USER_MESSAGES, UserQueues } from '../messages/user-queues.ts';
import { sendCreated, sendJson, sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import type { StreamDoor } from '../serve-stream.ts';

/** Between heartbeats, unless the server's are set. */
export const MESSAGES_HEARTBEAT_MS = 30_000;

/** Of `?history=`. */
const MAX_HISTORY = 1_000;

/** Notes that a user who comes without a place gets: all that wait. */
const NOTES_HISTORY = 1_000;

/** Starts the names of the channels that statistics show. */
const CHANNEL_PREFIX = `${MESSAGES.name}:`;

const PRIVATE_PREFIX = 'sse:private:';

export interface MessageRoutesDeps {
  clock: Clock;
  tables: Tables;
  channels: Channels;
  door: StreamDoor;
  rate: MessageRate;
  heartbeatMs: number;
  readOnly: boolean;
  maxBodyBytes: number;
  /** Open streams, of all kinds. */
  openStreams: () => number;
  /** Whether `?token=` is a parameter that is understood. */
  tokenInQuery: boolean;
}

export function messageRoutes(deps: MessageRoutesDeps): { routes: Route[]; queues: UserQueues } {
  const { clock, tables, channels, door, rate, heartbeatMs, readOnly } = deps;
  const queues = new UserQueues(tables, (user) => channels.feedSizes().has(PRIVATE_PREFIX + user));
  const now = (): string => new Date(clock.now()).toISOString();

  async function streamMessages(exchange: Exchange): Promise<void> {
    const filter = filterOf(exchange.query, deps.tokenInQuery);
    const history = historyOf(exchange.query);
    const table = await door.attempt(exchange, () => tables.obtain(MESSAGES));
    if (table !== undefined) await door.serve(exchange, () => channelOf(table, filter, history));
  }

  function channelOf(table: Table, filter: MessageFilter, history: number): Channel {
    const { sessionId = null, robotId = null } = filter;
    return channels.feed(table, {
      view: viewOf(filter, table),
      format: {
        name: channelName(filter),
        history,
        heartbeatMs,
        connected: { message: 'connected to the messages', sessionId, robotId },
        eventOf: (row) => ({ type: 'message', data: messageOf(row), timestamp: now() }),
      },
    });
  }

  async function postMessage(exchange: Exchange): Promise<void> {
    checkWritable();
    rate.take(senderOf(exchange));
    const draft = readDraft(await readJson(exchange, deps));
    sendCreated(exchange, { data: messageOf(await insert(draft)) });
  }

  async function insert(draft: Draft): Promise<Row> {
    const table = await tables.obtain(MESSAGES);
    return tables.insert(MESSAGES, rowOf(draft, now(), table));
  }

  async function broadcast(exchange: Exchange): Promise<void> {
    checkWritable();
    rate.take(senderOf(exchange));
    const note = readNote(await readJson(exchange, deps));
    const row = await insert({
      sessionId: EVERYONE,
      robotId: EVERYONE,
      content: note.content,
      isFromBot: true,
      isHuman: false,
      intent: null,
    });
    await queues.add(EVERYONE, note, now());
    sendCreated(exchange, { data: messageOf(row) });
  }

  async function postNote(exchange: Exchange): Promise<void> {
    checkWritable();
    const user = checkName(param(exchange, 'user'), 'the user');
    rate.take(senderOf(exchange));
    const note = readNote(await readJson(exchange, deps));
    const { row, waiting } = await queues.add(user, note, now());
    sendCreated(exchange, { data: noteEventOf(row, now()).data, waiting });
  }

  async function streamNotes(exchange: Exchange): Promise<void> {
    const user = checkUser(exchange);
    const table = await door.attempt(exchange, () => queues.table());
    if (table === undefined) return;
    const format = {
      name: PRIVATE_PREFIX + user,
      history: NOTES_HISTORY,
      takesAway: true,
      heartbeatMs,
      connected: { message: `connected to the messages of ${user}` },
      eventOf: (row: Row) => noteEventOf(row, now()),
    };
    const view = queues.viewOf(user, table);
    await door.serve(exchange, () => channels.feed(table, { view, format }));
  }

  async function clearNotes(exchange: Exchange): Promise<void> {
    checkWritable();
    const user = checkUser(exchange);
    const table = await queues.table();
    const through = exchange.query.get('lastEventId');
    const id = through === null ? undefined : parseEventId(through);
    // A seq of another history would take away what has not been read.
    const isKnown = id?.epoch === queues.viewOf(user, table).epochOf(table.epoch);
    if (through !== null && !isKnown) {
      const message = 'lastEventId is no event id of this stream; send that of the last event read';
      throw new SseTableError('bad_request', message);
    }
    const seq = id?.seq ?? Number.POSITIVE_INFINITY;
    sendSuccess(exchange, { count: await queues.clear(user, seq) });
  }

  function getStats(exchange: Exchange): void {
    const named = [...channels.feedSizes()].filter(([name]) => name.startsWith(CHANNEL_PREFIX));
    const data = { totalConnections: deps.openStreams(), channels: Object.fromEntries(named) };
    sendJson(exchange, { success: true, data });
  }

  function checkWritable(): void {
    if (readOnly) throw new SseTableError('read_only', 'this server is read-only (--read-only)');
  }

  const table = MESSAGES.name;
  const notes = '/api/users/:user/messages';
  return {
    queues,
    routes: [
      {
        method: 'GET',
        pattern: '/api/sse/messages',
        permission: 'sse:read',
        table,
        handle: streamMessages,
      },
      { method: 'GET', pattern: '/api/sse/stats', permission: 'sse:read', table, handle: getStats },
      {
        method: 'POST',
        pattern: '/api/messages',
        permission: 'sse:write',
        table,
        handle: postMessage,
      },
      {
        method: 'POST',
        pattern: '/api/broadcast',
        permission: 'sse:write',
        table: 'broadcast',
        handle: broadcast,
      },
      {
        method: 'POST',
        pattern: notes,
        permission: 'sse:write',
        table: 'private',
        handle: postNote,
      },
      { method: 'GET', pattern: notes, permission: 'any', handle: streamNotes },
      { method: 'DELETE', pattern: notes, permission: 'any', handle: clearNotes },
    ],
  };
}

/** Whose messages: one's own, or anybody's with the permission for that table. */
function checkUser(exchange: Exchange): string {
  const user = checkName(param(exchange, 'user'), 'the user');
  const { caller } = exchange;
  if (caller.user !== user) caller.require('sse:read', USER_MESSAGES.name);
  return user;
}

function senderOf({ caller, address }: Exchange): string {
  return caller.user ?? address;
}

function channelName({ sessionId, robotId }: MessageFilter): string {
  if (sessionId !== undefined) return CHANNEL_PREFIX + sessionId;
  return CHANNEL_PREFIX + (robotId === undefined ? 'global' : `robot:${robotId}`);
}

function filterOf(query: URLSearchParams, tokenInQuery: boolean): MessageFilter {
  const known = ['sessionId', 'robotId', 'history', 'lastEventId'];
  if (tokenInQuery) known.push('token');
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    throw new SseTableError(
      'bad_request',
      `the query parameter ${JSON.stringify(name.slice(0, 100))} is not known here; these are: ${known.join(', ')}`,
    );
  }
  // An empty one is how a form says none.
  const read = (name: string): string | undefined => {
    const value = query.get(name);
    return value === null || value === '' ? undefined : checkName(value, name);
  };
  return { sessionId: read('sessionId'), robotId: read('robotId') };
}

function historyOf(query: URLSearchParams): number {
  const text = query.get('history') ?? '0';
  if (/^\d{1,4}$/.test(text) && Number(text) <= MAX_HISTORY) return Number(text);
  const shown = JSON.stringify(text.slice(0, 40));
  throw new SseTableError(
    'bad_request',
    `history is ${shown}; give how many earlier messages to send first, 0 to ${MAX_HISTORY}`,
  );
}
