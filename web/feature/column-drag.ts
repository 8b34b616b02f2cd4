/**
 * The pointer on the headings: an edge is pulled to widen a column, a heading is dragged to move it.
 *
 * @see FRONTEND 4 "Columns"
 */

/** How near to its edge a heading is taken by it, in px. */
const EDGE_PX = 8;

/** A press that moves less is a click, in px. */
const LEAST_DRAG_PX = 6;

/** What the pointer does to columns, by their positions among those shown. */
export interface ColumnDragHost {
  /** The width of a column, in px. */
  widthAt(index: number): number;
  /** While the edge is pulled. */
  onResize(index: number, width: number): void;
  /** Twice on an edge: the table finds a width itself. */
  onResetWidth(index: number): void;
  /** @param to the position it is put before; as many as there are columns: last. */
  onMove(index: number, to: number): void;
  /** The pointer has let go. */
  onEnd(): void;
}

/** Follows the pointer over `header`. @returns the undo. */
export function watchColumnDrag(header: HTMLElement, host: ColumnDragHost): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  let end: (() => void) | undefined;

  const cells = () => Array.from(header.firstElementChild?.children ?? []);
  // By where it is: an event of a captured pointer has no heading for its target.
  const indexAt = (x: number) =>
    cells().findIndex((cell) => {
      const { left, right } = cell.getBoundingClientRect();
      return x >= left && x < right;
    });
  const cellOf = ({ clientX }: MouseEvent) => cells()[indexAt(clientX)];
  const isRightToLeft = () => getComputedStyle(header).direction === 'rtl';

  function isOnEdge(cell: Element, x: number): boolean {
    const { left, right } = cell.getBoundingClientRect();
    return isRightToLeft() ? x - left < EDGE_PX : right - x < EDGE_PX;
  }

  /** Sets a mark on one heading and takes it from the others. */
  function mark(name: string, cell: Element | undefined): void {
    for (const other of cells()) other.toggleAttribute(name, other === cell);
  }

  function follow(onMove: (event: PointerEvent) => void, onEnd: () => void): void {
    const drag = new AbortController();
    const options = { signal: drag.signal };
    header.addEventListener('pointermove', onMove, options);
    end = () => {
      end = undefined;
      drag.abort();
      onEnd();
      for (const name of ['data-edge', 'data-dragged', 'data-drop']) mark(name, undefined);
      host.onEnd();
    };
    const finish = () => end?.();
    header.addEventListener('pointerup', finish, options);
    header.addEventListener('pointercancel', finish, options);
  }

  function resize(start: PointerEvent, index: number): void {
    const before = host.widthAt(index);
    const direction = isRightToLeft() ? -1 : 1;
    header.setPointerCapture(start.pointerId);
    follow(
      (event) => host.onResize(index, before + direction * (event.clientX - start.clientX)),
      swallowClick,
    );
  }

  function move(start: PointerEvent, from: Element, index: number): void {
    let to: number | undefined;
    follow(
      (event) => {
        if (to === undefined && Math.abs(event.clientX - start.clientX) < LEAST_DRAG_PX) return;
        // Not before: a captured pointer's click would not be the heading's.
        header.setPointerCapture(start.pointerId);
        mark('data-dragged', from);
        to = indexAt(event.clientX);
        mark('data-drop', to === index ? undefined : cells()[to]);
      },
      () => {
        if (to === undefined) return;
        swallowClick();
        // Dropped on a later heading, it takes the place behind that one.
        if (to !== -1 && to !== index) host.onMove(index, to > index ? to + 1 : to);
      },
    );
  }

  /** The click that ends a drag sorts nothing. */
  function swallowClick(): void {
    const stop = (event: Event) => event.stopPropagation();
    header.addEventListener('click', stop, { capture: true, once: true, signal });
    setTimeout(() => header.removeEventListener('click', stop, { capture: true }));
  }

  header.addEventListener(
    'pointermove',
    (event) => {
      if (end !== undefined) return;
      const cell = cellOf(event);
      mark('data-edge', cell !== undefined && isOnEdge(cell, event.clientX) ? cell : undefined);
    },
    { signal },
  );
  header.addEventListener('pointerleave', () => end ?? mark('data-edge', undefined), { signal });
  header.addEventListener(
    'pointerdown',
    (event) => {
      const cell = cellOf(event);
      if (cell === undefined || event.button !== 0 || end !== undefined) return;
      const index = cells().indexOf(cell);
      if (isOnEdge(cell, event.clientX)) {
        mark('data-edge', cell);
        resize(event, index);
      } else if (event.pointerType !== 'touch') {
        // A finger on the headings scrolls; the menu moves columns too.
        move(event, cell, index);
      }
    },
    { signal },
  );
  header.addEventListener(
    'dblclick',
    (event) => {
      const cell = cellOf(event);
      if (cell !== undefined && isOnEdge(cell, event.clientX)) {
        host.onResetWidth(cells().indexOf(cell));
      }
    },
    { signal },
  );
  return () => {
    end?.();
    abort.abort();
  };
}
