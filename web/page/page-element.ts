/**
 * Finds the elements of a page, checked: a renamed id fails at once and by name.
 *
 * @see FRONTEND 5
 */

/** @throws {TypeError} when the page has no such element of that type. */
export function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`the page has no ${type.name} with id "${id}"`);
}

/**
 * Puts the texts where the page asks for them: `data-text` names the text of an element,
 * `data-label` that of its accessible name.
 */
export function fillTexts(root: ParentNode, words: Readonly<Record<string, string>>): void {
  for (const node of root.querySelectorAll<HTMLElement>('[data-text]')) {
    const text = words[node.dataset.text ?? ''];
    if (text !== undefined && node.textContent !== text) node.textContent = text;
  }
  for (const node of root.querySelectorAll<HTMLElement>('[data-label]')) {
    const label = words[node.dataset.label ?? ''];
    if (label !== undefined) node.setAttribute('aria-label', label);
  }
}
