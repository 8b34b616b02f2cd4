/**
 * The look of columns that can be arranged: the edge to pull, the heading under way, those that stay in
 * sight, and the menu.
 *
 * @see FRONTEND 4 "Columns"
 */
import { css } from 'lit';

export const columnsStyle = css`
  .head .row:first-child > .cell::before {
    background: var(--_line);
    block-size: 50%;
    content: '';
    inline-size: 1px;
    inset-block-start: 25%;
    inset-inline-end: 0;
    position: absolute;
  }
  .head .row:first-child > .cell[data-edge] {
    cursor: col-resize;
  }
  .head .row:first-child > .cell[data-edge]::before {
    background: var(--_accent);
    block-size: 100%;
    inline-size: 3px;
    inset-block-start: 0;
  }
  .cell[data-dragged] {
    opacity: 0.45;
  }
  .cell[data-drop] {
    background: color-mix(in srgb, var(--_accent) 22%, var(--_head));
  }
  .body .row {
    background: var(--_surface);
  }
  .head .row {
    background: inherit;
  }
  .columns {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 0.75rem;
    box-shadow: 0 0.75rem 2.5rem rgb(0 0 0 / 0.25);
    box-sizing: border-box;
    color: var(--_text);
    font: inherit;
    inline-size: min(25rem, calc(100vw - 1rem));
    inset: var(--_menu-top) max(0.5rem, min(var(--_menu-right), calc(100vw - 25.5rem))) auto auto;
    margin: 0;
    max-block-size: 50vh;
    overflow: auto;
    padding: 0.75rem;
  }
  .columns ul {
    list-style: none;
    margin: 0 0 0.5rem;
    padding: 0;
  }
  .columns li {
    align-items: center;
    display: flex;
    gap: 0.375rem;
    padding-block: 0.1875rem;
  }
  .columns label {
    flex: 1 1 9rem;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .columns input[type='checkbox'] {
    accent-color: var(--_accent);
    block-size: 1rem;
    inline-size: 1rem;
    margin-inline-end: 0.375rem;
    min-height: 0;
    vertical-align: -0.1875rem;
  }
  .columns input[type='number'] {
    inline-size: 5rem;
  }
  .columns li button {
    padding: 0 0.5rem;
  }
  .columns [aria-pressed='true'] {
    background: var(--_accent);
    border-color: var(--_accent);
    color: var(--_surface);
  }
  .columns button:disabled {
    cursor: default;
    opacity: 0.4;
  }
`;
