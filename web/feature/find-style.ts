/**
 * The look of the find bar and of what it found.
 *
 * @see FRONTEND 3 "Ctrl+F … see only visible rows"
 */
import { css } from 'lit';

export const findStyle = css`
  .find {
    align-items: center;
    border-block-end: 1px solid var(--_line);
    display: flex;
    flex: none;
    flex-wrap: wrap;
    gap: 0.375rem;
    padding: 0.5rem var(--_padding);
  }
  .find input {
    flex: 0 1 16rem;
    inline-size: auto;
  }
  .find span {
    color: var(--_muted);
    margin-inline-end: auto;
  }
  ::highlight(sse-table-find) {
    background: #ffd54a;
    color: #1b1f33;
  }
`;
