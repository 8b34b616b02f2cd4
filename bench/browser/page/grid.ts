/**
 * What every contender is to the benchmark: a grid that is fed, and looked at from outside.
 */
import type { Change, Row } from '../../../server/wire/change.ts';

/** The columns that all grids show, as plain text. */
export const FIELDS = ['id', 'name', 'sector', 'price', 'change', 'volume', 'state'] as const;

/** Rows are as tall in all grids, so that all show as many. */
export const ROW_HEIGHT = 40;

/** How long changes are gathered before a draw: the element's default, and what all others are set to. */
export const GATHER_MS = 100;

/** How a grid is set up. */
export interface GridOptions {
  /** By price, highest first. */
  readonly sorted: boolean;
}

/** A grid under test. */
export interface Grid {
  /** Where its elements are found. */
  readonly root: ParentNode & Node;
  /** Of the elements of rows within `root`. */
  readonly rowSelector: string;
  /** What scrolls; undefined before it is there. */
  readonly scroller: HTMLElement | undefined;
  /** Height in px of a header inside the scroller. */
  readonly headerHeight: number;
  /** Rows the grid holds. */
  readonly size: number;
}

/** A grid of another library, fed by its own API. */
export interface FedGrid extends Grid {
  /** The first part of the table: shown at once. */
  load(rows: Row[]): void;
  /** A further part. */
  append(rows: Row[]): void;
  /** The table is complete. */
  finish(): void;
  /** Changes as they come in one event. */
  apply(changes: readonly Change[]): void;
}
