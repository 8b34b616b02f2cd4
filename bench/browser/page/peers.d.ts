/** The parts of the peers that are used; they are installed only when the benchmark runs. */
declare module '*.css';

declare module 'ag-grid-community' {
  import type { Row } from '../../../server/wire/change.ts';

  export interface Transaction {
    add: Row[];
    update: Row[];
    remove: Row[];
  }

  export interface GridApi {
    setGridOption(name: 'rowData', rows: Row[]): void;
    applyTransactionAsync(transaction: Partial<Transaction>): void;
    flushAsyncTransactions(): void;
    getDisplayedRowCount(): number;
  }

  export interface GridOptions {
    columnDefs: { field: string; flex: number; sort?: string }[];
    rowHeight: number;
    getRowId: (parameters: { data: Row }) => string;
    asyncTransactionWaitMillis: number;
    deltaSort: boolean;
    animateRows: boolean;
  }

  export const AllCommunityModule: object;
  export const ModuleRegistry: { registerModules(modules: object[]): void };
  export function createGrid(host: HTMLElement, options: GridOptions): GridApi;
}

declare module 'tabulator-tables' {
  import type { Row } from '../../../server/wire/change.ts';

  export interface Sorter {
    column: string;
    dir: 'asc' | 'desc';
  }

  export interface RowComponent {
    getData(): Row;
    update(data: Row): Promise<void>;
    delete(): Promise<void>;
  }

  export interface Options {
    data: Row[];
    index: string;
    columns: { field: string; title: string }[];
    layout: 'fitColumns';
    height: string;
    rowHeight: number;
    initialSort?: Sorter[];
  }

  export class TabulatorFull {
    constructor(element: HTMLElement, options: Options);
    on(event: 'tableBuilt', fn: () => void): void;
    addData(rows: Row[]): Promise<RowComponent[]>;
    getRows(): RowComponent[];
    getDataCount(): number;
    setSort(sorters: Sorter[]): void;
    blockRedraw(): void;
    restoreRedraw(): void;
  }
}

declare module '@revolist/revogrid/loader' {
  import type { Row } from '../../../server/wire/change.ts';

  interface Sorting {
    prop: string;
    order: 'asc' | 'desc';
  }

  global {
    interface HTMLRevoGridElement extends HTMLElement {
      columns: { prop: string; name: string; size: number; sortable: boolean }[];
      source: Row[];
      sorting: { columns: Sorting[] };
      rowSize: number;
      readonly: boolean;
      refresh(part: 'rgRow'): Promise<void>;
      updateColumnSorting(
        column: { prop: string },
        order: Sorting['order'],
        additive: boolean,
      ): Promise<void>;
    }
    interface HTMLElementTagNameMap {
      'revo-grid': HTMLRevoGridElement;
    }
  }

  export function defineCustomElements(): void;
}
