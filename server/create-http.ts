/**
 * The HTTP server of the process that keeps the tables, with all its routes.
 *
 * @see SPEC 3; DESIGN 2 "app.ts introduces them"
 */
import type { Clock } from './base/clock.ts';
import type { Log } from './base/log.ts';
import type { Random } from './base/random.ts';
import { Access } from './http/access.ts';
import { Auth } from './http/auth.ts';
import type { Exchange } from './http/exchange.ts';
import { forwardedAddressOf } from './http/forward.ts';
import { HttpServer } from './http/http-server.ts';
import { MessageRate } from './http/messages/message-rate.ts';
import type { SourceState } from './http/metrics.ts';
import type { Monitor } from './http/monitor.ts';
import { demoRoutes, type SessionsPort } from './http/routes/demo.ts';
import { type GalleryPort, galleryRoutes } from './http/routes/gallery.ts';
import { logRoutes } from './http/routes/logs.ts';
import { messageRoutes } from './http/routes/messages.ts';
import { componentRoutes, operationRoutes, pageRoutes } from './http/routes/operations.ts';
import { rowRoutes } from './http/routes/rows.ts';
import { tableRoutes } from './http/routes/tables.ts';
import { uploadRoutes } from './http/routes/uploads.ts';
import type { Certificate } from './http/secure-server.ts';
import { StreamDoor } from './http/serve-stream.ts';
import { StaticFiles } from './http/static-files.ts';
import type { StreamLimits } from './http/stream-limits.ts';
import type { Uploads } from './http/uploads/uploads.ts';
import { Endpoints } from './library/endpoints.ts';
import { type Hooks, Visits } from './library/hooks.ts';
import type { Options } from './options.ts';
import { loadPage } from './page.ts';
import type { Channels } from './stream/channels.ts';
import { createEpoch } from './table/epoch.ts';
import type { Tables } from './table/tables.ts';
import type { Workers } from './workers.ts';

/** What the routes are about. */
export interface HttpParts {
  options: Options;
  deps: {
    clock: Clock;
    random: Random;
    log: Log;
    /** undefined: the component alone is served. */
    page: ReadonlyMap<string, Buffer> | undefined;
  };
  hooks: Hooks;
  tables: Tables;
  channels: Channels;
  limits: StreamLimits;
  monitor: Monitor;
  /** The demo's; undefined: there is none. */
  sessions: SessionsPort | undefined;
  /** The demo's, too. */
  gallery: GalleryPort | undefined;
  demoHeartbeatMs: number;
  messagesHeartbeatMs: number;
  /** Undefined: none are taken. */
  uploads: Uploads | undefined;
  /** The logs that are followed. */
  services: ReadonlySet<string>;
  /** The key column of a table made by a POST, unless an option names it. */
  defaultKey: string;
  listenHost: () => string;
  isDraining: () => boolean;
  sources: () => readonly SourceState[];
  certificate: Certificate | undefined;
  /** The processes that face the clients instead of this one. */
  workers: Workers | undefined;
}

/** Makes the server, which does not listen yet, and what a program adds to it. */
export function createHttp(parts: HttpParts): { server: HttpServer; endpoints: Endpoints } {
  const { options, tables, channels, limits, monitor, sessions, isDraining, workers } = parts;
  const { clock, random, log, page } = parts.deps;
  const { hooks } = parts;
  const access = new Access({
    listenHost: parts.listenHost,
    allowHosts: options.allowHost,
    corsOrigins: options.cors,
  });
  const isOverloaded = (): boolean => monitor.isOverloaded;
  const visits = new Visits(hooks, log);
  const onEntered = (exchange: Exchange): (() => void) | undefined => visits.begin(exchange);
  const door = new StreamDoor({ access, limits, random, isDraining, isOverloaded, onEntered });
  const common = {
    clock,
    tables,
    channels,
    door,
    maxBodyBytes: options.maxBody,
    stallTimeoutMs: options.stallTimeout,
  };
  const create = options.create ? { key: options.key ?? parts.defaultKey } : undefined;
  const { csvSafe, tokenInQuery, readOnly } = options;
  const demo =
    sessions === undefined
      ? []
      : demoRoutes({ ...common, sessions, heartbeatMs: parts.demoHeartbeatMs });
  const logs = logRoutes({
    ...common,
    services: parts.services,
    history: options.logLines,
    heartbeatMs: options.heartbeat,
  });
  const rate = new MessageRate(clock, options.messageRate);
  const messages = messageRoutes({
    ...common,
    rate,
    heartbeatMs: parts.messagesHeartbeatMs,
    readOnly,
    tokenInQuery,
    openStreams: () => limits.open,
  });
  const { queues } = messages;
  const { uploads } = parts;
  const metrics = {
    monitor,
    limits,
    tables,
    stats: () => channels.stats(),
    activeSessions: () => sessions?.active ?? 0,
    sources: parts.sources,
    server: () => server.stats,
    messages: () => ({
      waiting: queues.waiting,
      dropped: queues.dropped,
      limited: rate.limited,
    }),
    uploads: uploads && (() => uploads.figures),
    workers: workers && (() => workers.figures),
  };
  const server: HttpServer = new HttpServer({
    clock,
    log,
    access,
    auth: new Auth({ ...options, authorize: hooks.authorize }, clock, log),
    routes: [
      ...tableRoutes({ ...common, csvSafe, tokenInQuery }),
      ...rowRoutes({ ...common, readOnly, create }),
      ...demo,
      ...(parts.gallery === undefined ? [] : galleryRoutes(parts.gallery)),
      ...logs,
      ...messages.routes,
      ...(uploads === undefined ? [] : uploadRoutes({ ...common, uploads, readOnly })),
      ...operationRoutes({ isDraining, metrics }),
      ...(page === undefined ? componentRoutes(loadPage) : pageRoutes(new StaticFiles(page))),
    ],
    retryAfter: () => door.retryAfter(),
    isDraining,
    requestTimeoutMs: options.requestTimeout,
    maxConnections: options.maxConnections,
    // Workers write it, and speak TLS.
    accessLog: options.accessLog && workers === undefined,
    certificate: workers === undefined ? parts.certificate : undefined,
    addressOf: workers && forwardedAddressOf,
  });
  const endpoints = new Endpoints({
    clock,
    log,
    channels,
    door,
    heartbeatMs: options.heartbeat,
    maxBodyBytes: options.maxBody,
    epoch: () => createEpoch(clock, random),
    add: (route) => server.add(route),
  });
  return { server, endpoints };
}
