/**
 * The look of `<sse-table>`. Every colour and size is a custom property with a default that follows
 * the page's `color-scheme`; those it shares with the companions are theirs.
 *
 * @see FRONTEND 2, 4 "Theming"
 */
import { css } from 'lit';

export const tableStyle = css`
  :host {
    --_surface: var(--sse-table-surface, light-dark(#ffffff, #14182b));
    --_head: var(--sse-table-header-surface, light-dark(#f6f7fb, #1a1f36));
    --_hover: var(--sse-table-row-hover, light-dark(#f7f8fd, #1b2140));
    --_flash: var(--sse-table-flash, light-dark(#c7c9ff, #414a9c));
    --_row-height: var(--sse-table-row-height, 2.5rem);
    --_padding: var(--sse-table-cell-padding, 1rem);
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--sse-table-radius, 0.75rem);
    box-sizing: border-box;
    display: flex;
    flex-direction: column;
    max-height: var(--sse-table-max-height, min(40rem, 85vh));
    min-width: 0;
    overflow: hidden;
    position: relative;
  }
  :host([hidden]),
  .row[hidden],
  slot[hidden] {
    display: none;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }

  .toolbar,
  .banner,
  .progress {
    align-items: center;
    border-block-end: 1px solid var(--_line);
    display: flex;
    flex: none;
    flex-wrap: wrap;
    gap: 0.25rem 0.75rem;
    padding: 0.5rem var(--_padding);
  }
  .label {
    font-weight: 600;
  }
  .count {
    color: var(--_muted);
    margin-inline-end: auto;
  }
  .state {
    color: var(--_muted);
    font-size: 0.8125rem;
    font-weight: 500;
    white-space: nowrap;
  }
  .dot {
    background: currentColor;
    block-size: 0.5rem;
    border-radius: 50%;
    display: inline-block;
    inline-size: 0.5rem;
    margin-inline-end: 0.4375rem;
  }
  .state.live {
    color: var(--_success);
  }
  .state.stale,
  .state.reconnecting,
  .state.connecting,
  .state.paused {
    color: var(--_warning);
  }
  .state.offline,
  .state.failed {
    color: var(--_error);
  }
  button,
  input {
    background: transparent;
    border: 1px solid var(--_line);
    border-radius: 0.5rem;
    box-sizing: border-box;
    color: inherit;
    font: inherit;
    font-size: 0.8125rem;
    min-height: 1.875rem;
    padding: 0 0.75rem;
  }
  button {
    cursor: pointer;
    font-weight: 500;
    white-space: nowrap;
  }
  button:hover {
    background: var(--_hover);
    border-color: var(--_accent);
  }
  :focus-visible {
    outline-offset: -2px;
  }

  .banner {
    --_tone: var(--_warning);
    background: color-mix(in srgb, var(--_tone) 10%, var(--_surface));
    justify-content: space-between;
    overflow-wrap: anywhere;
  }
  .banner.failed {
    --_tone: var(--_error);
  }
  progress {
    accent-color: var(--_accent);
    flex: 1 1 8rem;
    max-inline-size: 24rem;
  }

  .scroller {
    contain: strict;
    flex: 1 1 auto;
    min-height: 0;
    overflow: auto;
    overflow-anchor: none;
    overscroll-behavior-inline: contain;
  }
  .scroller.empty {
    flex: none;
  }
  .scroller.old .body {
    opacity: 0.55;
  }
  .head {
    background: var(--_head);
    inset-block-start: 0;
    min-inline-size: var(--_least-width);
    position: sticky;
    z-index: 2;
  }
  .head .row {
    block-size: 2.25rem;
    border-block-end-color: var(--_line);
    color: var(--_muted);
    font-size: 0.8125rem;
    font-weight: 600;
    line-height: 2.25rem;
  }
  .sortable {
    cursor: pointer;
  }
  .sortable:hover {
    color: var(--_text);
  }
  [aria-sort='ascending']::after {
    content: ' ↑' attr(data-rank);
  }
  [aria-sort='descending']::after {
    content: ' ↓' attr(data-rank);
  }
  input {
    inline-size: 8rem;
  }
  .cell.filter {
    padding-inline: 0.375rem;
  }
  .filter input {
    inline-size: 100%;
    line-height: 1.5rem;
    min-height: 0;
    padding: 0 0.5rem;
  }
  .moved {
    border-color: var(--_accent);
    color: var(--_accent);
  }
  .spacer {
    contain: size layout style;
    min-inline-size: var(--_least-width);
    overflow: clip;
    position: relative;
  }
  .body {
    will-change: transform;
  }
  .probe {
    block-size: var(--_row-height);
    inline-size: 0;
    position: absolute;
    visibility: hidden;
  }
  .row {
    block-size: var(--_row-height);
    border-block-end: 1px solid color-mix(in srgb, var(--_line) 65%, transparent);
    box-sizing: border-box;
    contain: strict;
    content-visibility: auto;
    display: grid;
    grid-template-columns: var(--_tracks);
    line-height: calc(var(--_row-height) - 1px);
  }
  [aria-selected] {
    background: color-mix(in srgb, var(--_accent) 14%, var(--_surface));
  }
  [aria-activedescendant] {
    outline: none;
  }
  .scroller:focus #active {
    outline: 2px solid var(--_accent);
    outline-offset: -2px;
  }
  .body .row:hover:not([aria-selected]) {
    background: var(--_hover);
  }
  .cell {
    contain: strict;
    overflow: hidden;
    padding-inline: var(--_padding);
    text-align: start;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
    white-space: nowrap;
  }
  .cell.end {
    text-align: end;
  }
  .cell.center {
    text-align: center;
  }
  .cell a {
    color: var(--_accent);
  }
  .cell a:not([href]) {
    color: inherit;
  }

  .cell.badge > span {
    --_tone: var(--_accent);
    background: color-mix(in srgb, var(--_tone) 13%, var(--_surface));
    border-radius: 1rem;
    color: color-mix(in srgb, var(--_tone) 65%, var(--_text));
    font-size: 0.8125rem;
    font-weight: 500;
    padding: 0.1875rem 0.625rem;
  }
  .cell.badge > span:empty {
    display: none;
  }
  .cell.badge > [data-tone='good'] {
    --_tone: var(--_success);
  }
  .cell.badge > [data-tone='busy'] {
    --_tone: var(--_warning);
  }
  .cell.badge > [data-tone='bad'] {
    --_tone: var(--_error);
  }
  .cell.bar > span {
    --_fill: color-mix(in srgb, var(--_accent) 30%, transparent);
    background: linear-gradient(var(--_fill), var(--_fill)) 0 / var(--_share, 0%) no-repeat
      color-mix(in srgb, var(--_accent) 7%, transparent);
    border-radius: 0.3125rem;
    display: block;
    line-height: 1.5rem;
    margin-block: calc((var(--_row-height) - 1px - 1.5rem) / 2);
    padding-inline: 0.5rem;
  }
  .cell.bar > span:dir(rtl) {
    background-position: 100%;
  }

  .cell[data-flash] {
    background: color-mix(in srgb, var(--_flash) var(--_mark, 85%), transparent);
  }
  [data-flash='1'] {
    --_mark: 55%;
  }
  [data-flash='2'] {
    --_mark: 30%;
  }
  [data-flash='3'] {
    --_mark: 12%;
  }

  .panel {
    align-items: center;
    display: flex;
    flex: 1 0 auto;
    flex-direction: column;
    gap: 0.375rem;
    justify-content: center;
    padding: 3rem var(--_padding);
    text-align: center;
  }
  .panel strong {
    font-size: 1rem;
    font-weight: 600;
  }
  .panel span {
    color: var(--_muted);
    max-inline-size: 40ch;
    overflow-wrap: anywhere;
  }
  .panel button {
    margin-block-start: 0.75rem;
  }
  slot:not([name], [hidden]) {
    display: block;
    overflow: auto;
  }
  .skeleton {
    display: grid;
    flex: none;
    gap: 1.5rem;
    padding: 1.25rem var(--_padding);
  }
  .skeleton i {
    background: var(--_line);
    block-size: 0.75rem;
    border-radius: 0.375rem;
  }
  .unseen {
    block-size: 1px;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
  }

  @media (forced-colors: active) {
    .cell.badge > span {
      border: 1px solid;
    }
  }
`;
