/**
 * Lit's tag for style sheets, without what only browsers before constructed style sheets need: the standalone file is
 * built with this in place of Lit's own. Bundlers get Lit's.
 *
 * @see FRONTEND 1
 */

/** A style sheet made once, when it is first used. */
class Sheet {
  readonly #text: string;
  #sheet: CSSStyleSheet | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get styleSheet(): CSSStyleSheet {
    if (this.#sheet === undefined) {
      this.#sheet = new CSSStyleSheet();
      this.#sheet.replaceSync(this.#text);
    }
    return this.#sheet;
  }
}

/** A style sheet without expressions. */
export const css = ([text = '']: readonly string[]): Sheet => new Sheet(text);

/** What Lit's elements call with their `styles`. */
export function adoptStyles(root: ShadowRoot, sheets: readonly Sheet[]): void {
  root.adoptedStyleSheets = sheets.map(({ styleSheet }) => styleSheet);
}
