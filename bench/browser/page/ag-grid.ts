/**
 * AG Grid Community, by its asynchronous transactions: what its documentation names for frequent updates.
 */
import {
  AllCommunityModule,
  createGrid,
  type GridApi,
  ModuleRegistry,
  type Transaction,
} from 'ag-grid-community';
import type { Change, Key, Row } from '../../../server/wire/change.ts';
import { keyOf } from './gather.ts';
import { type FedGrid, FIELDS, GATHER_MS, type GridOptions, ROW_HEIGHT } from './grid.ts';
import { runFedPage } from './page.ts';

ModuleRegistry.registerModules([AllCommunityModule]);

class AgGrid implements FedGrid {
  readonly root: HTMLElement;
  readonly rowSelector = '.ag-grid-scrolling-container > .ag-row';
  readonly headerHeight = 0;
  readonly #api: GridApi;
  readonly #byKey = new Map<Key, Row>();

  constructor(host: HTMLElement, { sorted }: GridOptions) {
    this.root = host;
    this.#api = createGrid(host, {
      columnDefs: FIELDS.map((field) => ({
        field,
        flex: 1,
        ...(sorted && field === 'price' ? { sort: 'desc' } : {}),
      })),
      rowHeight: ROW_HEIGHT,
      getRowId: ({ data }) => String(data.id),
      asyncTransactionWaitMillis: GATHER_MS,
      deltaSort: true,
      animateRows: false,
    });
  }

  get scroller(): HTMLElement | undefined {
    return this.root.querySelector<HTMLElement>('.ag-grid-viewport') ?? undefined;
  }

  get size(): number {
    return this.#api.getDisplayedRowCount();
  }

  load(rows: Row[]): void {
    this.#keep(rows);
    this.#api.setGridOption('rowData', rows);
  }

  append(rows: Row[]): void {
    this.#keep(rows);
    this.#api.applyTransactionAsync({ add: rows });
  }

  finish(): void {
    this.#api.flushAsyncTransactions();
  }

  apply(changes: readonly Change[]): void {
    const transaction: Transaction = { add: [], update: [], remove: [] };
    for (const { type, data } of changes) {
      const key = keyOf(data);
      const row = { ...this.#byKey.get(key), ...data };
      if (type === 'delete') {
        this.#byKey.delete(key);
        transaction.remove.push(row);
      } else {
        this.#byKey.set(key, row);
        transaction[type].push(row);
      }
    }
    this.#api.applyTransactionAsync(transaction);
  }

  #keep(rows: readonly Row[]): void {
    for (const row of rows) this.#byKey.set(keyOf(row), row);
  }
}

runFedPage((host, options) => new AgGrid(host, options));
