/**
 * The look of editing: the field, what waits for its echo, what was refused, and the question before
 * a delete.
 *
 * @see FRONTEND 4 "Editing"
 */
import { css } from 'lit';

export const editStyle = css`
  .edits > * {
    block-size: var(--_row-height);
    box-sizing: border-box;
    inline-size: var(--_inline-size);
    left: var(--_left);
    line-height: calc(var(--_row-height) - 1px);
    position: absolute;
    top: var(--_top);
    z-index: 1;
  }
  .editor > div {
    block-size: 100%;
  }
  .editor input {
    background: var(--_surface);
    block-size: 100%;
    border: 2px solid var(--_accent);
    border-radius: 0;
    font-size: inherit;
    inline-size: 100%;
    min-height: 0;
    outline: none;
    padding-inline: calc(var(--_padding) - 2px);
  }
  .editor [aria-invalid] {
    border-color: var(--_error);
  }
  .note {
    background: var(--_surface);
    border: 1px solid var(--_error);
    border-radius: 0 0 0.5rem 0.5rem;
    box-shadow: 0 0.375rem 1rem rgb(0 0 0 / 0.2);
    box-sizing: border-box;
    color: var(--_error);
    font-size: 0.8125rem;
    inset-inline-start: 0;
    line-height: 1.4;
    max-inline-size: 24rem;
    min-inline-size: 100%;
    overflow-wrap: anywhere;
    padding: 0.375rem 0.75rem;
    position: absolute;
    inset-block-start: 100%;
    inline-size: max-content;
  }
  .note:empty {
    display: none;
  }
  .pending {
    background: color-mix(in srgb, var(--_warning) 12%, var(--_surface));
    border-block-end: 2px dotted var(--_warning);
    overflow: hidden;
    padding-inline: var(--_padding);
    pointer-events: none;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .pending.end {
    text-align: end;
  }
  .pending.delete {
    background: none;
    background-image: linear-gradient(var(--_error), var(--_error));
    background-position: center;
    background-repeat: no-repeat;
    background-size: 100% 1px;
  }
  .refused {
    pointer-events: none;
  }
  .refused .note {
    pointer-events: auto;
  }
  .refused button {
    margin-inline-start: 0.5rem;
  }
  dialog {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: 0.75rem;
    box-shadow: 0 0.75rem 2.5rem rgb(0 0 0 / 0.25);
    color: var(--_text);
    font: inherit;
    padding: 1.25rem;
  }
  dialog p {
    margin: 0 0 1rem;
  }
  dialog form {
    display: flex;
    gap: 0.5rem;
    justify-content: end;
  }
  dialog .destroy {
    background: var(--_error);
    border-color: var(--_error);
    color: var(--_surface);
  }
`;
