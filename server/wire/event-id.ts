/**
 * Event ids: `<epoch>.<seq>`, in the middle of a flush `<epoch>.<seq>.<channel>`. The epoch changes when the history does; seq counts changes in it.
 * Opaque to clients.
 *
 * @see SPEC 3.2 "Event ids"
 */

/** Longer ids are not ours; they are treated as unknown, not as an error. */
const MAX_EVENT_ID_BYTES = 64;

const EVENT_ID = /^([A-Za-z0-9_-]+)\.(0|[1-9][0-9]{0,15})(?:\.([a-z0-9]+))?$/;

/**
 * The id of a stream's last event: who comes back with it is told 204, and an EventSource stops.
 * No epoch has this form's meaning: it is compared as a whole.
 */
export const GONE_ID = 'gone.0';

/** A position in a history. */
export interface EventId {
  epoch: string;
  seq: number;
  /**
   * Set in the middle of a flush of several frames: the channel whose frame it was. Its client has
   * the newest state of all rows that changed up to `seq` and not after, but misses what came before
   * in rows that did change after. Only that channel's next frame says so.
   */
  channel: string | undefined;
}

/** The text of an id: `formatEventId('k3f9', 12)` is `k3f9.12`. */
export function formatEventId(epoch: string, seq: number, channel?: string): string {
  return channel === undefined ? `${epoch}.${seq}` : `${epoch}.${seq}.${channel}`;
}

/**
 * Reads an id that came from a client.
 * @returns undefined for anything this server cannot have written: garbage, too long, unsafe seq.
 */
export function parseEventId(text: string): EventId | undefined {
  if (text.length > MAX_EVENT_ID_BYTES) return undefined;
  const match = EVENT_ID.exec(text);
  if (match?.[1] === undefined) return undefined;
  const seq = Number(match[2]);
  return Number.isSafeInteger(seq) ? { epoch: match[1], seq, channel: match[3] } : undefined;
}
