/**
 * An example's live part: in the page only while it is near to being seen. What is out of sight has no
 * connection, of which HTTP/1.1 has six for all of a browser's tabs, and costs nothing.
 *
 * @see FRONTEND 6
 */

/** Put up a little before it comes into sight. */
const MARGIN = '200px';

/** Takes down each of `stages`, and puts it up whenever it is near. */
export function stage(stages: Iterable<HTMLElement>): void {
  const parts = new Map<Element, Node[]>();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const nodes = parts.get(target);
        if (nodes === undefined || !(target instanceof HTMLElement)) continue;
        if (isIntersecting) target.replaceChildren(...nodes);
        else if (target.childElementCount > 0) takeDown(target);
      }
    },
    { rootMargin: MARGIN },
  );
  for (const element of stages) {
    parts.set(element, [...element.childNodes]);
    element.replaceChildren();
    observer.observe(element);
  }
}

/** What is below keeps its place. */
function takeDown(element: HTMLElement): void {
  element.style.setProperty('min-block-size', `${element.offsetHeight}px`);
  element.replaceChildren();
}
