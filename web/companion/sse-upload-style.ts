/**
 * How `<sse-upload>` looks: the zone, and the files below it.
 *
 * @see FRONTEND 4 "Theming"
 */
import { css } from 'lit';

/** Light and dark come from `companionStyle`. */
export const uploadStyle = css`
  .zone {
    align-items: center;
    border: 2px dashed var(--_line);
    border-radius: 0.9rem;
    box-sizing: border-box;
    color: var(--_muted);
    cursor: pointer;
    display: flex;
    flex-direction: column;
    gap: 0.35rem;
    justify-content: center;
    min-block-size: 9rem;
    padding: 1.25rem;
    text-align: center;
    transition: border-color 0.15s, background 0.15s;
  }
  .zone:hover,
  .zone.over,
  .zone:focus-within {
    background: color-mix(in srgb, var(--_accent) 8%, transparent);
    border-color: var(--_accent);
  }
  .zone strong {
    color: var(--_accent);
    font-weight: 600;
  }
  .arrow {
    color: var(--_accent);
    font-size: 1.75rem;
    line-height: 1;
  }
  input {
    block-size: 1px;
    inline-size: 1px;
    opacity: 0;
    position: absolute;
  }
  ul {
    display: grid;
    gap: 0.5rem;
    list-style: none;
    margin: 0.75rem 0 0;
    padding: 0;
  }
  ul:empty {
    display: none;
  }
  li {
    border: 1px solid var(--_line);
    border-radius: 0.7rem;
    display: grid;
    gap: 0.15rem 0.75rem;
    grid-template-columns: minmax(0, 1fr) auto;
    padding: 0.6rem 0.9rem;
  }
  .name {
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  progress {
    accent-color: var(--_accent);
    appearance: none;
    background: var(--_line);
    block-size: 0.4rem;
    border: 0;
    border-radius: 0.2rem;
    grid-column: 1 / -1;
    inline-size: 100%;
    overflow: hidden;
  }
  progress::-webkit-progress-bar {
    background: var(--_line);
  }
  progress::-webkit-progress-value {
    background: var(--_accent);
  }
  progress::-moz-progress-bar {
    background: var(--_accent);
  }
  .completed progress::-webkit-progress-value {
    background: var(--_success);
  }
  .completed progress::-moz-progress-bar {
    background: var(--_success);
  }
  .about {
    color: var(--_muted);
    font-size: 0.875em;
    grid-column: 1 / -1;
    overflow-wrap: anywhere;
  }
  .completed .about {
    color: var(--_success);
  }
  .failed .about {
    color: var(--_error);
  }
  a,
  button {
    background: none;
    border: 0;
    color: var(--_accent);
    cursor: pointer;
    font: inherit;
    font-weight: 600;
    padding: 0;
    text-decoration: none;
  }
  a:hover,
  button:hover {
    text-decoration: underline;
  }
`;
