/**
 * The text of one Server-Sent Event: fields `data`, then `id`; LF only.
 *
 * @see SPEC 3.2; https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

/**
 * Makes the client forget its last event id. A chunked snapshot begins with it: a client that held
 * an older id and is cut off half way must not resume from there, on rows it has just let go.
 */
export const FORGET_ID = '';

/**
 * Frames `json`, which must be on one line, as `JSON.stringify` makes it.
 * @returns `data: {…}\nid: k3.7\n\n`; without the id line when `id` is undefined, and with a bare
 * `id` (which is how the format spells an empty one) for `FORGET_ID`.
 */
export function frameText(json: string, id?: string): string {
  if (id === undefined) return `data: ${json}\n\n`;
  return id === FORGET_ID ? `data: ${json}\nid\n\n` : `data: ${json}\nid: ${id}\n\n`;
}

/** Tells the client how long to wait before it reconnects, in ms. */
export function retryText(retryMs: number): string {
  return `retry: ${Math.round(retryMs)}\n\n`;
}
