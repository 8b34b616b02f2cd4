/**
 * The contract of a Source: where changes come from.
 * A source yields batches and knows nothing of tables, streams or HTTP; app.ts carries them over.
 *
 * @see SPEC 6
 */
import type { Writer } from '../table/writer.ts';
import type { Change } from '../wire/change.ts';

/** Changes applied together, in order. Keep one below about 2,000 changes: it is applied in one go. */
export interface Batch {
  table: string;
  changes: Change[];
  /** With `TableSpec.history`: the store's seq of each change, ascending. */
  seqs?: readonly number[];
  /**
   * The batch is a part of all that the table holds, and the `last` one ends it: rows that no part has
   * named are gone. A new table is there, for clients, once it is whole.
   */
  whole?: 'part' | 'last';
}

/** The store's own count of changes, which outlives the server: event ids are made of it. */
export interface StoreHistory {
  /** Names this count; of `[A-Za-z0-9_-]`, at most 32 characters. */
  epoch: string;
  /** What changed after this seq is known; the parts that follow begin with it. */
  seq: number;
}

/** What a source says of each table before its first batch. */
export interface TableSpec {
  name: string;
  /** The key column. */
  key: string;
  /** Rows without a key of their own (lines): when the table is full the oldest row leaves. */
  append: boolean;
  /** Rows that it holds; undefined: as many as the server's option says. */
  maxRows?: number;
  /**
   * Undefined: the server counts, and a table that is held already goes on. Otherwise a new table takes
   * the place of the one held; parts that make it `whole` follow.
   */
  history?: StoreHistory;
  /** Parts that make the table `whole` follow; until the last it is not shown, if it is new. */
  loads?: boolean;
  /** Where HTTP writes go; undefined: to the table in memory. */
  writer?: Writer;
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
  /** The table is no more: dropped at the source. Its streams end. */
  drop(table: string): void;
}

/** How far the tables are behind the store. */
export interface SourceLag {
  /** Changes that the store has counted and the tables do not have. */
  changes: number;
  /** Since the tables were last known to equal the store; 0 while they do. */
  seconds: number;
}

/** An async iterable of batches with a name and a state of health. */
export interface Source {
  /** For people, logs and /readyz: `stdin`, `file orders.csv`. */
  readonly name: string;
  /** Why the source is down at the moment, or undefined when it is well. */
  readonly down: string | undefined;
  /** For the metrics; left out by sources that cannot know. */
  readonly lag?: SourceLag | undefined;
  /** Makes tables that are written to for the first time; undefined: they are made in memory. */
  readonly writer?: Writer;
  /**
   * Tables are announced through `open` before their first batch, because a file's key column may
   * only be known after its first line. The caller applies each batch before pulling the next:
   * that is the back pressure.
   */
  run(context: SourceContext, open: (spec: TableSpec) => void): AsyncIterable<Batch>;
}
