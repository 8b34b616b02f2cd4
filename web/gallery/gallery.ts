/**
 * The gallery at `/gallery`: shows each example's markup beside it, and keeps the server's demo tables
 * alive while somebody looks.
 *
 * @see FRONTEND 6
 */
import { element, fillTexts } from '../page/page-element.ts';
import { Preferences } from '../page/preferences.ts';
import { galleryTexts } from './gallery-text.ts';
import { markupOf } from './markup.ts';
import { stage } from './stage.ts';

/** Well within the time that a visit lasts. */
const VISIT_PERIOD_MS = 60_000;

/** How soon it is tried again when the server is away. */
const RETRY_MS = 3_000;

/** As any page would name it in a script tag. */
const ELEMENTS = '/sse-table.js';

/** How long a button says that it has done its work. */
const DONE_MS = 2_000;

class GalleryPage {
  readonly #preferences = new Preferences(document.documentElement, () => this.#draw());
  readonly #theme = element('theme', HTMLButtonElement);
  readonly #notice = element('notice', HTMLElement);
  #problem: 'noDemo' | 'away' | undefined;
  #next: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    // Before the elements are defined: they add to their attributes.
    for (const example of document.querySelectorAll('.example')) this.#showMarkup(example);
    stage(document.querySelectorAll<HTMLElement>('.live'));
    this.#theme.addEventListener('click', () => {
      this.#preferences.theme = this.#preferences.theme === 'dark' ? 'light' : 'dark';
    });
    for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
      button.addEventListener('click', () => {
        this.#preferences.language = button.dataset.language === 'zh' ? 'zh' : 'en';
      });
    }
    document.addEventListener('visibilitychange', () => this.#visit());
    this.#draw();
    // The tables first, so that no example begins by missing its own.
    this.#visit().finally(() => import(ELEMENTS));
  }

  #showMarkup(example: Element): void {
    const source = example.querySelector('.source') ?? example.querySelector('.live');
    const isCode = source?.matches('.source') === true;
    const text = markupOf((isCode ? source?.textContent : source?.innerHTML) ?? '');
    const figure = document.createElement('figure');
    figure.className = 'markup';
    const caption = document.createElement('figcaption');
    caption.dataset.text = 'markup';
    const copy = document.createElement('button');
    copy.type = 'button';
    copy.dataset.text = 'copy';
    copy.addEventListener('click', () => this.#copy(copy, text));
    const code = document.createElement('pre');
    code.textContent = text;
    figure.append(caption, copy, code);
    example.append(figure);
  }

  async #copy(button: HTMLElement, text: string): Promise<void> {
    const words = galleryTexts(this.#preferences.language);
    await navigator.clipboard.writeText(text);
    button.textContent = words.copied;
    setTimeout(() => {
      button.textContent = galleryTexts(this.#preferences.language).copy;
    }, DONE_MS);
  }

  #draw(): void {
    const words = galleryTexts(this.#preferences.language);
    fillTexts(document, words);
    document.title = `${words.gallery} · sse-table`;
    for (const button of document.querySelectorAll<HTMLElement>('[data-language]')) {
      const isChosen = button.dataset.language === this.#preferences.language;
      button.setAttribute('aria-pressed', String(isChosen));
    }
    this.#theme.setAttribute('aria-pressed', String(this.#preferences.theme === 'dark'));
    this.#notice.hidden = this.#problem === undefined;
    this.#notice.textContent = this.#problem === undefined ? '' : words[this.#problem];
  }

  /** Keeps the tables changing, as long as the page is seen. */
  async #visit(): Promise<void> {
    clearTimeout(this.#next);
    if (document.visibilityState !== 'visible') return;
    try {
      const response = await fetch('/api/gallery', { method: 'POST' });
      this.#problem = response.ok ? undefined : 'noDemo';
      if (response.ok) wake();
    } catch {
      this.#problem = 'away';
    }
    const delayMs = this.#problem === undefined ? VISIT_PERIOD_MS : RETRY_MS;
    if (this.#problem !== 'noDemo') this.#next = setTimeout(() => this.#visit(), delayMs);
    this.#draw();
  }
}

/** Tables that came before the server had made theirs. */
function wake(): void {
  for (const table of document.querySelectorAll('sse-table')) {
    if (table.state === 'ended' && table.feed?.end === undefined) table.retryNow();
  }
}

new GalleryPage().start();
