/**
 * What `<sse-table>` shows around its rows: toolbar, banner, progress, header, empty and loading panels.
 * Templates only; the rows themselves are the pool's.
 *
 * @see FRONTEND 2, 4
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { Feed, FeedState } from '../feed/feed.ts';
import type { Rows } from '../feed/rows.ts';
import type { ColumnLayout } from '../grid/column-layout.ts';
import { fill } from '../wording/text.ts';
import type { Wording } from '../wording/wording.ts';
import type { Freshness } from './freshness.ts';
import { type HeaderTable, header, textOf } from './table-header.ts';

/** The table, as its shell sees it. */
export interface ShellTable extends HeaderTable {
  readonly rows: Rows;
  readonly feed: Feed | undefined;
  readonly state: FeedState;
  readonly waiting: number;
  label: string | undefined;
  paused: boolean;
  searchable: boolean;
  editable: boolean;
  search: string | null | undefined;
  retryNow(): void;
}

/** What is drawn in it. */
export interface ShellView {
  readonly wording: Wording;
  readonly layout: ColumnLayout;
  /** Rows shown, and rows there are. */
  readonly size: { readonly shown: number; readonly total: number };
  /** Rows that wait to come, go or move. */
  readonly moved: number;
  /** A snapshot, or its first part, has been drawn. */
  readonly hasDrawn: boolean;
  apply(): void;
}

/** Everything the shell depends on. */
export interface ShellModel {
  table: ShellTable;
  view: ShellView;
  freshness: Freshness;
  announcement: string;
  /** The page came with rows in a table, which is shown until ours is. */
  isPrinted: boolean;
  /** What features add to the toolbar, and under it. */
  tools: unknown;
  panels: unknown;
  /** `keepsOthers`: the other columns of the order stay. */
  onSort(field: string, keepsOthers: boolean): void;
}

/** The whole shadow tree. */
export function shell(model: ShellModel): TemplateResult {
  const { table, view, freshness } = model;
  const { label, feed } = table;
  const { texts } = view.wording;
  const { shown } = view.size;
  const isEmpty = shown === 0;
  return html`
    <div class="toolbar" part="toolbar">
      <slot name="toolbar"></slot>
      ${label ? html`<span class="label" part="label">${label}</span>` : nothing}
      <span class="count" part="count">${view.hasDrawn ? countText(view) : nothing}</span>
      ${movedChip(view)}${searchBox(model)}${stateChip(model)}${pauseButton(model)}${model.tools}
    </div>
    ${banner(model)}${progress(model)}${model.panels}
    <div
      class=${`scroller${freshness.isOld ? ' old' : ''}${isEmpty ? ' empty' : ''}`}
      part="table"
      role="grid"
      aria-multiselectable="true"
      aria-readonly=${!table.editable}
      tabindex="0"
      aria-label=${label || table.rows.table || texts.table}
      aria-rowcount=${shown + 1}
      aria-colcount=${view.layout.columns.length}
      aria-busy=${feed?.loaded !== undefined}
    >
      ${header(table, view, model.onSort)}
      <div class="spacer"><div class="body" part="body" role="rowgroup"></div></div>
      <div class="probe"></div>
    </div>
    ${isEmpty && !model.isPrinted ? panel(model) : nothing}
    <div class="unseen" role="status">${model.announcement}</div>
    <slot ?hidden=${!model.isPrinted}></slot>
  `;
}

function countText({ size: { shown, total }, wording }: ShellView): string {
  const { row, rows, someRows } = wording.texts;
  const counts = { count: wording.count(shown), total: wording.count(total) };
  if (shown !== total) return fill(someRows, counts);
  return shown === 1 ? row : fill(rows, counts);
}

function movedChip(view: ShellView) {
  const { moved, wording } = view;
  if (moved === 0) return nothing;
  const { texts } = wording;
  return html`<button type="button" part="button moved" class="moved" @click=${() => view.apply()}
    >${fill(texts.moved, { count: wording.count(moved) })} · ${texts.apply}</button
  >`;
}

function searchBox({ table, view }: ShellModel) {
  if (!table.searchable) return nothing;
  const { search } = view.wording.texts;
  const onInput = (event: InputEvent) => {
    table.search = textOf(event);
  };
  return html`<input part="search" type="search" placeholder=${search} aria-label=${search}
    .value=${table.search ?? ''} @input=${onInput}>`;
}

function stateChip({ table, view, freshness }: ShellModel): TemplateResult | typeof nothing {
  if (table.feed === undefined) return nothing;
  const { state } = table;
  const name = state === 'ended' && freshness.isFailure ? 'failed' : state;
  return html`<span class=${`state ${name}`} part=${`state state-${state}`}
    ><span class="dot"></span>${view.wording.texts[state]}</span
  >`;
}

function pauseButton({ table, view: { wording, hasDrawn } }: ShellModel) {
  const { paused, waiting } = table;
  if (!hasDrawn && !paused) return nothing;
  const { texts } = wording;
  const count = fill(texts.waiting, { count: wording.count(waiting) });
  const onClick = () => {
    table.paused = !paused;
  };
  return html`<button type="button" part="button pause" @click=${onClick}
    >${paused ? texts.resume : texts.pause}${paused && waiting > 0 ? ` · ${count}` : nothing}</button
  >`;
}

function banner(model: ShellModel) {
  const { freshness, view } = model;
  if (freshness.notice === undefined || view.size.total === 0) return nothing;
  return html`<div class=${`banner${freshness.isFailure ? ' failed' : ''}`} part="banner">
    <span>${freshness.notice}</span>
    ${freshness.canRetry ? retryButton(model) : nothing}
  </div>`;
}

function retryButton({ table, view }: ShellModel): TemplateResult {
  return html`<button type="button" part="button retry" @click=${() => table.retryNow()}
    >${view.wording.texts.retry}</button
  >`;
}

function progress({ table, view: { wording } }: ShellModel) {
  const progress = table.feed?.loaded;
  if (progress === undefined) return nothing;
  const { loaded, total } = progress;
  const counts = { loaded: wording.count(loaded), total: wording.count(total) };
  const text = fill(wording.texts.loading, counts);
  return html`<div class="progress" part="progress">
    <progress .max=${Math.max(1, total)} .value=${loaded} aria-label=${text}></progress>
    <span>${text}</span>
  </div>`;
}

/** In place of rows: what went wrong, that there are none, or that they are on their way. */
function panel(model: ShellModel): TemplateResult {
  const { freshness, view } = model;
  const { texts } = view.wording;
  const { total } = view.size;
  const { notice, canRetry } = freshness;
  if (notice !== undefined && total === 0) {
    return html`<div class="panel" part="problem"
      ><strong>${notice}</strong>${canRetry ? retryButton(model) : nothing}</div
    >`;
  }
  if (!view.hasDrawn) {
    return html`<slot name="loading"
      ><div class="skeleton" part="loading" aria-hidden="true"><i></i><i></i><i></i><i></i></div
    ></slot>`;
  }
  if (total > 0)
    return html`<div class="panel" part="empty"><strong>${texts.noMatch}</strong></div>`;
  return html`<slot name="empty"
    ><div class="panel" part="empty"
      ><strong>${texts.empty}</strong><span>${texts.emptyHint}</span></div
    ></slot
  >`;
}
