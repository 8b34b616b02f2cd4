/**
 * The text of one Server-Sent Event: fields `data`, then `id`; LF only.
 *
 * @see SPEC 3.2; https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

/**
 * Frames `json`, which must be on one line, as `JSON.stringify` makes it.
 * @returns `data: {…}\nid: k3.7\n\n`, without the id line when there is none.
 */
export function frameText(json: string, id?: string): string {
  return id === undefined ? `data: ${json}\n\n` : `data: ${json}\nid: ${id}\n\n`;
}

/** Tells the client how long to wait before it reconnects, in ms. */
export function retryText(retryMs: number): string {
  return `retry: ${Math.round(retryMs)}\n\n`;
}
