/**
 * Short messages about what went wrong, in the page's alert region.
 *
 * @see FRONTEND 5 "loading and error states"
 */

/** Long enough to read two sentences twice. */
const SHOWN_MS = 12_000;

/** More at once would cover the page; the oldest leaves. */
const MAX_TOASTS = 3;

/** Shows `message` until it is dismissed or its time is up. The same message is not shown twice. */
export function showToast(region: HTMLElement, message: string, dismiss: string): void {
  for (const shown of region.querySelectorAll('.toast p')) {
    if (shown.textContent === message) shown.parentElement?.remove();
  }
  const toast = document.createElement('div');
  toast.className = 'toast';
  const text = document.createElement('p');
  text.textContent = message;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = '×';
  button.setAttribute('aria-label', dismiss);
  button.addEventListener('click', () => toast.remove());
  toast.append(text, button);
  region.append(toast);
  while (region.childElementCount > MAX_TOASTS) region.firstElementChild?.remove();
  const expire = () => {
    // Who is reading it, or about to press its button, keeps it.
    if (toast.matches(':hover, :focus-within')) setTimeout(expire, SHOWN_MS);
    else toast.remove();
  };
  setTimeout(expire, SHOWN_MS);
}
