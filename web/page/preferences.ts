/**
 * What the visitor prefers: language and theme. The system's, until a button says otherwise; then
 * kept in this browser.
 *
 * @see FRONTEND 5
 */
/** The languages of the switch. */
export type Language = 'en' | 'zh';

const LANGUAGE_NAME = 'sse-table.language';
const THEME_NAME = 'sse-table.theme';
const THEME_PARAMETER = 'theme';

/** A colour scheme of the page. */
export type Theme = 'light' | 'dark';

/** The two preferences, applied to the page's root as soon as they are known. */
export class Preferences {
  readonly #root: HTMLElement;
  readonly #systemDark = matchMedia('(prefers-color-scheme: dark)');
  readonly #onChange: () => void;
  #language: Language;
  /** Undefined follows the system. */
  #theme: Theme | undefined;

  /** @param onChange after each change of language or theme, also by the system. */
  constructor(root: HTMLElement, onChange: () => void) {
    this.#root = root;
    this.#onChange = onChange;
    const language = read(LANGUAGE_NAME);
    // A shared address comes with the sender's theme, for this visit.
    const theme = new URL(location.href).searchParams.get(THEME_PARAMETER) ?? read(THEME_NAME);
    const systemLanguage = /^zh\b/i.test(navigator.language) ? 'zh' : 'en';
    this.#language = language === 'en' || language === 'zh' ? language : systemLanguage;
    this.#theme = theme === 'light' || theme === 'dark' ? theme : undefined;
    this.#apply();
    this.#systemDark.addEventListener('change', () => this.#onChange());
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    keep(LANGUAGE_NAME, language);
    this.#apply();
    this.#onChange();
  }

  get theme(): Theme {
    return this.#theme ?? this.#systemTheme;
  }

  /** Choosing what the system has goes back to following it. */
  set theme(theme: Theme) {
    this.#theme = theme === this.#systemTheme ? undefined : theme;
    keep(THEME_NAME, this.#theme);
    putInAddress(THEME_PARAMETER, this.#theme);
    this.#apply();
    this.#onChange();
  }

  get #systemTheme(): Theme {
    return this.#systemDark.matches ? 'dark' : 'light';
  }

  #apply(): void {
    this.#root.lang = this.#language === 'zh' ? 'zh-CN' : 'en';
    if (this.#theme === undefined) delete this.#root.dataset.theme;
    else this.#root.dataset.theme = this.#theme;
  }
}

/** Storage may be switched off in a browser: the page then forgets at a reload. */
function read(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch (error) {
    console.info('this browser keeps no preferences', error);
  }
}

function putInAddress(name: string, value: string | undefined): void {
  const url = new URL(location.href);
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(history.state, '', url);
}
