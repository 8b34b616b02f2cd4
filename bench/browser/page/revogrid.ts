/**
 * RevoGrid: its rows are changed in place and the view of them is refreshed, which writes less than
 * giving it a new source.
 */
import { defineCustomElements } from '@revolist/revogrid/loader';
import type { Change, Key, Row } from '../../../server/wire/change.ts';
import { Gather, type Gathered, keyOf } from './gather.ts';
import { type FedGrid, FIELDS, type GridOptions, ROW_HEIGHT } from './grid.ts';
import { runFedPage } from './page.ts';

const PRICE = { prop: 'price' };

class RevoGrid implements FedGrid {
  readonly root: HTMLElement;
  readonly rowSelector = 'revogr-data .rgRow';
  readonly headerHeight = 0;
  readonly #sorted: boolean;
  readonly #grid: HTMLRevoGridElement;
  readonly #gather = new Gather((gathered) => this.#merge(gathered));
  readonly #byKey = new Map<Key, Row>();
  #rows: Row[] = [];
  #size = 0;

  constructor(host: HTMLElement, { sorted }: GridOptions) {
    defineCustomElements();
    this.root = host;
    this.#sorted = sorted;
    this.#grid = document.createElement('revo-grid');
    this.#grid.columns = FIELDS.map((prop) => ({ prop, name: prop, size: 165, sortable: true }));
    this.#grid.rowSize = ROW_HEIGHT;
    this.#grid.readonly = true;
    if (sorted) this.#grid.sorting = { columns: [{ ...PRICE, order: 'desc' }] };
    host.append(this.#grid);
  }

  get scroller(): HTMLElement | undefined {
    const selector = 'revogr-viewport-scroll.rgCol .vertical-inner';
    return this.root.querySelector<HTMLElement>(selector) ?? undefined;
  }

  get size(): number {
    return this.#size;
  }

  load(rows: Row[]): void {
    this.append(rows);
    this.#grid.source = this.#rows;
  }

  append(rows: Row[]): void {
    for (const row of rows) {
      this.#byKey.set(keyOf(row), row);
      this.#rows.push(row);
    }
  }

  finish(): void {
    this.#setSource();
    this.#size = this.#rows.length;
  }

  apply(changes: readonly Change[]): void {
    this.#gather.take(changes);
  }

  #merge({ added, updated, removed }: Gathered): void {
    for (const data of updated) {
      const row = this.#byKey.get(keyOf(data));
      if (row !== undefined) Object.assign(row, data);
    }
    if (added.length > 0 || removed.length > 0) {
      const gone = new Set(removed);
      for (const key of removed) this.#byKey.delete(key);
      this.#rows = this.#rows.filter((row) => !gone.has(keyOf(row)));
      this.append(added);
      this.#setSource();
    } else if (this.#sorted) {
      this.#grid.updateColumnSorting(PRICE, 'desc', false);
    } else {
      this.#grid.refresh('rgRow');
    }
  }

  /** Only another array is taken for another source. */
  #setSource(): void {
    this.#rows = this.#rows.slice();
    this.#grid.source = this.#rows;
  }
}

runFedPage((host, options) => new RevoGrid(host, options));
