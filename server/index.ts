/**
 * The library: what `import … from 'sse-table'` gives.
 *
 * @see SPEC 4
 */
export { createApp } from './app.ts';
export type { App, AppDeps } from './app-contract.ts';
export type { Clock } from './base/clock.ts';
export { type ErrorCode, SseTableError } from './base/errors.ts';
export { createLog, type Log } from './base/log.ts';
export type { Random } from './base/random.ts';
export type { Asking, Identity, Verdict } from './http/authorize.ts';
export type { Caller, Permission } from './http/caller.ts';
export type { HttpRequest, HttpResponse } from './http/message.ts';
export type { AddRoute, RouteOptions } from './library/endpoints.ts';
export type { Client, Hooks } from './library/hooks.ts';
export type { Answer, JsonAsked, JsonHandler } from './library/json-route.ts';
export type { LiveChannel, LiveChannelOptions } from './library/live-channel.ts';
export type { LiveTable } from './library/live-table.ts';
export type { Handle } from './library/mount.ts';
export type { PathParams } from './library/pattern.ts';
export type { Item, SseAsked, SseGenerator, SseOptions } from './library/sse-route.ts';
export type { Options } from './options.ts';
export { loadPage } from './page.ts';
export type { Batch, Source, SourceContext, SourceReport, TableSpec } from './source/source.ts';
export type { Applied, TableListener } from './table/applied.ts';
export type { Table } from './table/table.ts';
export type { Tables } from './table/tables.ts';
export type { Add, Change, Delete, Json, Key, Row, Update } from './wire/change.ts';
export type * from './wire/event.ts';
export type { EventFields } from './wire/event-text.ts';
