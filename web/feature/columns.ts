/**
 * Columns that the reader arranges: wider, elsewhere, out of sight or always in it. Kept under the name
 * in `persist`, together with the order of the rows.
 *
 * @see FRONTEND 4 "Columns"
 */
import type { ViewColumn } from '../grid/columns.ts';
import { adoptStyle } from './adopt-style.ts';
import { ColumnArrangement } from './column-arrangement.ts';
import { watchColumnDrag } from './column-drag.ts';
import { COLUMN_TEXTS, columnMenu } from './column-menu.ts';
import { columnsStyle } from './columns-style.ts';
import { featureTexts } from './feature-text.ts';
import type { FeatureHost, TableFeature } from './table-feature.ts';

/** What arrangements are kept under, before their name. */
const STORAGE_PREFIX = 'sse-table:';

/** Lets the reader arrange the columns of a table. */
export function start(host: FeatureHost): TableFeature {
  return new Columns(host);
}

class Columns implements TableFeature {
  readonly #host: FeatureHost;
  readonly #arrangement = new ColumnArrangement();
  /** Widths and places that stay in sight: rules, since a strict CSP lets nothing else be written. */
  readonly #sheet = new CSSStyleSheet();
  readonly #undo: (() => void)[];
  #all: readonly ViewColumn[] = [];
  #shownWidths: readonly number[] | undefined;
  #kept: string | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
    const { element, parts } = host;
    this.#undo = [
      adoptStyle(element, columnsStyle.styleSheet),
      adoptStyle(element, this.#sheet),
      watchColumnDrag(parts.header, {
        widthAt: (index) => this.#widthAt(index),
        onResize: (index, width) => {
          // Those before it stay as they are, so that the edge stays under the pointer.
          for (let before = 0; before < index; before++) {
            const field = this.#fieldAt(before);
            if (this.#arrangement.width(field) === undefined)
              this.#arrangement.setWidth(field, this.#widthAt(before));
          }
          this.#arrangement.setWidth(this.#fieldAt(index), width);
          this.#layOut();
        },
        onResetWidth: (index) =>
          this.#change((all) => all.setWidth(this.#fieldAt(index), undefined)),
        onMove: (index, to) => {
          const before = this.#columns[to]?.field;
          this.#change((all) => all.move(this.#all, this.#fieldAt(index), before));
        },
        onEnd: () => {
          this.#keep();
          element.requestUpdate();
        },
      }),
    ];
    this.#restore();
    host.view.forgetColumns();
  }

  tools(): unknown {
    const { view } = this.#host;
    return columnMenu({
      texts: featureTexts(COLUMN_TEXTS, view.wording),
      columns: this.#arrangement.sort(this.#all),
      arrangement: this.#arrangement,
      widthOf: (field) => this.#widthAt(this.#columns.findIndex((c) => c.field === field)),
      change: (change) => this.#change(change),
      move: (field, by) => this.#move(field, by),
      onToggle: (event) => this.#placeMenu(event),
    });
  }

  arrange(columns: readonly ViewColumn[]): readonly ViewColumn[] {
    this.#all = columns;
    return this.#arrangement.arrange(columns);
  }

  drawn(): void {
    // The order of the rows is part of what is kept.
    this.#keep();
    if (this.#host.view.layout.widths !== this.#shownWidths) this.#layOut();
  }

  close(): void {
    for (const undo of this.#undo) undo();
    this.#arrangement.reset();
    this.#host.view.forgetColumns();
  }

  get #columns(): readonly ViewColumn[] {
    return this.#host.view.layout.columns;
  }

  #fieldAt(index: number): string {
    return this.#columns[index]?.field ?? '';
  }

  /** As it is on the screen, rounded by nobody. */
  #widthAt(index: number): number {
    const heading = this.#host.parts.header.firstElementChild?.children[index];
    return heading?.getBoundingClientRect().width ?? 0;
  }

  #change(change: (arrangement: ColumnArrangement) => void): void {
    change(this.#arrangement);
    this.#keep();
    this.#shownWidths = undefined;
    this.#host.view.forgetColumns();
    this.#host.element.requestUpdate();
  }

  #move(field: string, by: -1 | 1): void {
    const order = this.#arrangement.sort(this.#all);
    const at = order.findIndex((column) => column.field === field);
    const before = order[by === -1 ? at - 1 : at + 2]?.field;
    this.#change((all) => all.move(this.#all, field, before));
  }

  /** Writes the rules for widths and for columns that stay in sight. */
  #layOut(): void {
    const { layout } = this.#host.view;
    const arrangement = this.#arrangement;
    this.#shownWidths = layout.widths;
    let least = 0;
    const tracks: string[] = [];
    const pins: string[] = [];
    for (const [index, { field }] of layout.columns.entries()) {
      const width = arrangement.width(field) ?? layout.widths[index] ?? 0;
      const isPinned = arrangement.isPinned(field);
      if (isPinned) pins.push(pinRule(index, least));
      const isFixed = isPinned || arrangement.width(field) !== undefined;
      tracks.push(isFixed ? `${width}px` : `minmax(${width}px, ${width}fr)`);
      least += width;
    }
    // The table's own are set on its element; from in here only !important is over them.
    const widths = `:host{--_tracks:${tracks.join(' ') || 'none'}!important;--_least-width:${least}px!important}`;
    this.#sheet.replaceSync(widths + pins.join(''));
  }

  #placeMenu({ target }: Event): void {
    const button = this.#host.element.shadowRoot?.querySelector('[popovertarget=columns]');
    if (!(target instanceof HTMLElement) || !button) return;
    const { bottom, right } = button.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    const { style } = target;
    style.setProperty('--_menu-top', `${Math.min(bottom, clientHeight / 2)}px`);
    style.setProperty('--_menu-right', `${clientWidth - right}px`);
  }

  #restore(): void {
    const { persist } = this.#host.element;
    if (!persist) return;
    try {
      const text = localStorage.getItem(STORAGE_PREFIX + persist);
      if (text === null) return;
      const kept: unknown = JSON.parse(text);
      this.#arrangement.restore(kept);
      if (typeof kept === 'object' && kept !== null && 'sort' in kept) {
        if (typeof kept.sort === 'string') this.#host.element.sort = kept.sort;
      }
      this.#kept = text;
    } catch {
      // No storage, or not ours: the page's own arrangement is shown.
    }
  }

  #keep(): void {
    const { persist, sort } = this.#host.element;
    if (!persist) return;
    const text = JSON.stringify({ ...this.#arrangement.toJSON(), sort: sort ?? '' });
    if (text === this.#kept) return;
    this.#kept = text;
    try {
      localStorage.setItem(STORAGE_PREFIX + persist, text);
    } catch {
      // No storage, or no room: the arrangement lasts as long as the page.
    }
  }
}

/** Keeps the column at a position in sight, `start` px from the edge at which lines begin. */
function pinRule(index: number, start: number): string {
  const declarations = `position:sticky;inset-inline-start:${start}px;z-index:1;background:inherit`;
  const cell = `.row>.cell:nth-child(${index + 1})`;
  // A mark that can be seen through would show what scrolls by underneath.
  const mark = 'color-mix(in srgb,var(--_flash) var(--_mark,85%),var(--_surface))';
  return `${cell}{${declarations}}${cell}[data-flash]{background:${mark}}`;
}
