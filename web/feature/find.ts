/**
 * Ctrl+F in a table that has not all its rows in the DOM: a bar that finds in every row, goes from one
 * to the next and marks what it found. A second Ctrl+F is the browser's own, and so is the first where
 * the table is out of sight.
 *
 * @see FRONTEND 3, 4 "find in virtual rows"
 */
import { html, nothing } from 'lit';
import type { HeldRow } from '../feed/rows.ts';
import { fill } from '../wording/text.ts';
import { adoptStyle } from './adopt-style.ts';
import { featureTexts } from './feature-text.ts';
import { findStyle } from './find-style.ts';
import { findIn, MAX_FOUND, searchRows } from './row-search.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

const TEXTS = {
  find: ['Find in all rows', '在所有行中查找'],
  found: ['{at} of {count}', '{at} / {count}'],
  foundMore: ['{at} of more than {count}', '{at} / 超过 {count}'],
  none: ['Not found', '未找到'],
  next: ['Next', '下一个'],
  previous: ['Previous', '上一个'],
  close: ['Close', '关闭'],
} as const;

/** The name of the highlight: one for all tables of a page. */
const HIGHLIGHT = 'sse-table-find';

/** Waits for Ctrl+F. */
export function start(host: FeatureHost): TableFeature {
  return new Find(host);
}

class Find implements TableFeature {
  readonly #host: FeatureHost;
  readonly #undo: (() => void)[];
  readonly #ranges = new Set<Range>();
  #isOpen = false;
  #wanted = '';
  #found: readonly HeldRow[] = [];
  #isDone = true;
  #at = -1;
  #search: AbortController | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
    const abort = new AbortController();
    const { signal } = abort;
    document.addEventListener('keydown', (event) => this.#onPageKey(event), { signal });
    this.#undo = [adoptStyle(host.element, findStyle.styleSheet), () => abort.abort()];
  }

  panel(): unknown {
    if (!this.#isOpen) return nothing;
    const texts = featureTexts(TEXTS, this.#host.view.wording);
    return html`<div class="find" part="find" role="search" @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
      <input
        type="search"
        part="find-input"
        placeholder=${texts.find}
        aria-label=${texts.find}
        @input=${(event: Event) => this.#onInput(event)}
      >
      <span role="status">${this.#wanted === '' ? nothing : this.#result(texts)}</span>
      <button type="button" part="button" aria-label=${texts.previous} @click=${() => this.#go(-1)}>↑</button>
      <button type="button" part="button" aria-label=${texts.next} @click=${() => this.#go(1)}>↓</button>
      <button type="button" part="button" @click=${() => this.#setOpen(false)}>${texts.close}</button>
    </div>`;
  }

  /** Marks what is found in the rows that are drawn. */
  drawn(): void {
    const highlights = highlightRegistry();
    if (highlights === undefined || (this.#wanted === '' && this.#ranges.size === 0)) return;
    const { scroller } = this.#host;
    const highlight = highlights.get(HIGHLIGHT) ?? new Highlight();
    for (const range of this.#ranges) highlight.delete(range);
    this.#ranges.clear();
    if (this.#wanted !== '') {
      for (const { element } of scroller.painted) {
        for (const range of rangesIn(element, this.#wanted)) {
          this.#ranges.add(range);
          highlight.add(range);
        }
      }
    }
    highlights.set(HIGHLIGHT, highlight);
  }

  close(): void {
    this.#forget();
    for (const undo of this.#undo) undo();
  }

  #onPageKey(event: KeyboardEvent): void {
    if (event.key !== 'f' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    const { top, bottom } = this.#host.element.getBoundingClientRect();
    if (event.defaultPrevented || this.#isOpen || bottom <= 0 || top >= innerHeight) return;
    event.preventDefault();
    this.#setOpen(true);
  }

  #setOpen(isOpen: boolean): void {
    const { element, parts } = this.#host;
    this.#isOpen = isOpen;
    element.requestUpdate();
    if (isOpen) this.#focus();
    else {
      this.#forget();
      parts.box.focus({ preventScroll: true });
    }
  }

  #forget(): void {
    this.#search?.abort();
    this.#wanted = '';
    this.#found = [];
    this.drawn();
  }

  #focus(): void {
    const input = this.#host.element.shadowRoot?.querySelector('.find input');
    if (input instanceof HTMLInputElement) input.focus();
    else if (this.#isOpen) requestAnimationFrame(() => this.#focus()); // not there yet
  }

  #result(texts: { [Name in keyof typeof TEXTS]: string }): string {
    const { wording } = this.#host.view;
    const count = this.#found.length;
    if (count === 0) return this.#isDone ? texts.none : '…';
    const isMore = !this.#isDone || count === MAX_FOUND;
    return fill(isMore ? texts.foundMore : texts.found, {
      at: wording.count(this.#at + 1),
      count: wording.count(count),
    });
  }

  #onInput({ target }: Event): void {
    if (!(target instanceof HTMLInputElement)) return;
    const { element, view } = this.#host;
    this.#search?.abort();
    this.#search = new AbortController();
    this.#wanted = target.value.toLowerCase();
    this.#found = [];
    this.#at = -1;
    this.#isDone = false;
    view.schedule.requestNow();
    element.requestUpdate();
    if (this.#wanted === '') return;
    const { signal } = this.#search;
    searchRows(view.list, view.layout.columns, this.#wanted, signal, (found, isDone) => {
      this.#found = found;
      this.#isDone = isDone;
      if (this.#at === -1) this.#go(1);
      element.requestUpdate();
    }).catch((error: unknown) => console.error('<sse-table>: cannot find', error));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#setOpen(false);
    else if (event.key === 'Enter') this.#go(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  }

  /** Goes to the next row found, or the one before, and round. Rows that are gone are passed over. */
  #go(step: 1 | -1): void {
    const { element, grid, view } = this.#host;
    const count = this.#found.length;
    for (let tries = 0; tries < count; tries++) {
      this.#at = (this.#at + step + count) % count;
      const held = this.#found[this.#at];
      if (held === undefined || view.list.indexOf(held) === -1) continue;
      grid.activate(held, Math.max(0, findIn(held, view.layout.columns, this.#wanted)));
      break;
    }
    element.requestUpdate();
  }
}

/** Not every browser has it; the active cell shows where the text is all the same. */
function highlightRegistry(): HighlightRegistry | undefined {
  return 'highlights' in CSS ? CSS.highlights : undefined;
}

/** Where a text is in the cells of a row. */
function rangesIn(element: HTMLElement, wanted: string): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.toLowerCase() ?? '';
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
}
