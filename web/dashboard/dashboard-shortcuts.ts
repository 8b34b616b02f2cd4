/**
 * Keyboard shortcuts of the page, and the sheet that lists them.
 *
 * @see FRONTEND 5
 */
import { element } from '../page/page-element.ts';

/** What happens at a key: `KeyboardEvent.key` by its letter. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Where letters are written, they are letters. */
const WRITABLE = 'input, textarea, select, [contenteditable]';

/** Listens for `shortcuts` on the whole page; `?` shows the sheet. */
export function listenForShortcuts(shortcuts: Shortcuts): void {
  const sheet = element('shortcuts', HTMLDialogElement);
  const open = () => {
    if (!sheet.open) sheet.showModal();
  };
  element('help', HTMLButtonElement).addEventListener('click', open);
  element('close-shortcuts', HTMLButtonElement).addEventListener('click', () => sheet.close());
  sheet.addEventListener('click', ({ target }) => {
    if (target === sheet) sheet.close(); // the backdrop
  });
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const [target] = event.composedPath(); // a field may be within an element's shadow
    if (target instanceof Element && target.matches(WRITABLE)) return;
    if (sheet.open) return;
    const run = event.key === '?' ? open : shortcuts[event.key.toLowerCase()];
    if (run === undefined) return;
    event.preventDefault();
    run();
  });
}
