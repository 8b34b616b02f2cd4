/**
 * How a table speaks: in the nearest language, with the page's own words over the built-in ones.
 * Chinese is fetched where it is spoken.
 *
 * @see FRONTEND 4 "Theming"
 */
import { isChinese, languageOf } from '../wording/language.ts';
import { Wording } from '../wording/wording.ts';

/** The language of one table. */
export class TableLanguage {
  readonly #element: Element;
  readonly #onWording: (wording: Wording) => void;
  #language: string | undefined;
  #texts: Readonly<Record<string, string>> | undefined;

  /** @param onWording gets each new one. */
  constructor(element: Element, onWording: (wording: Wording) => void) {
    this.#element = element;
    this.#onWording = onWording;
  }

  /** Looks again what is spoken. */
  use(texts: Readonly<Record<string, string>> | undefined): void {
    const language = languageOf(this.#element);
    if (language === this.#language && texts === this.#texts) return;
    this.#language = language;
    this.#texts = texts;
    this.#onWording(new Wording(language, {}, texts));
    if (!isChinese(language)) return;
    import('../wording/chinese.ts').then(({ CHINESE }) => {
      if (this.#language !== language || this.#texts !== texts) return;
      this.#onWording(new Wording(language, CHINESE, texts));
    });
  }
}
