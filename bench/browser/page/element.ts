/**
 * Ours, as a page would use it: the files that are shipped.
 */
import type { SseTable } from '../../../web/element/sse-table.ts';
import { FIELDS, type Grid, type GridOptions } from './grid.ts';
import { runPage, STREAM } from './page.ts';

/** Not a literal in `import()`: it stays the file it is. */
const FILE = '/sse-table.js';

await import(FILE);
runPage(createTable);

function createTable(host: HTMLElement, { sorted }: GridOptions): Grid {
  const table: SseTable = document.createElement('sse-table');
  table.columns = FIELDS.map((field) => ({ field, format: 'text' }));
  if (sorted) table.sort = 'price.desc';
  table.src = STREAM;
  host.append(table);
  const root = table.shadowRoot;
  if (root === null) throw new TypeError('the element is not defined');
  const find = (selector: string) => root.querySelector<HTMLElement>(selector) ?? undefined;
  return {
    root,
    rowSelector: '.body > .row',
    get scroller() {
      return find('.scroller');
    },
    get headerHeight() {
      return find('.head')?.offsetHeight ?? 0;
    },
    get size() {
      return table.feed?.loaded === undefined ? table.rows.size : 0;
    },
  };
}
