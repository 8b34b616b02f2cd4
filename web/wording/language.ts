/**
 * The language an element speaks.
 *
 * @see FRONTEND 4 "Theming"
 */

/** Chinese is built in, besides English. */
export function isChinese(language: string): boolean {
  return /^zh\b/i.test(language);
}

/** The nearest `lang`, the element's own first, through shadow roots; else the browser's. */
export function languageOf(element: Element): string {
  for (let node: Node | null = element; node !== null; ) {
    if (node instanceof Element) {
      const lang = node.getAttribute('lang');
      if (lang !== null && lang !== '') return lang;
    }
    node = node instanceof ShadowRoot ? node.host : node.parentNode;
  }
  return navigator.language;
}
