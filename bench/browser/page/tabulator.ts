/**
 * Tabulator, by its row components: `updateData` of the table looks every row up from the start.
 */
import 'tabulator-tables/dist/css/tabulator.min.css';
import { type RowComponent, TabulatorFull as Tabulator } from 'tabulator-tables';
import type { Change, Key, Row } from '../../../server/wire/change.ts';
import { Gather, type Gathered, keyOf } from './gather.ts';
import { type FedGrid, FIELDS, type GridOptions, ROW_HEIGHT } from './grid.ts';
import { runFedPage } from './page.ts';

const SORT = [{ column: 'price', dir: 'desc' as const }];

class TabulatorGrid implements FedGrid {
  readonly root: HTMLElement;
  readonly rowSelector = '.tabulator-row';
  readonly headerHeight = 0;
  readonly #sorted: boolean;
  readonly #gather = new Gather((gathered) => this.#merge(gathered));
  #table: Tabulator | undefined;
  /** Rows that came while the table was set up. */
  #waiting: Row[] = [];
  #byKey: Map<Key, RowComponent> | undefined;
  #isBuilt = false;

  constructor(host: HTMLElement, { sorted }: GridOptions) {
    this.root = host;
    this.#sorted = sorted;
  }

  get scroller(): HTMLElement | undefined {
    return this.root.querySelector<HTMLElement>('.tabulator-tableholder') ?? undefined;
  }

  get size(): number {
    return this.#isBuilt ? (this.#table?.getDataCount() ?? 0) : 0;
  }

  load(rows: Row[]): void {
    const element = document.createElement('div');
    this.root.append(element);
    const table = new Tabulator(element, {
      data: rows,
      index: 'id',
      columns: FIELDS.map((field) => ({ field, title: field })),
      layout: 'fitColumns',
      height: '800px',
      rowHeight: ROW_HEIGHT,
      ...(this.#sorted ? { initialSort: SORT } : {}),
    });
    table.on('tableBuilt', () => {
      this.#isBuilt = true;
      this.append([]);
    });
    this.#table = table;
  }

  append(rows: Row[]): void {
    this.#waiting.push(...rows);
    if (!this.#isBuilt || this.#waiting.length === 0) return;
    this.#table?.addData(this.#waiting);
    this.#waiting = [];
  }

  finish(): void {
    this.#sort();
  }

  apply(changes: readonly Change[]): void {
    this.#gather.take(changes);
  }

  #merge({ added, updated, removed }: Gathered): void {
    const table = this.#table;
    if (table === undefined || !this.#isBuilt) return;
    const byKey = this.#rowComponents(table);
    table.blockRedraw();
    for (const key of removed) {
      byKey.get(key)?.delete();
      byKey.delete(key);
    }
    for (const data of updated) byKey.get(keyOf(data))?.update(data);
    if (added.length > 0) {
      table.addData(added).then((rows) => {
        for (const row of rows) byKey.set(keyOf(row.getData()), row);
      });
    }
    this.#sort();
    table.restoreRedraw();
  }

  #sort(): void {
    if (this.#sorted && this.#isBuilt) this.#table?.setSort(SORT);
  }

  #rowComponents(table: Tabulator): Map<Key, RowComponent> {
    this.#byKey ??= new Map(table.getRows().map((row) => [keyOf(row.getData()), row]));
    return this.#byKey;
  }
}

runFedPage((host, options) => new TabulatorGrid(host, options));
