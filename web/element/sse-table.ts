/**
 * `<sse-table src>`: a live table. Shares the feed of its `src`, draws its rows when the schedule says
 * so, and says honestly how fresh they are.
 *
 * @see FRONTEND 1–4
 */
import { LitElement, type PropertyValues } from 'lit';
import type { WriteRow } from '../feature/row-writer.ts';
import type { Feed, FeedState } from '../feed/feed.ts';
import type { Rows } from '../feed/rows.ts';
import type { ColumnOptions } from '../grid/columns.ts';
import type { ExportFormat } from '../grid/export.ts';
import { addressWith, type Filters } from '../grid/filter.ts';
import { formatSort, parseSort, toggleSort } from '../grid/sort.ts';
import { companionStyle } from './companion-style.ts';
import { FeatureSet } from './feature-set.ts';
import { FeedWatch } from './feed-watch.ts';
import { FRESH, freshnessOf } from './freshness.ts';
import { PrintedTable } from './printed-table.ts';
import { COLUMN_CHANGE, columnsIn } from './sse-column.ts';
import { tableStyle } from './sse-table-style.ts';
import { tableEvent } from './table-events.ts';
import { TableLanguage } from './table-language.ts';
import { TablePainter } from './table-painter.ts';
import { tableProperties } from './table-properties.ts';
import { shell } from './table-shell.ts';
import { watchPage } from './watch-page.ts';

const DEFAULT_DEBOUNCE_MS = 100;

/** Formats that come in a file of their own. */
const RARE_FORMATS = /^(bytes|relative|spark)$/;

/** A live table. */
export class SseTable extends LitElement {
  static override styles = [companionStyle, tableStyle];
  static override properties = tableProperties;

  /** The address of the stream. */
  declare src: string | undefined;
  /** The least time between two draws, in ms: 100; 0 draws in every frame. */
  declare debounce: number | undefined;
  /** Silence in ms after which rows count as stale; by default 2.5 of the server's heartbeats. */
  declare staleAfter: number | undefined;
  /** BCP 47; by default the nearest `lang`, else the browser's. */
  declare lang: string;
  /** What the table is called, on the page and by screen readers. */
  declare label: string | undefined;
  /** `light` or `dark`; by default the page's `color-scheme`. */
  declare theme: string | undefined;
  /** As for `fetch`: `include` sends cookies to another origin. */
  declare credentials: RequestCredentials | undefined;
  /** Painting stands still; merging goes on. */
  declare paused: boolean;
  /** The order: `score.desc,name`. Changes as the reader uses the headings. */
  declare sort: string | null | undefined;
  /** Words that each row shown holds. Changes as the reader types. */
  declare search: string | null | undefined;
  /** A search box in the toolbar. */
  declare searchable: boolean;
  /** A filter under each heading. */
  declare filterable: boolean;
  /** Filters by column: `>80`, `=Paris`, or a text to be contained. Another object for each change. */
  declare filters: Filters | undefined;
  /** Filters are the server's work, by parameters of the view. */
  declare remote: boolean;
  /** The columns to show; over `<sse-column>` children, over those of the stream. */
  declare columns: readonly ColumnOptions[] | undefined;
  /** Texts of your own by their names, over the built-in ones. */
  declare texts: Readonly<Record<string, string>> | undefined;
  /** Columns can be widened, moved, pinned and hidden. */
  declare arrangeable: boolean;
  /** Cells can be edited and rows deleted. */
  declare editable: boolean;
  /** The page's own way to write; by default `PATCH` and `DELETE` beside `src`. */
  declare write: WriteRow | undefined;
  /** Shows what the table is doing, in numbers; `?debug` in the page's address does so as well. */
  declare debug: boolean;
  /** As `arrangeable`; the arrangement and the order are kept under this name. */
  declare persist: string | null | undefined;

