/**
 * ETags made from event ids: what a client holds, and whether it still holds.
 *
 * @see SPEC 3.1 "ETag from the version", "If-Match honoured"; RFC 9110, 13.1
 */
import { SseTableError } from '../base/errors.ts';
import type { Table } from '../table/table.ts';
import { isEpochOf } from '../table/view/view.ts';
import type { Key } from '../wire/change.ts';
import { parseEventId } from '../wire/event-id.ts';

/** Representations of one version need ETags of their own: `"k3.7"`, `"k3.7-csv"`. */
const REPRESENTATION = /-(csv|ndjson|html)$/;

/** An entity tag: `"k3.7"`, or `"k3.7-csv"` for that representation. */
export function etagOf(version: string, representation?: 'csv' | 'ndjson' | 'html'): string {
  return representation === undefined ? `"${version}"` : `"${version}-${representation}"`;
}

/** Whether `If-None-Match` names `etag` (weakly, as RFC 9110 wants for reads): then 304. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return listTags(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
}

/**
 * Checks `If-Match` for a write to the row of `key`: a version holds as long as the row has not
 * changed since, whatever happened to other rows, and whichever view it was read in.
 * @throws {SseTableError} `precondition_failed`.
 */
export function checkIfMatch(ifMatch: string | undefined, table: Table, key: Key): void {
  if (ifMatch === undefined) return;
  const seq = table.seqOf(key);
  const holds = listTags(ifMatch).some((tag) => {
    if (tag === '*') return seq !== undefined;
    const id = parseEventId(tag.replace(/^"(.*)"$/, '$1').replace(REPRESENTATION, ''));
    if (id === undefined || !isEpochOf(id.epoch, table.epoch)) return false;
    return id.seq <= table.seq && id.seq >= (seq ?? 0);
  });
  if (holds) return;
  throw new SseTableError(
    'precondition_failed',
    `the row ${JSON.stringify(key)} has changed since ${ifMatch.slice(0, 200)}; read it again`,
  );
}

/** The tags of a list; an entity tag may itself hold a comma. */
function listTags(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"|\*/g) ?? [];
}
