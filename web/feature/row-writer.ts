/**
 * Sends what a reader changed to where the rows come from: `PATCH` and `DELETE` beside the stream, or
 * the page's own function.
 *
 * @see FRONTEND 4 "Editing", SPEC 3.1
 */
import type { Json, Key, Row } from '../../server/wire/change.ts';
import type { Feed } from '../feed/feed.ts';

/** A change that a reader wants. */
export interface RowWrite {
  type: 'update' | 'delete';
  key: Key;
  /** The columns to change; empty for `delete`. */
  data: Row;
}

/** The page's own way to write. Settles once the change is taken; rejects with the reason if it is not. */
export type WriteRow = (write: RowWrite) => Promise<unknown>;

/** The row has changed since the last event that was seen of it. */
export class RowHasChanged extends Error {}

const PRECONDITION_FAILED = 412;

/**
 * Writes over HTTP, on condition that the row is as the feed last told.
 * @returns the event id with which the change will come back, where the server says so.
 * @throws {RowHasChanged} where it is not; {Error} with the server's reason for any other refusal.
 */
export async function writeOverHttp(
  feed: Feed,
  { type, key, data }: RowWrite,
  credentials: RequestCredentials | undefined,
): Promise<string | undefined> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (feed.lastEventId !== undefined) headers['if-match'] = `"${feed.lastEventId}"`;
  if (type === 'update') headers['content-type'] = 'application/json';
  const response = await fetch(rowAddress(feed.src, key), {
    method: type === 'update' ? 'PATCH' : 'DELETE',
    headers,
    credentials: credentials ?? 'same-origin',
    body: type === 'update' ? JSON.stringify(data) : null,
  });
  const answer: { version?: Json; message?: Json } = await response.json().catch(() => ({}));
  if (response.ok) return typeof answer.version === 'string' ? answer.version : undefined;
  const reason = typeof answer.message === 'string' ? answer.message : `HTTP ${response.status}`;
  throw response.status === PRECONDITION_FAILED ? new RowHasChanged(reason) : new Error(reason);
}

/** The address of a row: that of its stream, with the key in place of `stream`. A token goes along. */
function rowAddress(src: string, key: Key): string {
  const url = new URL(src, document.baseURI);
  if (!url.pathname.endsWith('/stream')) {
    throw new Error(`${url.pathname} does not end in /stream; set the property "write"`);
  }
  url.pathname = url.pathname.replace(/stream$/, encodeURIComponent(String(key)));
  const token = url.searchParams.get('token');
  url.search = token === null ? '' : String(new URLSearchParams({ token }));
  return url.href;
}

/** Whether an event id is that of a change or of a later one; those of two epochs cannot be compared. */
export function isAtOrAfter(id: string | undefined, version: string): boolean {
  const [epoch, seq] = version.split('.');
  const [otherEpoch = '', otherSeq] = (id ?? '').split('.');
  // A view's epoch is its table's with something behind it.
  return otherEpoch.startsWith(epoch ?? '') && Number(otherSeq) >= Number(seq);
}
