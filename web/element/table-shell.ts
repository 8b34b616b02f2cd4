/**
 * What `<sse-table>` shows around its rows: toolbar, banner, progress, header, empty and loading panels.
 * Templates only; the rows themselves are the pool's.
 *
 * @see FRONTEND 2, 4
 */
import { html, nothing, type TemplateResult } from 'lit';
import type { FeedState } from '../feed/feed.ts';
import { fill, type Texts } from '../wording/text.ts';
import type { Freshness } from './freshness.ts';
import { type HeaderModel, header, textOf } from './table-header.ts';

/** Everything the shell depends on. */
export interface ShellModel extends HeaderModel {
  label: string;
  /** The label is the page's own, to be seen as well as heard. */
  showsLabel: boolean;
  state: FeedState | undefined;
  freshness: Freshness;
  /** Rows shown, and rows there are. */
  size: number;
  total: number;
  searchable: boolean;
  search: string;
  /** Rows that wait to come, go or move. */
  moved: number;
  loaded: { loaded: number; total: number } | undefined;
  /** No snapshot has come yet. */
  isFirst: boolean;
  paused: boolean;
  waiting: number;
  announcement: string;
  onPause: () => void;
  onRetry: () => void;
  onSearch: (text: string) => void;
  onApply: () => void;
}

/** The whole shadow tree. */
export function shell(model: ShellModel): TemplateResult {
  const { size, columns } = model;
  const isEmpty = size === 0;
  return html`
    <div class="toolbar" part="toolbar">
      <slot name="toolbar"></slot>
      ${model.showsLabel ? html`<span class="label" part="label">${model.label}</span>` : nothing}
      <span class="count" part="count">${model.isFirst ? nothing : countText(model)}</span>
      ${movedChip(model)}${searchBox(model)}${stateChip(model)}${pauseButton(model)}
    </div>
    ${banner(model)}${progress(model)}
    <div
      class=${`scroller${model.freshness.isOld ? ' old' : ''}${isEmpty ? ' empty' : ''}`}
      part="table"
      role="grid"
      aria-multiselectable="true"
      tabindex="0"
      aria-label=${model.label}
      aria-rowcount=${size + 1}
      aria-colcount=${columns.length}
      aria-busy=${model.loaded !== undefined}
    >
      ${header(model)}
      <div class="spacer" role="presentation"><div class="body" part="body" role="rowgroup"></div></div>
      <div class="probe" role="presentation"></div>
    </div>
    ${isEmpty ? panel(model) : nothing}
    <div class="unseen" role="status">${model.announcement}</div>
    <slot hidden></slot>
  `;
}

function countText({ size, total, wording }: ShellModel): string {
  const { row, rows, someRows } = wording.texts;
  const counts = { count: wording.count(size), total: wording.count(total) };
  if (size !== total) return fill(someRows, counts);
  return size === 1 ? row : fill(rows, counts);
}

function movedChip({ moved, wording, onApply }: ShellModel) {
  if (moved === 0) return nothing;
  const { texts } = wording;
  return html`<button type="button" part="button moved" class="moved" @click=${onApply}
    >${fill(texts.moved, { count: wording.count(moved) })} · ${texts.apply}</button
  >`;
}

function searchBox({ searchable, search, wording, onSearch }: ShellModel) {
  if (!searchable) return nothing;
  const { texts } = wording;
  return html`<input part="search" type="search" placeholder=${texts.search} aria-label=${texts.search}
    .value=${search} @input=${(event: InputEvent) => onSearch(textOf(event))}>`;
}

function stateChip({ state, wording, freshness }: ShellModel): TemplateResult | typeof nothing {
  if (state === undefined) return nothing;
  const name = state === 'ended' && freshness.isFailure ? 'failed' : state;
  return html`<span class=${`state ${name}`} part=${`state state-${state}`}
    ><span class="dot"></span>${wording.texts[state]}</span
  >`;
}

function pauseButton({ paused, waiting, wording, onPause, isFirst }: ShellModel) {
  if (isFirst && !paused) return nothing;
  const { texts } = wording;
  const count = fill(texts.waiting, { count: wording.count(waiting) });
  return html`<button type="button" part="button pause" @click=${onPause}
    >${paused ? texts.resume : texts.pause}${paused && waiting > 0 ? ` · ${count}` : nothing}</button
  >`;
}

function banner({ freshness, total, wording, onRetry }: ShellModel) {
  if (freshness.notice === undefined || total === 0) return nothing;
  return html`<div class=${`banner${freshness.isFailure ? ' failed' : ''}`} part="banner">
    <span>${freshness.notice}</span>
    ${freshness.canRetry ? retryButton(wording.texts, onRetry) : nothing}
  </div>`;
}

function retryButton(texts: Texts, onRetry: () => void): TemplateResult {
  return html`<button type="button" part="button retry" @click=${onRetry}>${texts.retry}</button>`;
}

function progress({ loaded, wording }: ShellModel) {
  if (loaded === undefined) return nothing;
  const text = fill(wording.texts.loading, {
    loaded: wording.count(loaded.loaded),
    total: wording.count(loaded.total),
  });
  return html`<div class="progress" part="progress">
    <progress .max=${Math.max(1, loaded.total)} .value=${loaded.loaded} aria-label=${text}></progress>
    <span>${text}</span>
  </div>`;
}

/** In place of rows: what went wrong, that there are none, or that they are on their way. */
function panel({ freshness, isFirst, total, wording, onRetry }: ShellModel): TemplateResult {
  const { texts } = wording;
  const { notice, canRetry } = freshness;
  if (notice !== undefined && total === 0) {
    return html`<div class="panel" part="problem"
      ><strong>${notice}</strong>${canRetry ? retryButton(texts, onRetry) : nothing}</div
    >`;
  }
  if (isFirst) {
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
