/**
 * The events of `<sse-table>`: bubbling, composed, typed.
 *
 * @see FRONTEND 4 "Conventions"
 */

import type { EditDetail } from '../feature/table-feature.ts';
import type { FeedState } from '../feed/feed.ts';
import type { Problem } from '../feed/read-events.ts';

export interface TableStateDetail {
  state: FeedState;
  previous: FeedState;
}

export interface TableChangeDetail {
  /** Rows in the table. */
  size: number;
  /** Row changes merged since the last such event. */
  changes: number;
}

export interface TableSortDetail {
  /** As in the `sort` attribute. */
  sort: string;
}

export interface TableSelectDetail {
  /** The keys of the selected rows, as texts. */
  keys: string[];
}

/** What each event carries. */
export interface TableEventDetails {
  'sse-table-state': TableStateDetail;
  /** At most once per draw. */
  'sse-table-change': TableChangeDetail;
  'sse-table-error': Problem;
  'sse-table-sort': TableSortDetail;
  'sse-table-select': TableSelectDetail;
  'sse-table-edit': EditDetail;
}

declare global {
  interface HTMLElementEventMap {
    'sse-table-state': CustomEvent<TableStateDetail>;
    'sse-table-change': CustomEvent<TableChangeDetail>;
    'sse-table-error': CustomEvent<Problem>;
    'sse-table-sort': CustomEvent<TableSortDetail>;
    'sse-table-select': CustomEvent<TableSelectDetail>;
    'sse-table-edit': CustomEvent<EditDetail>;
  }
}

/** An event of the table, ready to be dispatched. */
export function tableEvent<Name extends keyof TableEventDetails>(
  name: Name,
  detail: TableEventDetails[Name],
): CustomEvent<TableEventDetails[Name]> {
  return new CustomEvent(name, { detail, bubbles: true, composed: true });
}
