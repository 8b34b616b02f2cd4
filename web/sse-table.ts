/**
 * `<sse-table src>`: a live table. Shares the feed of its `src`, draws its rows when the schedule says
 * so, and says honestly how fresh they are.
 *
 * @see FRONTEND 1–4
 */
import { LitElement, type PropertyValues } from 'lit';
import { ColumnLayout } from './column-layout.ts';
import type { ColumnOptions } from './columns.ts';
import { companionStyle } from './companion-style.ts';
import { browserDrawPage, DrawSchedule } from './draw-schedule.ts';
import type { Feed, FeedState } from './feed.ts';
import { FRESH, freshnessOf } from './freshness.ts';
import { FrozenView } from './frozen-view.ts';
import { languageOf } from './language.ts';
import { Rows } from './rows.ts';
import { Scroller } from './scroller.ts';
import { acquireFeed } from './shared-feed.ts';
import { COLUMN_CHANGE, SseColumn } from './sse-column.ts';
import { tableStyle } from './sse-table-style.ts';
import { tableEvent } from './table-events.ts';
import { shell } from './table-shell.ts';
import type { Texts } from './text.ts';
import { Wording } from './wording.ts';

/** How often times that age, the banner and the spoken state are looked at. */
const TICK_MS = 1_000;

/** Ticks between two rewritings of relative times. */
const AGE_TICKS = 10;

const DEFAULT_DEBOUNCE_MS = 100;

/** A live table. */
export class SseTable extends LitElement {
  static override styles = [companionStyle, tableStyle];
  static override properties = {
    src: { type: String },
    debounce: { type: Number },
    staleAfter: { type: Number, attribute: 'stale-after' },
    lang: { type: String },
    label: { type: String },
    theme: { type: String, reflect: true },
    credentials: { type: String },
    paused: { type: Boolean, reflect: true },
    columns: { attribute: false },
    texts: { attribute: false },
  };

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
  /** The columns to show; over `<sse-column>` children, over those of the stream. */
  declare columns: readonly ColumnOptions[] | undefined;
  /** Texts of your own, over the built-in ones. */
  declare texts: Partial<Texts> | undefined;

  #feed: Feed | undefined;
  #rows = new Rows();
  #undo: (() => void)[] = [];
  #leaveFeed: (() => void) | undefined;
  #scroller: Scroller | undefined;
  readonly #schedule = new DrawSchedule(browserDrawPage, () => this.#draw());
  #frozen: FrozenView | undefined;
  readonly #layout = new ColumnLayout();
  #lastState: FeedState | undefined;
  #troubleSince = 0;
  #spokenState: FeedState | undefined;
  #announcement = '';
  #lastProblem: unknown;
  #ticks = 0;
  #shownSize = 0;
  /** The snapshot, or its first part, has been drawn. */
  #hasDrawn = false;
  /** `Rows.changes` at the last draw. */
  #drawnChanges = 0;
  /** Whether the next draw may mark what changed: not after a snapshot, nor after being hidden. */
  #marks = false;
  #wording = new Wording('en');

  constructor() {
    super();
    this.paused = false;
  }

  /** The rows held, in insertion order; iterable. Live objects: copy what you keep. */
  get rows(): Rows {
    return this.#rows;
  }

  /** The connection, shared by all elements with this `src`; undefined without one. */
  get feed(): Feed | undefined {
    return this.#feed;
  }

  get state(): FeedState {
    const state = this.#feed?.state ?? 'connecting';
    return this.paused && state === 'live' ? 'paused' : state;
  }

  /** Row changes merged but not drawn yet: what waits while paused. */
  get waiting(): number {
    return this.#rows.changes - this.#drawnChanges;
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
    this.#feed?.retryNow();
  }

