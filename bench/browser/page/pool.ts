/**
 * The floor: a pool of rows written by hand for this one table, with nothing that a grid must have
 * beside it. No formats, no marks, no keyboard, no accessibility, no columns to choose.
 */
import type { Change, Key, Row } from '../../../server/wire/change.ts';
import { Gather, type Gathered, keyOf } from './gather.ts';
import { type FedGrid, FIELDS, type GridOptions, ROW_HEIGHT } from './grid.ts';
import { runFedPage } from './page.ts';

/** Rows beyond each edge. */
const OVERSCAN = 8;

interface Line {
  readonly element: HTMLElement;
  readonly texts: readonly Text[];
}

class Pool implements FedGrid {
  readonly root: HTMLElement;
  readonly rowSelector = '.row';
  readonly scroller: HTMLElement;
  readonly headerHeight = 0;
  readonly #sorted: boolean;
  readonly #spacer = document.createElement('div');
  readonly #body = document.createElement('div');
  readonly #byKey = new Map<Key, Row>();
  readonly #lines: Line[] = [];
  readonly #gather = new Gather((gathered) => this.#merge(gathered));
  #rows: Row[] = [];

  constructor(host: HTMLElement, { sorted }: GridOptions) {
    this.root = host;
    this.#sorted = sorted;
    this.scroller = document.createElement('div');
    this.scroller.className = 'pool';
    this.#spacer.append(this.#body);
    this.scroller.append(this.#spacer);
    host.append(this.scroller);
    const visible = Math.ceil(host.clientHeight / ROW_HEIGHT) + 1 + 2 * OVERSCAN;
    for (let at = 0; at < visible; at++) this.#lines.push(this.#createLine());
    this.scroller.addEventListener('scroll', () => this.#draw(), { passive: true });
  }

  get size(): number {
    return this.#rows.length;
  }

  load(rows: Row[]): void {
    this.append(rows);
    requestAnimationFrame(() => this.#draw());
  }

  append(rows: Row[]): void {
    for (const row of rows) {
      this.#byKey.set(keyOf(row), row);
      this.#rows.push(row);
    }
  }

  finish(): void {
    this.#sort();
    requestAnimationFrame(() => this.#draw());
  }

  apply(changes: readonly Change[]): void {
    this.#gather.take(changes);
  }

  #merge({ added, updated, removed }: Gathered): void {
    for (const data of updated) {
      const row = this.#byKey.get(keyOf(data));
      if (row !== undefined) Object.assign(row, data);
    }
    if (removed.length > 0) {
      const gone = new Set(removed);
      for (const key of removed) this.#byKey.delete(key);
      this.#rows = this.#rows.filter((row) => !gone.has(keyOf(row)));
    }
    this.append(added);
    this.#sort();
    requestAnimationFrame(() => this.#draw());
  }

  #sort(): void {
    if (this.#sorted) this.#rows.sort((a, b) => Number(b.price) - Number(a.price));
  }

  #draw(): void {
    const height = `${this.#rows.length * ROW_HEIGHT}px`;
    if (this.#spacer.style.height !== height) this.#spacer.style.height = height;
    const top = Math.floor(this.scroller.scrollTop / ROW_HEIGHT) - OVERSCAN;
    const first = Math.max(0, Math.min(top, this.#rows.length - this.#lines.length));
    this.#body.style.transform = `translateY(${first * ROW_HEIGHT}px)`;
    for (const [at, { element, texts }] of this.#lines.entries()) {
      const row = this.#rows[first + at];
      if (element.isConnected !== (row !== undefined)) {
        if (row === undefined) element.remove();
        else this.#body.append(element);
      }
      if (row === undefined) continue;
      for (const [column, text] of texts.entries()) {
        const shown = String(row[FIELDS[column] ?? ''] ?? '');
        if (text.data !== shown) text.data = shown;
      }
    }
  }

  #createLine(): Line {
    const element = document.createElement('div');
    element.className = 'row';
    const texts = FIELDS.map(() => document.createTextNode(''));
    for (const text of texts) {
      const cell = document.createElement('div');
      cell.className = 'cell';
      cell.append(text);
      element.append(cell);
    }
    return { element, texts };
  }
}

runFedPage((host, options) => new Pool(host, options));
