/**
 * The contract of a Source: where changes come from.
 * A source yields batches and knows nothing of tables, streams or HTTP; app.ts carries them over.
 *
 * @see SPEC 6
 */
import type { Change } from '../wire/change.ts';

/** Changes applied together, in order. Keep one below about 2,000 changes: it is applied in one go. */
export interface Batch {
  table: string;
  changes: Change[];
}

/** What a source says of each table before its first batch. */
export interface TableSpec {
  name: string;
  /** The key column. */
  key: string;
  /** Rows without a key of their own (lines): when the table is full the oldest row leaves. */
  append: boolean;
}

/** How a source reports what it met: skipped lines, rotations, its end. Shown once, at the roof. */
export interface SourceReport {
  level: 'info' | 'warn' | 'error';
  message: string;
}

export interface SourceContext {
  /** Aborted when the server closes; the iterator then returns. */
  signal: AbortSignal;
  report(report: SourceReport): void;
}

/** An async iterable of batches with a name and a state of health. */
export interface Source {
  /** For people, logs and /readyz: `stdin`, `file orders.csv`. */
  readonly name: string;
  /** Why the source is down at the moment, or undefined when it is well. */
  readonly down: string | undefined;
  /**
   * Tables are announced through `open` before their first batch, because a file's key column may
   * only be known after its first line. The caller applies each batch before pulling the next:
   * that is the back pressure.
   */
  run(context: SourceContext, open: (spec: TableSpec) => void): AsyncIterable<Batch>;
}
