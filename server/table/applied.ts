/**
 * What a Table tells of each change that took effect.
 *
 * @see SPEC 1 "Change"
 */
import type { Change, Key, Row } from '../wire/change.ts';

/** A change that took effect. `before` and `after` are whole rows; `data` is what the stream says. */
export interface Applied {
  seq: number;
  type: Change['type'];
  key: Key;
  before: Row | undefined;
  after: Row | undefined;
  data: Row;
  removed: string[] | undefined;
  message: string | undefined;
}

/** Who is told of changes, in order, synchronously. */
export interface TableListener {
  onChange(applied: Applied): void;
  /** Once at the end of each `apply` that changed something; with its message if it was a batch update. */
  onApplied(batchUpdate: string | undefined): void;
}
