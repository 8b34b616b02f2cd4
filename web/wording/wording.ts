/**
 * How one table speaks: its texts, numbers and times, by language. Intl objects are made once per
 * language, not per use.
 *
 * @see FRONTEND 4 "Theming"
 */
import { usableLocale } from './format.ts';
import { ENGLISH, type Texts } from './text.ts';

/** The words and formats of a language. */
export class Wording {
  /** BCP 47, as the page gave it. */
  readonly locale: string;
  /** The same where Intl knows it. */
  readonly usable: string | undefined;
  readonly texts: Texts;
  /** The page's own texts, those of features among them. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly #numbers: Intl.NumberFormat;
  readonly #times: Intl.DateTimeFormat;

  /** @param texts over the English ones. @param overrides over both. */
  constructor(
    locale: string,
    texts: Partial<Texts> = {},
    overrides: Readonly<Record<string, string>> = {},
  ) {
    this.locale = locale;
    this.texts = { ...ENGLISH, ...texts, ...overrides };
    this.overrides = overrides;
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
