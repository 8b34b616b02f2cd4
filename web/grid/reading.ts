/**
 * Whether someone is reading the rows: the pointer is over them, text in them is selected, or a cell of
 * theirs has the focus. Rows that are read do not move.
 *
 * @see FRONTEND 4 "Reading lock"
 */

/** What tells of reading. */
export interface ReadingParts {
  /** What the pointer rests on and text is selected in. */
  body: HTMLElement;
  /** What takes the focus. */
  box: HTMLElement;
  /** A cell of the body, not of the header, is the active one. */
  hasActiveCell(): boolean;
}

/** Watches for readers; calls `onChange` with each change. @returns the undo. */
export function watchReading(
  { body, box, hasActiveCell }: ReadingParts,
  onChange: (isRead: boolean) => void,
): () => void {
  let isHovered = false;
  let isFocused = false;
  let isSelected = false;
  const tell = () => onChange(isHovered || isSelected || (isFocused && hasActiveCell()));
  const abort = new AbortController();
  const on = (target: EventTarget, type: string, fn: () => void) =>
    target.addEventListener(
      type,
      () => {
        fn();
        tell();
      },
      { signal: abort.signal },
    );
  on(body, 'pointerenter', () => {
    isHovered = true;
  });
  on(body, 'pointerleave', () => {
    isHovered = false;
  });
  // A selection that began in these rows; where it is cannot be asked for across shadow roots.
  on(body, 'pointerup', () => {
    isSelected = String(getSelection()) !== '';
  });
  on(document, 'selectionchange', () => {
    isSelected &&= String(getSelection()) !== '';
  });
  on(box, 'focusin', () => {
    isFocused = true;
  });
  on(box, 'focusout', () => {
    isFocused = false;
  });
  on(box, 'keyup', () => undefined);
  return () => {
    abort.abort();
    onChange(false);
  };
}
