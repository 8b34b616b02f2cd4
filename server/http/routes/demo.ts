/**
 * The demo: sessions of the generator over table `users`.
 *
 * @see SPEC 3.3, 10 "Demo"
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import type { Channel } from '../../stream/channel.ts';
import type { Channels } from '../../stream/channels.ts';
import type { Table } from '../../table/table.ts';
import { GONE_ID } from '../../wire/event-id.ts';
import { readJson } from '../body.ts';
import { type Exchange, param } from '../exchange.ts';
import { endStream } from '../open-stream.ts';
import { sendEmpty, sendSuccess } from '../respond.ts';
import type { Route } from '../router.ts';
import { jsonFormat } from '../rows-format.ts';
import { RowLists, sendRows } from '../send-rows.ts';
import { lastEventIdOf, type StreamDoor } from '../serve-stream.ts';

const SESSION_ID = /^[A-Za-z0-9]{16}$/;

/** A session as far as HTTP sees it. */
export interface SessionView {
  readonly id: string;
  readonly state: 'running' | 'stopped' | 'expired';
  /** Operations so far. */
  readonly generationCount: number;
}

/** The demo's sessions, whoever keeps them. */
export interface SessionsPort {
  readonly table: Table;
  /** Running ones. */
  readonly active: number;
  /**
   * Starts one.
   * @param request the body as it was sent; undefined for none.
   * @throws {SseTableError} `bad_option` naming the member; `too_many`.
   */
  start(request: unknown): SessionView;
  /** Running, or remembered as ended. */
  get(id: string): SessionView | undefined;
  /** Harmless when it has ended already. */
  stop(id: string): void;
  /** Tells of each end, once. */
  onEnd(listener: (session: SessionView) => void): void;
}

export interface DemoRoutesDeps {
  clock: Clock;
  sessions: SessionsPort;
  channels: Channels;
  door: StreamDoor;
  heartbeatMs: number;
  maxBodyBytes: number;
  stallTimeoutMs: number;
}

export function demoRoutes(deps: DemoRoutesDeps): Route[] {
  const { clock, sessions, channels, door } = deps;
  const lists = new RowLists();
  /** Made when a session's first client comes, kept until the session ends. */
  const channelOf = new Map<string, Channel>();

  sessions.onEnd(({ id, state }) => {
    const channel = channelOf.get(id);
    if (channel === undefined) return;
    channelOf.delete(id);
    if (state === 'expired')
      channel.end('expired', 'the session has reached its end; start another');
    else channel.end('stopped', 'the session was stopped');
    channels.release(channel);
  });

  async function getData(exchange: Exchange): Promise<void> {
    const rows = lists.at(sessions.table);
    const format = jsonFormat({ timestamp: new Date(clock.now()).toISOString() });
    await sendRows(exchange, rows, format, { 'Cache-Control': 'no-cache' }, deps);
  }

  async function start(exchange: Exchange): Promise<void> {
    const { id } = sessions.start(await readJson(exchange, deps));
    const message = `session ${id} has started; its stream is /api/stream/${id}`;
    sendSuccess(exchange, { session_id: id, message });
  }

  function stop(exchange: Exchange): void {
    const id = param(exchange, 'session');
    const session = sessions.get(id);
    if (session === undefined) {
      throw new SseTableError('unknown_session', `there is no session ${show(id)}`);
    }
    const hadEnded = session.state !== 'running';
    sessions.stop(id);
    const message = `session ${id} ${hadEnded ? 'had ended already' : 'was stopped'}`;
    sendSuccess(exchange, { session_id: id, message });
  }

  async function streamSession(exchange: Exchange): Promise<void> {
    const id = param(exchange, 'session');
    const session = sessions.get(id);
    if (session === undefined) {
      refuseSession(exchange, id);
    } else if (session.state !== 'running') {
      door.check(exchange.request);
      sendEmpty(exchange, 204);
    } else {
      await door.serve(exchange, () => channelFor(session), id);
    }
  }

  function refuseSession(exchange: Exchange, id: string): void {
    const { request, query } = exchange;
    door.check(request);
    if (lastEventIdOf(request, query) === GONE_ID) {
      sendEmpty(exchange, 204);
      return;
    }
    const reason = SESSION_ID.test(id)
      ? `there is no session ${id}; POST /api/start starts one`
      : `${show(id)} is no session id: 16 letters and digits`;
    const event = { type: 'error', code: 'invalid_session', message: reason } as const;
    endStream(exchange, [event], { id: GONE_ID });
  }

  function channelFor(session: SessionView): Channel {
    let channel = channelOf.get(session.id);
    if (channel === undefined) {
      channel = channels.create(sessions.table, {
        sessionId: session.id,
        generationCount: () => session.generationCount,
        heartbeatMs: deps.heartbeatMs,
      });
      channelOf.set(session.id, channel);
    }
    return channel;
  }

  const table = sessions.table.name;
  return [
    { method: 'GET', pattern: '/api/data', permission: 'sse:read', table, handle: getData },
    { method: 'POST', pattern: '/api/start', permission: 'sse:write', table, handle: start },
    { method: 'POST', pattern: '/api/protected/start', permission: 'token', table, handle: start },
    { method: 'POST', pattern: '/api/stop/:session', permission: 'sse:write', table, handle: stop },
    {
      method: 'GET',
      pattern: '/api/stream/:session',
      permission: 'sse:read',
      table,
      handle: streamSession,
    },
  ];
}

function show(id: string): string {
  return JSON.stringify(id.slice(0, 64));
}
