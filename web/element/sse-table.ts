/**
 * `<sse-table src>`: a live table. Shares the feed of its `src`, draws its rows when the schedule says
 * so, and says honestly how fresh they are.
 *
 * @see FRONTEND 1–4
 */
import { LitElement, type PropertyValues } from 'lit';
import type { Feed, FeedState } from '../feed/feed.ts';
import type { Rows } from '../feed/rows.ts';
import type { ColumnOptions } from '../grid/columns.ts';
import { type ExportFormat, saveAs } from '../grid/export.ts';
import { addressWith, type Filters } from '../grid/filter.ts';
import { formatSort, parseSort, toggleSort } from '../grid/sort.ts';
import { languageOf } from '../wording/language.ts';
import type { Texts } from '../wording/text.ts';
import { Wording } from '../wording/wording.ts';
import { companionStyle } from './companion-style.ts';
import { FeedWatch } from './feed-watch.ts';
import { FRESH, freshnessOf } from './freshness.ts';
import { COLUMN_CHANGE, columnsIn } from './sse-column.ts';
import { tableStyle } from './sse-table-style.ts';
import { tableEvent } from './table-events.ts';
import { TablePainter } from './table-painter.ts';
import { tableProperties } from './table-properties.ts';
import { shell } from './table-shell.ts';

/** How often times that age, the banner and the spoken state are looked at. */
const TICK_MS = 1_000;

/** Ticks between two rewritings of relative times. */
const AGE_TICKS = 10;

const DEFAULT_DEBOUNCE_MS = 100;

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
  /** Texts of your own, over the built-in ones. */
  declare texts: Partial<Texts> | undefined;

  readonly #painter: TablePainter;
  readonly #watch: FeedWatch;
  #undo: (() => void)[] = [];
  #attachedTo: string | undefined;
  #spokenState: FeedState | undefined;
  #announcement = '';
  #ticks = 0;

  constructor() {
    super();
    this.paused = false;
    this.searchable = false;
    this.filterable = false;
    this.remote = false;
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
      onSort: (field, keepsOthers) => this.#sortBy(field, keepsOthers),
      onSelect: () => this.dispatchEvent(tableEvent('sse-table-select', { keys: this.selected })),
      onChanges: (changes) =>
        this.dispatchEvent(tableEvent('sse-table-change', { size: this.rows.size, changes })),
      requestUpdate: () => this.requestUpdate(),
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
    saveAs(this.rows.table || 'rows', this.export(format), format);
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
    const onVisibility = () => {
      this.#painter.skipMarks();
      this.#painter.schedule.request();
    };
    const language = new MutationObserver(() => this.requestUpdate());
    language.observe(document.documentElement, { attributeFilter: ['lang'] });
    const children = new MutationObserver(() => this.#painter.forgetColumns());
    children.observe(this, { childList: true });
    const timer = setInterval(() => this.#tick(), TICK_MS);
    document.addEventListener('visibilitychange', onVisibility);
    this.#undo = [
      () => language.disconnect(),
      () => children.disconnect(),
      () => clearInterval(timer),
      () => document.removeEventListener('visibilitychange', onVisibility),
    ];
    if (this.hasUpdated) {
      this.#attach();
      this.#undo.push(this.#painter.connect());
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const undo of this.#undo) undo();
    this.#undo = [];
    this.#attach();
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#painter.schedule.debounceMs = this.debounce ?? DEFAULT_DEBOUNCE_MS;
    this.#useLanguage(changed.has('texts'));
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
    const feed = this.feed;
    const wording = this.#painter.wording;
    return shell({
      wording,
      label: this.label || this.rows.table || wording.texts.table,
      showsLabel: Boolean(this.label),
      state: feed === undefined ? undefined : this.state,
      freshness:
        feed === undefined
          ? FRESH
          : freshnessOf(feed, this.#watch.troubleSince, Date.now(), wording),
      size: this.#painter.shownSize,
      total: this.#painter.totalSize,
      moved: this.#painter.moved,
      sort: parseSort(this.sort ?? ''),
      search: this.search ?? '',
      searchable: this.searchable,
      filters: this.filters ?? {},
      filterable: this.filterable,
      remote: this.remote,
      loaded: feed?.loaded,
      isFirst: !this.#painter.hasDrawn,
      paused: this.paused,
      waiting: this.waiting,
      columns: this.#painter.layout.columns,
      announcement: this.#announcement,
      onPause: () => {
        this.paused = !this.paused;
      },
      onRetry: () => this.retryNow(),
      onApply: () => this.#painter.apply(),
      onSearch: (text) => {
        this.search = text;
      },
      onFilter: (field, text) => {
        this.filters = { ...this.filters, [field]: text };
      },
      onSort: (field, keepsOthers) => this.#sortBy(field, keepsOthers),
    });
  }

  protected override firstUpdated(): void {
    this.#painter.mount(this.renderRoot);
    this.#undo.push(this.#painter.connect());
  }

  #useLanguage(hasNewTexts: boolean): void {
    const language = languageOf(this);
    if (language === this.#painter.wording.locale && !hasNewTexts) return;
    this.#painter.wording = new Wording(language, this.texts);
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
    this.#watch.join(wanted, this.credentials ?? undefined, this.staleAfter ?? undefined);
    this.#painter.setFeed(this.feed);
  }

  #onPaused(): void {
    if (!this.paused) this.#painter.thaw();
    this.#watch.check();
    this.#painter.schedule.requestNow();
  }

  #tick(): void {
    this.#ticks++;
    const { state } = this;
    if (state !== 'live') this.requestUpdate();
    if (state !== this.#spokenState && this.feed !== undefined) {
      // Spoken at most once a second, and only what still holds then.
      this.#spokenState = state;
      this.#announcement = this.#painter.wording.texts[state];
      this.requestUpdate();
    }
    this.#painter.tick(this.#ticks % AGE_TICKS === 0);
  }
}
