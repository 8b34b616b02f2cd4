/**
 * How `<sse-messages>` looks: two sides of bubbles, and the field below them.
 *
 * @see FRONTEND 4 "Theming"
 */
import { css } from 'lit';

/** Light and dark come from `companionStyle`. */
export const messagesStyle = css`
  :host {
    --_bubble: var(--sse-table-bubble, light-dark(#eef0f6, #232945));
    --_own: var(--sse-table-accent, light-dark(#4f46e5, #4f52c9));
    block-size: 28rem;
    display: flex;
    flex-direction: column;
    position: relative;
  }
  ol {
    display: flex;
    flex: 1;
    flex-direction: column;
    gap: 0.25rem;
    list-style: none;
    margin: 0;
    min-block-size: 0;
    overflow: auto;
    overscroll-behavior: contain;
    padding: 1rem;
  }
  li {
    align-self: start;
    max-inline-size: min(80%, 40rem);
  }
  li.own {
    align-self: end;
  }
  li.day,
  li.empty {
    align-self: center;
    color: var(--_muted);
    margin-block: 0.5rem;
  }
  li.empty {
    margin-block: auto;
  }
  .bubble {
    background: var(--_bubble);
    border-end-end-radius: 1.1rem;
    border-end-start-radius: 0.3rem;
    border-start-end-radius: 1.1rem;
    border-start-start-radius: 1.1rem;
    margin: 0;
    overflow-wrap: anywhere;
    padding: 0.5rem 0.85rem;
    white-space: pre-wrap;
  }
  .own .bubble {
    background: var(--_own);
    border-end-end-radius: 0.3rem;
    border-end-start-radius: 1.1rem;
    color: var(--sse-table-on-own, #fff);
  }
  .about {
    color: var(--_muted);
    display: flex;
    font-size: 0.8em;
    gap: 0.5em;
    margin: 0.1rem 0.35rem 0.35rem;
  }
  .own .about {
    justify-content: end;
  }
  .state {
    background: var(--_bubble);
    color: var(--_muted);
    margin: 0;
    padding: 0.3rem 1rem;
    text-align: center;
  }
  .problem {
    color: var(--_error);
    margin: 0;
    overflow-wrap: anywhere;
    padding: 0.4rem 1rem 0;
  }
  form {
    align-items: end;
    border-block-start: 1px solid var(--_line);
    display: flex;
    gap: 0.5rem;
    padding: 0.75rem 1rem;
  }
  textarea {
    background: transparent;
    border: 1px solid var(--_line);
    border-radius: 1.2rem;
    box-sizing: border-box;
    color: inherit;
    field-sizing: content;
    flex: 1;
    font: inherit;
    max-block-size: 8.5rem;
    min-block-size: 2.5rem;
    min-inline-size: 0;
    padding: 0.5rem 1rem;
    resize: none;
  }
  textarea::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  button {
    background: var(--_own);
    border: 0;
    border-radius: 1.2rem;
    color: var(--sse-table-on-own, #fff);
    cursor: pointer;
    flex: none;
    font: inherit;
    font-weight: 600;
    min-block-size: 2.5rem;
    padding: 0.5rem 1.1rem;
  }
  button[aria-disabled='true'] {
    cursor: default;
    opacity: 0.55;
  }
  .latest {
    inset-block-end: 100%;
    inset-inline-end: 1rem;
    margin-block-end: 0.5rem;
    min-block-size: 0;
    padding: 0.2rem 0.9rem;
    position: absolute;
  }
  footer {
    position: relative;
  }
`;
