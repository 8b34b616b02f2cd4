/**
 * The library: what `import … from 'sse-table'` gives.
 *
 * @see SPEC 4
 */
export { type App, type AppDeps, createApp } from './app.ts';
export type { Clock } from './base/clock.ts';
export { type ErrorCode, SseTableError } from './base/errors.ts';
export { createLog, type Log } from './base/log.ts';
export type { Random } from './base/random.ts';
export type { Options } from './options.ts';
export { loadPage } from './page.ts';
export type { Batch, Source, SourceContext, SourceReport, TableSpec } from './source/source.ts';
export type { Applied, TableListener } from './table/applied.ts';
export type { Table } from './table/table.ts';
export type { Tables } from './table/tables.ts';
export type { Add, Change, Delete, Json, Key, Row, Update } from './wire/change.ts';
export type * from './wire/event.ts';
