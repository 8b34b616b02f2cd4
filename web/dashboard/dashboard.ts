/**
 * The dashboard at `/`: chooses a table, drives the demo generator, and gives the elements of
 * sse-table.js what to show. They and this script share the page's feeds.
 *
 * @see FRONTEND 5, SPEC 10 "Dashboard"
 */

import { acquireFeed } from '../feed/shared-feed.ts';
import type { ColumnOptions } from '../grid/columns.ts';
import { element, fillTexts } from '../page/page-element.ts';
import { Preferences } from '../page/preferences.ts';
import { hasDemo, type TableInfo } from './dashboard-api.ts';
import { ProblemCard } from './dashboard-problem.ts';
import { DemoSession } from './dashboard-session.ts';
import { SessionCard } from './dashboard-session-card.ts';
import { listenForShortcuts } from './dashboard-shortcuts.ts';
import { TableView } from './dashboard-table-view.ts';
import { TableList } from './dashboard-tables.ts';
import { type DashboardTexts, dashboardTexts } from './dashboard-text.ts';
import { showToast } from './dashboard-toasts.ts';

/** The table the generator changes. */
const DEMO_TABLE = 'users';

/** How long a button says that it has done its work. */
const DONE_MS = 2_000;

class Dashboard {
  readonly #preferences = new Preferences(document.documentElement, () => this.#draw());
  readonly #list = new TableList(() => this.#onList());
  readonly #session = new DemoSession({
    change: () => this.#draw(),
    problem: (error) => this.#warn(error),
  });
  readonly #card = new SessionCard(this.#session);
  readonly #problem = new ProblemCard(this.#list, element('main', HTMLElement));
  readonly #table = element('table', HTMLElement);
  readonly #view = new TableView(this.#table);
  readonly #stats = element('stats', HTMLElement);
  readonly #title = element('table-title', HTMLElement);
  readonly #select = element('tables', HTMLSelectElement);
  readonly #theme = element('theme', HTMLButtonElement);
  readonly #snippet = element('snippet', HTMLElement);
  readonly #toasts = element('toasts', HTMLElement);
  /** Undefined until the server was asked. */
  #hasDemo: boolean | undefined;
  #drawnColumns = '';
  #unknownTable: string | undefined;
  #followed: string | undefined;
  #unfollow: (() => void) | undefined;

  start(): void {
    this.#select.addEventListener('change', () => this.#list.choose(this.#select.value));
    this.#theme.addEventListener('click', () => {
      this.#preferences.theme = this.#preferences.theme === 'dark' ? 'light' : 'dark';
    });
    for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
      button.addEventListener('click', () => {
        this.#preferences.language = button.dataset.language === 'zh' ? 'zh' : 'en';
      });
    }
    const copy = element('copy', HTMLButtonElement);
    copy.addEventListener('click', () => this.#copy(copy));
    this.#view.onChange(() => this.#draw());
    listenForShortcuts({
      '/': () => this.#view.focusSearch(),
      p: () => this.#view.togglePause(),
      r: () => this.#view.reset(),
      t: () => this.#theme.click(),
      g: () => location.assign('/gallery'),
    });
    this.#draw();
    this.#list.load();
  }

  get #words(): DashboardTexts {
    return dashboardTexts(this.#preferences.language);
  }

  async #onList(): Promise<void> {
    const chosen = this.#list.chosen;
    const { asked } = this.#list;
    if (chosen !== undefined && asked !== undefined && asked !== chosen.name) {
      if (this.#unknownTable !== asked) {
        this.#toast(
          this.#words.unknownTable.replace('{table}', asked).replace('{other}', chosen.name),
        );
      }
      this.#unknownTable = asked;
    }
    if (chosen?.name === DEMO_TABLE && this.#hasDemo === undefined) {
      try {
        this.#hasDemo = await hasDemo();
      } catch (error) {
        this.#warn(error);
      }
    }
    this.#draw();
  }

  #draw(): void {
    const words = this.#words;
    const { language, theme } = this.#preferences;
    const chosen = this.#list.chosen;
    fillTexts(document, words);
    for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
      button.setAttribute('aria-pressed', String(button.dataset.language === language));
    }
    this.#theme.setAttribute('aria-pressed', String(theme === 'dark'));
    this.#problem.draw(words);
    const isDemo = chosen?.name === DEMO_TABLE && this.#hasDemo === true;
    this.#card.draw(isDemo, words, language);
    this.#drawChooser();
    // Until it is known whether there is a demo, nobody knows which stream to show.
    if (chosen === undefined || (chosen.name === DEMO_TABLE && this.#hasDemo === undefined)) return;
    const ownSrc = `/api/tables/${encodeURIComponent(chosen.name)}/stream`;
    const src = isDemo ? (this.#session.src ?? ownSrc) : ownSrc;
    this.#title.textContent = chosen.name;
    document.title = `${chosen.name} · sse-table`;
    this.#view.show(chosen.name, src, src === ownSrc);
    for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-export]')) {
      const kind = link.dataset.export ?? 'csv';
      link.href = `/api/tables/${encodeURIComponent(chosen.name)}?format=${kind}`;
      link.download = `${chosen.name}.${kind}`;
    }
    const hasScore = chosen.columns.some((column) => column.name === 'score');
    this.#stats.toggleAttribute('average', hasScore);
    if (hasScore) this.#stats.setAttribute('average', 'score');
    this.#stats.setAttribute('average-label', words.averaged);
    this.#drawColumns(chosen, isDemo, words);
    this.#snippet.textContent =
      `<script type="module" src="${location.origin}/sse-table.js"></script>\n` +
      `<sse-table src="${location.origin}${ownSrc}"></sse-table>`;
    this.#follow(isDemo ? this.#session.src : undefined);
  }

  #drawChooser(): void {
    const { tables, chosen } = this.#list;
    this.#select.hidden = tables.length < 2;
    const shown = Array.from(this.#select.options, (option) => option.value);
    if (shown.length !== tables.length || tables.some(({ name }, i) => name !== shown[i])) {
      this.#select.replaceChildren(...tables.map(({ name }) => new Option(name, name)));
    }
    if (chosen !== undefined) this.#select.value = chosen.name;
    this.#title.classList.toggle('unseen', tables.length > 1);
  }

  /** The demo's columns are known beforehand and translated; other tables show what they have. */
  #drawColumns(table: TableInfo, isDemo: boolean, words: DashboardTexts): void {
    const name = `${table.name} ${isDemo} ${words.name}`;
    if (name === this.#drawnColumns) return;
    this.#drawnColumns = name;
    const columns: ColumnOptions[] | undefined = isDemo
      ? [
          { field: 'id', label: 'ID', width: 80 },
          { field: 'name', label: words.name },
          { field: 'age', label: words.age, format: 'number' },
          { field: 'city', label: words.city },
          { field: 'score', label: words.score, format: 'bar', digits: 1, width: 120 },
          { field: 'status', label: words.status, badge: true },
        ]
      : undefined;
    // The element may not be upgraded yet: it takes over what it finds set.
    Object.assign(this.#table, { columns });
  }

  /** Listens to the session's stream beside the elements, over the same connection. */
  #follow(src: string | undefined): void {
    if (src === this.#followed) return;
    this.#followed = src;
    this.#unfollow?.();
    this.#unfollow = undefined;
    if (src === undefined) return;
    const { feed, release } = acquireFeed(src);
    const offEvent = feed.on('event', (event) => this.#session.onEvent(event));
    const offState = feed.on('state', (state) => this.#session.onState(state));
    this.#unfollow = () => {
      offEvent();
      offState();
      release();
    };
  }

  async #copy(button: HTMLButtonElement): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#snippet.textContent ?? '');
      button.textContent = this.#words.copied;
      setTimeout(() => {
        button.textContent = this.#words.copy;
      }, DONE_MS);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#toast(error instanceof Error ? error.message : String(error));
    if (!(error instanceof Error)) throw error;
  }

  #toast(message: string): void {
    showToast(this.#toasts, message, this.#words.dismiss);
  }
}

new Dashboard().start();
