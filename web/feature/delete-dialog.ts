/**
 * Asks before rows are deleted.
 *
 * @see FRONTEND 4 "Editing"
 */
import type { HeldRow } from '../feed/rows.ts';
import { fill } from '../wording/text.ts';
import type { EditTexts } from './edit-text.ts';

/** @returns whether the reader means it. */
export function askToDelete(
  element: HTMLElement,
  rows: readonly HeldRow[],
  texts: EditTexts,
): Promise<boolean> {
  const dialog = document.createElement('dialog');
  const question = document.createElement('p');
  const form = document.createElement('form');
  form.method = 'dialog';
  question.id = 'question';
  question.textContent =
    rows.length === 1
      ? fill(texts.deleteRow, { key: rows[0]?.key ?? '' })
      : fill(texts.deleteRows, { count: String(rows.length) });
  dialog.setAttribute('aria-labelledby', 'question');
  dialog.setAttribute('part', 'dialog');
  // What destroys nothing has the focus.
  form.append(button(texts.cancel, ''), button(texts.delete, 'delete'));
  dialog.append(question, form);
  element.shadowRoot?.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'delete');
    });
    dialog.showModal();
  });
}

function button(text: string, value: string): HTMLButtonElement {
  const made = document.createElement('button');
  made.textContent = text;
  made.value = value;
  made.setAttribute('part', 'button');
  made.classList.toggle('destroy', value !== '');
  return made;
}