  readonly #painter: TablePainter;
  readonly #language: TableLanguage;
  #features: FeatureSet | undefined;
  readonly #watch: FeedWatch;
  #undo: (() => void)[] = [];
  #attachedTo: string | undefined;
  readonly #printed = new PrintedTable();
  #spokenState: FeedState | undefined;
  #announcement = '';

  constructor() {
    super();
    this.paused = false;
    this.searchable = false;
    this.filterable = false;
    this.remote = false;
    this.arrangeable = false;
    this.editable = false;
    this.debug = false;
    this.#watch = new FeedWatch({
      state: () => this.state,
      onState: (state, previous) =>
        this.dispatchEvent(tableEvent('sse-table-state', { state, previous })),
      onProblem: (problem) => this.dispatchEvent(tableEvent('sse-table-error', problem)),
      requestUpdate: () => this.requestUpdate(),
    });
    this.addEventListener(COLUMN_CHANGE, () => this.#painter.forgetColumns());
    const { style } = this;
    this.#painter = new TablePainter({
      style,
      isPaused: () => this.paused,
      declaredColumns: () => this.columns ?? columnsIn(this),
      arrange: (columns) => this.#features?.arrange(columns) ?? columns,
      onDrawn: (drawMs) => this.#features?.drawn(drawMs),
      onSort: (field, keepsOthers) => this.#sortBy(field, keepsOthers),
      onSelect: () => this.dispatchEvent(tableEvent('sse-table-select', { keys: this.selected })),
      onChanges: (changes) =>
        this.dispatchEvent(tableEvent('sse-table-change', { size: this.rows.size, changes })),
      requestUpdate: () => this.requestUpdate(),
    });
    this.#language = new TableLanguage(this, (wording) => {
      this.#painter.wording = wording;
      this.requestUpdate();
    });
  }

  /** The rows held, in insertion order; iterable. Live objects: copy what you keep. */
  get rows(): Rows {
    return this.#painter.rows;
  }

  /** The connection, shared by all elements with this `src`; undefined without one. */
  get feed(): Feed | undefined {
    return this.#watch.feed;
  }

  get state(): FeedState {
    const state = this.feed?.state ?? 'connecting';
    return this.paused && state === 'live' ? 'paused' : state;
  }

  /** Row changes merged but not drawn yet: what waits while paused. */
  get waiting(): number {
    return this.#painter.waiting;
  }

  /** Stops painting; what arrives is merged and counted. */
  pause(): void {
    this.paused = true;
  }

  /** Paints what waited, and goes on. */
  resume(): void {
    this.paused = false;
  }

  /** Connects at once instead of waiting for the back-off. */
  retryNow(): void {
    this.feed?.retryNow();
  }

  /** The keys of the selected rows. Set it to select others. */
  get selected(): string[] {
    return this.#painter.grid?.selected.map(({ key }) => key) ?? [];
  }

  set selected(keys: Iterable<string | number>) {
    const rows = Array.from(keys, (key) => this.rows.held(key));
    this.#painter.grid?.select(rows.filter((held) => held !== undefined));
  }

  /** The rows shown, in their order: CSV, JSON, or TSV with the values as they are shown. */
  export(format: ExportFormat = 'csv'): string {
    return this.#painter.export(format);
  }

  /** Saves the rows shown as a file named after the table. */
  download(format: ExportFormat = 'csv'): void {
    const rows = this.export(format);
    import('../feature/save.ts').then(
      ({ saveAs }) => saveAs(this.rows.table || 'rows', rows, format),
      console.error,
    );
  }

  /** Brings a row into sight. @returns whether the table has it. */
  scrollToKey(key: string | number): boolean {
    const held = this.rows.held(key);
    const index = held === undefined ? -1 : this.#painter.list.indexOf(held);
    if (index === -1) return false;
    this.#painter.scrollToIndex(index);
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const unwatch = watchPage(this, {
      onTick: (ages) => this.#tick(ages),
      onVisibility: () => {
        this.#painter.skipMarks();
        this.#painter.schedule.request();
      },
      onLanguage: () => this.requestUpdate(),
      onChildren: () => this.#painter.forgetColumns(),
    });
    this.#undo = [unwatch];
    if (this.hasUpdated) {
      this.#attach();
      this.#undo.push(this.#painter.connect());
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const undo of this.#undo) undo();
    this.#undo = [];
    this.#features?.close();
    this.#attach();
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#painter.schedule.debounceMs = this.debounce ?? DEFAULT_DEBOUNCE_MS;
    this.#language.use(this.texts);
    if (changed.has('sort') || changed.has('filters') || changed.has('search')) {
      const filters = (this.remote ? undefined : this.filters) ?? {};
      this.#painter.setQuery(parseSort(this.sort ?? ''), filters, this.search ?? '');
    }
    if (changed.has('credentials') || this.#address() !== this.#attachedTo) this.#attach();
    if (changed.has('staleAfter') && this.feed !== undefined) {
      this.feed.staleAfterMs = this.staleAfter ?? undefined;
    }
    if (changed.has('columns')) this.#painter.forgetColumns();
    if (changed.has('paused') && changed.get('paused') !== undefined) this.#onPaused();
  }

  protected override render() {
    const { feed } = this;
    const { wording } = this.#painter;
    return shell({
      table: this,
      view: this.#painter,
      freshness:
        feed === undefined
          ? FRESH
          : freshnessOf(feed, this.#watch.troubleSince, Date.now(), wording),
      announcement: this.#announcement,
      isPrinted: this.#printed.isShown,
      tools: this.#features?.templates('tools'),
      panels: this.#features?.templates('panel'),
      onSort: (field, keepsOthers) => this.#sortBy(field, keepsOthers),
    });
  }

  protected override firstUpdated(): void {
    this.#features = new FeatureSet({
      ...this.#painter.mount(this.renderRoot),
      element: this,
      view: this.#painter,
      onEdit: (detail) => this.dispatchEvent(tableEvent('sse-table-edit', detail)),
      announce: (text) => {
        this.#announcement = text;
        this.requestUpdate();
      },
    });
    this.#undo.push(this.#painter.connect());
  }

  protected override updated(): void {
    const { layout, isWindowed, hasDrawn } = this.#painter;
    this.#features?.want({
      columns: this.arrangeable || Boolean(this.persist),
      editing: this.editable,
      debug: this.debug || location.search.includes('debug'),
      find: isWindowed,
      print: hasDrawn,
      formats: layout.columns.some(({ formatName }) => RARE_FORMATS.test(formatName ?? '')),
    });
    if (hasDrawn) this.#printed.remove();
  }

  #sortBy(field: string, keepsOthers: boolean): void {
    const sort = formatSort(toggleSort(parseSort(this.sort ?? ''), field, keepsOthers));
    this.sort = sort;
    this.dispatchEvent(tableEvent('sse-table-sort', { sort }));
  }

  /** Where the rows are asked for, filters of the server's included. */
  #address(): string | undefined {
    const { src, filters } = this;
    return src && this.remote && filters ? addressWith(src, filters) : src;
  }

  #attach(): void {
    const address = this.#address();
    this.#attachedTo = address;
    const wanted = this.isConnected ? address : undefined;
    if (wanted && this.#printed.read(this, () => this.#attach())) return;
    this.#watch.join(wanted, this.credentials, this.staleAfter, this.#printed.take());
    this.#painter.setFeed(this.feed);
  }

  #onPaused(): void {
    if (!this.paused) this.#painter.thaw();
    this.#watch.check();
    this.#painter.schedule.requestNow();
  }

  #tick(ages: boolean): void {
    const { state } = this;
    if (state !== 'live') this.requestUpdate();
    if (state !== this.#spokenState && this.feed !== undefined) {
      // Spoken at most once a second, and only what still holds then.
      this.#spokenState = state;
      this.#announcement = this.#painter.wording.texts[state];
      this.requestUpdate();
    }
    this.#painter.tick(ages);
  }
}
