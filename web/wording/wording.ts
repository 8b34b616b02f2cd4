/**
 * How one table speaks: its texts, numbers and times, by language. Intl objects are made once per
 * language, not per use.
 *
 * @see FRONTEND 4 "Theming"
 */
import { usableLocale } from './format.ts';
import { type Texts, texts } from './text.ts';

/** The words and formats of a language. */
export class Wording {
  /** BCP 47, as the page gave it. */
  readonly locale: string;
  /** The same where Intl knows it. */
  readonly usable: string | undefined;
  readonly texts: Texts;
  readonly #numbers: Intl.NumberFormat;
  readonly #times: Intl.DateTimeFormat;

  /** @param overrides texts of the page's own, over the built-in ones. */
  constructor(locale: string, overrides?: Partial<Texts>) {
    this.locale = locale;
    this.texts = { ...texts(locale), ...overrides };
    const usable = usableLocale(locale);
    this.usable = usable;
    this.#numbers = new Intl.NumberFormat(usable);
    this.#times = new Intl.DateTimeFormat(usable, { timeStyle: 'medium' });
  }

  /** A count of something. */
  count(value: number): string {
    return this.#numbers.format(value);
  }

  /** The time of day of a moment in ms since the epoch. */
  time(ms: number): string {
    return this.#times.format(ms);
  }
}