  /** Brings a row into sight. @returns whether the table has it. */
  scrollToKey(key: string | number): boolean {
    const held = this.#rows.held(key);
    const index = held === undefined ? -1 : (this.#frozen ?? this.#rows).indexOf(held);
    if (index === -1) return false;
    this.#scroller?.scrollToIndex(index);
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const onVisibility = () => {
      this.#marks = false;
      this.#schedule.request();
    };
    const language = new MutationObserver(() => this.requestUpdate());
    language.observe(document.documentElement, { attributeFilter: ['lang'] });
    const children = new MutationObserver(() => this.#forgetColumns());
    children.observe(this, { childList: true });
    const onColumn = () => this.#forgetColumns();
    const timer = setInterval(() => this.#tick(), TICK_MS);
    document.addEventListener('visibilitychange', onVisibility);
    this.addEventListener(COLUMN_CHANGE, onColumn);
    this.#undo = [
      () => language.disconnect(),
      () => children.disconnect(),
      () => clearInterval(timer),
      () => document.removeEventListener('visibilitychange', onVisibility),
      () => this.removeEventListener(COLUMN_CHANGE, onColumn),
      () => this.#schedule.cancel(),
    ];
    if (this.hasUpdated) {
      this.#attach();
      this.#connectScroller();
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const undo of this.#undo) undo();
    this.#undo = [];
    this.#leaveFeed?.();
    this.#leaveFeed = undefined;
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#schedule.debounceMs = this.debounce ?? DEFAULT_DEBOUNCE_MS;
    this.#useLanguage(changed.has('texts'));
    if (changed.has('src') || changed.has('credentials')) this.#attach();
    if (changed.has('staleAfter') && this.#feed !== undefined) {
      this.#feed.staleAfterMs = this.staleAfter ?? undefined;
    }
    if (changed.has('columns')) this.#forgetColumns();
    if (changed.has('paused') && changed.get('paused') !== undefined) this.#onPaused();
  }

  protected override render() {
    const feed = this.#feed;
    const wording = this.#wording;
    return shell({
      wording,
      label: this.label || this.#rows.table || wording.texts.table,
      showsLabel: Boolean(this.label),
      state: feed === undefined ? undefined : this.state,
      freshness:
        feed === undefined ? FRESH : freshnessOf(feed, this.#troubleSince, Date.now(), wording),
      size: this.#shownSize,
      loaded: feed?.loaded,
      isFirst: !this.#hasDrawn,
      paused: this.paused,
      waiting: this.waiting,
      columns: this.#layout.columns,
      announcement: this.#announcement,
      onPause: () => {
        this.paused = !this.paused;
      },
      onRetry: () => this.retryNow(),
    });
  }

  protected override firstUpdated(): void {
    const find = (selector: string): HTMLElement => {
      const element = this.renderRoot.querySelector(selector);
      if (element instanceof HTMLElement) return element;
      throw new TypeError(`the shell has no ${selector}`);
    };
    const parts = {
      box: find('.scroller'),
      header: find('.head'),
      spacer: find('.spacer'),
      body: find('.body'),
      probe: find('.probe'),
    };
    this.#scroller = new Scroller(parts, () => this.#schedule.requestNow());
    this.#scroller.setColumns(this.#layout.columns);
    this.#connectScroller();
  }

  #connectScroller(): void {
    const undo = this.#scroller?.connect();
    if (undo !== undefined) this.#undo.push(undo);
    this.#schedule.request();
  }

  #useLanguage(hasNewTexts: boolean): void {
    const language = languageOf(this);
    if (language === this.#wording.locale && !hasNewTexts) return;
    this.#wording = new Wording(language, this.texts);
    this.#forgetColumns();
  }

  /** Leaves the old feed, if any, and joins the one of `src`. */
  #attach(): void {
    this.#leaveFeed?.();
    this.#leaveFeed = undefined;
    this.#feed = undefined;
    this.#frozen = undefined;
    this.#rows = new Rows();
    this.#lastState = undefined;
    if (this.src && this.isConnected) {
      const { feed, release } = acquireFeed(this.src, this.credentials ?? undefined);
      const offRows = feed.rows.on('change', () => this.#schedule.request());
      const offState = feed.on('state', () => this.#onState());
      const offEvent = feed.on('event', (event) => {
        if (event.type === 'init') this.#marks = false;
        if (feed.problem !== this.#lastProblem || SHELL_EVENTS.has(event.type)) this.#onState();
      });
      this.#leaveFeed = () => {
        offRows();
        offState();
        offEvent();
        release();
      };
      this.#feed = feed;
      this.#rows = feed.rows;
      feed.staleAfterMs = this.staleAfter ?? feed.staleAfterMs;
      this.#troubleSince = Date.now();
      this.#onState();
    }
    this.#drawnChanges = this.#rows.changes;
    this.#hasDrawn = false;
    this.#marks = false;
    this.#forgetColumns();
  }

  #onState(): void {
    const { state } = this;
    const previous = this.#lastState;
    if (state !== previous) {
      this.#lastState = state;
      if (previous === 'live' || previous === undefined) this.#troubleSince = Date.now();
      this.dispatchEvent(tableEvent('sse-table-state', { state, previous: previous ?? state }));
    }
    const problem = this.#feed?.problem;
    if (problem !== this.#lastProblem) {
      this.#lastProblem = problem;
      if (problem !== undefined) this.dispatchEvent(tableEvent('sse-table-error', problem));
    }
    this.requestUpdate();
  }

  #onPaused(): void {
    if (!this.paused) this.#frozen = undefined;
    this.#onState();
    this.#schedule.requestNow();
  }

  #forgetColumns(): void {
    this.#layout.forget();
    this.#schedule.request();
  }

  #tick(): void {
    this.#ticks++;
    const { state } = this;
    if (state !== 'live') this.requestUpdate();
    if (state !== this.#spokenState && this.#feed !== undefined) {
      // Spoken at most once a second, and only what still holds then.
      this.#spokenState = state;
      this.#announcement = this.#wording.texts[state];
      this.requestUpdate();
    }
    if (this.#ticks % AGE_TICKS === 0 && this.#layout.columns.some((column) => column.ages)) {
      this.#scroller?.invalidate();
      this.#schedule.request();
    }
  }

