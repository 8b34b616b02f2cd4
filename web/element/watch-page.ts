/**
 * What happens around a table that it has to know: time passes, the page is hidden or shown, speaks
 * another language, or gives the table other children.
 *
 * @see FRONTEND 4
 */

/** How often times that age, the banner and the spoken state are looked at. */
const TICK_MS = 1_000;

/** Ticks between two rewritings of relative times. */
const AGE_TICKS = 10;

/** Who wants to know. */
export interface PageWatcher {
  /** Once a second. `ages`: time to write again what ages. */
  onTick(ages: boolean): void;
  onVisibility(): void;
  onLanguage(): void;
  onChildren(): void;
}

/** @returns the undo. */
export function watchPage(element: Element, watcher: PageWatcher): () => void {
  let ticks = 0;
  const onVisibility = () => watcher.onVisibility();
  const language = new MutationObserver(() => watcher.onLanguage());
  language.observe(document.documentElement, { attributeFilter: ['lang'] });
  const children = new MutationObserver(() => watcher.onChildren());
  children.observe(element, { childList: true });
  const timer = setInterval(() => watcher.onTick(++ticks % AGE_TICKS === 0), TICK_MS);
  document.addEventListener('visibilitychange', onVisibility);
  return () => {
    language.disconnect();
    children.disconnect();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisibility);
  };
}
