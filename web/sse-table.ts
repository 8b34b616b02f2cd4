/**
 * `<sse-table src>`: a live table. Shares the feed of its `src`, draws its rows when the schedule says
 * so, and says honestly how fresh they are.
 *
 * @see FRONTEND 1–4
 */
import { LitElement, type PropertyValues } from 'lit';
import type { ColumnOptions } from './columns.ts';
import { companionStyle } from './companion-style.ts';
import type { Feed, FeedState } from './feed.ts';
import { FRESH, freshnessOf } from './freshness.ts';
import { languageOf } from './language.ts';
import type { Rows } from './rows.ts';
import { acquireFeed } from './shared-feed.ts';
import { COLUMN_CHANGE, SseColumn } from './sse-column.ts';
import { tableStyle } from './sse-table-style.ts';
import { tableEvent } from './table-events.ts';
import { TablePainter } from './table-painter.ts';
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

  readonly #painter: TablePainter;
  #feed: Feed | undefined;
  #undo: (() => void)[] = [];
  #leaveFeed: (() => void) | undefined;
  #lastState: FeedState | undefined;
  #troubleSince = 0;
  #spokenState: FeedState | undefined;
  #announcement = '';
  #lastProblem: unknown;
  #ticks = 0;

  constructor() {
    super();
    this.paused = false;
    const { style } = this;
    this.#painter = new TablePainter({
      style,
      isPaused: () => this.paused,
      declaredColumns: () => this.#declaredColumns(),
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
    return this.#feed;
  }

  get state(): FeedState {
    const state = this.#feed?.state ?? 'connecting';
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
    this.#feed?.retryNow();
  }

  /** Brings a row into sight. @returns whether the table has it. */
  scrollToKey(key: string | number): boolean {
    const held = this.rows.held(key);
    const index = held === undefined ? -1 : this.#painter.view.indexOf(held);
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
    const onColumn = () => this.#painter.forgetColumns();
    const timer = setInterval(() => this.#tick(), TICK_MS);
    document.addEventListener('visibilitychange', onVisibility);
    this.addEventListener(COLUMN_CHANGE, onColumn);
    this.#undo = [
      () => language.disconnect(),
      () => children.disconnect(),
      () => clearInterval(timer),
      () => document.removeEventListener('visibilitychange', onVisibility),
      () => this.removeEventListener(COLUMN_CHANGE, onColumn),
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
    this.#leaveFeed?.();
    this.#leaveFeed = undefined;
    this.#painter.setFeed(undefined);
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#painter.schedule.debounceMs = this.debounce ?? DEFAULT_DEBOUNCE_MS;
    this.#useLanguage(changed.has('texts'));
    if (changed.has('src') || changed.has('credentials')) this.#attach();
    if (changed.has('staleAfter') && this.#feed !== undefined) {
      this.#feed.staleAfterMs = this.staleAfter ?? undefined;
    }
    if (changed.has('columns')) this.#painter.forgetColumns();
    if (changed.has('paused') && changed.get('paused') !== undefined) this.#onPaused();
  }

  protected override render() {
    const feed = this.#feed;
    const wording = this.#painter.wording;
    return shell({
      wording,
      label: this.label || this.rows.table || wording.texts.table,
      showsLabel: Boolean(this.label),
      state: feed === undefined ? undefined : this.state,
      freshness:
        feed === undefined ? FRESH : freshnessOf(feed, this.#troubleSince, Date.now(), wording),
      size: this.#painter.shownSize,
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

  /** Leaves the old feed, if any, and joins the one of `src`. */
  #attach(): void {
    this.#leaveFeed?.();
    this.#leaveFeed = undefined;
    this.#feed = undefined;
    this.#lastState = undefined;
    if (this.src && this.isConnected) {
      const { feed, release } = acquireFeed(this.src, this.credentials ?? undefined);
      const offState = feed.on('state', () => this.#onState());
      const offEvent = feed.on('event', ({ type }) => {
        if (feed.problem !== this.#lastProblem || SHELL_EVENTS.has(type)) this.#onState();
      });
      this.#leaveFeed = () => {
        offState();
        offEvent();
        release();
      };
      this.#feed = feed;
      feed.staleAfterMs = this.staleAfter ?? feed.staleAfterMs;
      this.#troubleSince = Date.now();
      this.#onState();
    }
    this.#painter.setFeed(this.#feed);
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
    if (!this.paused) this.#painter.thaw();
    this.#onState();
    this.#painter.schedule.requestNow();
  }

  #tick(): void {
    this.#ticks++;
    const { state } = this;
    if (state !== 'live') this.requestUpdate();
    if (state !== this.#spokenState && this.#feed !== undefined) {
      // Spoken at most once a second, and only what still holds then.
      this.#spokenState = state;
      this.#announcement = this.#painter.wording.texts[state];
      this.requestUpdate();
    }
    if (this.#ticks % AGE_TICKS === 0) this.#painter.age();
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