  #draw(): void {
    const scroller = this.#scroller;
    if (scroller === undefined || !this.isConnected) return;
    const rows = this.#rows;
    if (this.#layout.update(rows, () => this.#declaredColumns(), this.#wording)) {
      scroller.setColumns(this.#layout.columns);
      this.#marks = false;
      this.requestUpdate();
    }
    this.#layout.applyWidths(rows, this.style);
    const isLoading = this.#feed?.loaded !== undefined;
    const flash =
      this.#marks && !isLoading ? { now: performance.now(), since: this.#drawnChanges } : undefined;
    scroller.draw(this.#frozen ?? rows, flash, this.#frozen !== undefined);
    if (this.#frozen !== undefined) {
      this.requestUpdate(); // the count of what waits
      return;
    }
    this.#marks = !isLoading && rows.size > 0;
    const changes = rows.changes - this.#drawnChanges;
    this.#drawnChanges = rows.changes;
    if (changes > 0) {
      this.dispatchEvent(tableEvent('sse-table-change', { size: rows.size, changes }));
    }
    const isFirst = !this.#hasDrawn && this.#feed?.init !== undefined;
    if (rows.size !== this.#shownSize || isLoading || isFirst) {
      this.#shownSize = rows.size;
      this.#hasDrawn ||= isFirst;
      this.requestUpdate();
    }
    // A table that starts paused shows its first snapshot all the same.
    if (this.paused && this.#hasDrawn && !isLoading) this.#frozen = new FrozenView(rows);
  }

  #declaredColumns(): readonly ColumnOptions[] | undefined {
    if (this.columns !== undefined && this.columns !== null) return this.columns;
    const children = Array.from(this.children)
      .map((child) => (child instanceof SseColumn ? child.options : undefined))
      .filter((options) => options !== undefined);
    return children.length > 0 ? children : undefined;
  }
}

/** Events after which the shell may look different. */
const SHELL_EVENTS: ReadonlySet<string> = new Set(['init', 'rows', 'ready', 'error', 'end']);
