/**
 * Logs as event streams: the last lines, then each new one.
 *
 * @see SPEC 3.6
 */
import { SseTableError } from '../../base/errors.ts';
import type { Channels } from '../../stream/channels.ts';
import type { FeedFormat } from '../../stream/feed-encoder.ts';
import type { Tables } from '../../table/tables.ts';
import type { Row } from '../../wire/change.ts';
import type { LogEvent } from '../../wire/event.ts';
import { type Exchange, param } from '../exchange.ts';
import type { Route } from '../router.ts';
import type { StreamDoor } from '../serve-stream.ts';

export interface LogRoutesDeps {
  /** The logs there are; each has a table of its name. */
  services: ReadonlySet<string>;
  tables: Tables;
  channels: Channels;
  door: StreamDoor;
  /** Lines that a newcomer gets. */
  history: number;
  heartbeatMs: number;
}

export function logRoutes(deps: LogRoutesDeps): Route[] {
  const { services, tables, channels, door } = deps;

  async function streamLog(exchange: Exchange): Promise<void> {
    const service = param(exchange, 'table');
    if (!services.has(service)) throw unknownService(service, services);
    const table = await door.attempt(exchange, () => tables.require(service));
    if (table === undefined) return;
    const format = formatOf(service, deps);
    await door.serve(exchange, () => channels.feed(table, { view: undefined, format }));
  }

  // Its table and its permission are those of the service's name.
  return [
    { method: 'GET', pattern: '/api/logs/:table', permission: 'sse:read', handle: streamLog },
  ];
}

function formatOf(service: string, { history, heartbeatMs }: LogRoutesDeps): FeedFormat {
  return {
    name: `log:${service}`,
    history,
    heartbeatMs,
    connected: { message: `connected to the log ${service}`, service },
    eventOf: (row) => logEvent(service, row),
  };
}

function logEvent(service: string, { line, message, timestamp }: Row): LogEvent {
  return {
    type: 'log',
    service,
    message: String(message),
    line: Number(line),
    timestamp: String(timestamp),
  };
}

function unknownService(service: string, services: ReadonlySet<string>): SseTableError {
  const known =
    services.size === 0
      ? 'start the server with --log <name>=<file>'
      : `these are: ${[...services].join(', ')}`;
  const shown = JSON.stringify(service.slice(0, 64));
  return new SseTableError('unknown_service', `there is no log ${shown}; ${known}`);
}
