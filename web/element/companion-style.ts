/**
 * What the companions' style sheets share: the custom properties of the table, light and dark.
 * The scheme is the page's own `color-scheme`, so a light-only page stays light.
 *
 * @see FRONTEND 4 "Theming"
 */
import { css } from 'lit';

/** Colours and type; `--_…` are private names for the public property or its default. */
export const companionStyle = css`
  :host {
    --_text: var(--sse-table-text, light-dark(#1b1f33, #e7e9f5));
    --_muted: var(--sse-table-muted, light-dark(#59607a, #a0a6c0));
    --_line: var(--sse-table-line, light-dark(#e3e6ef, #2a3050));
    --_accent: var(--sse-table-accent, light-dark(#4f46e5, #818cf8));
    --_success: var(--sse-table-success, light-dark(#0f766e, #2dd4bf));
    --_warning: var(--sse-table-warning, light-dark(#854d0e, #fbbf24));
    --_error: var(--sse-table-error, light-dark(#b91c1c, #f87171));
    color: var(--_text);
    display: block;
    font: var(--sse-table-font, 0.875rem / 1.5 system-ui, sans-serif);
    font-variant-numeric: tabular-nums;
  }
  :host([hidden]) {
    display: none;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
`;
