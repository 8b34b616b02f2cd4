/**
 * Compacted catch-up: the current state of each row changed since a seq, in chunks of bounded bytes.
 *
 * Only the last chunk carries an id: before it, the client holds some rows older than the chunk's seq.
 *
 * @see SPEC 3.2 `sync`; DESIGN 1 "conflation"
 */
import type { RowSet } from '../table/row-set.ts';
import type { Key } from '../wire/change.ts';
import { encodeFrame, type Frame } from './frame.ts';
import { CHUNK_CHARS } from './snapshot.ts';

/** A chunk of catch-up. */
export interface SyncStep {
  /** undefined when nothing has changed. */
  frame: Frame | undefined;
  /** Everything up to here is covered once the chunk is applied. */
  seq: number;
  /** The client is up to date with `seq`: it may go on with the ring. */
  last: boolean;
}

/**
 * What changed in `table` after `seq`, up to about 64 KiB of it.
 * @param headSeq where the ring goes on; nothing of the table waits to be flushed. In a view it may
 * be less than the table's seq, and an id made of it can be resumed from the ring.
 */
export function encodeSync(
  table: RowSet,
  seq: number,
  headSeq: number,
  idOf: (seq: number) => string,
): SyncStep {
  const rows: string[] = [];
  const deleted: Key[] = [];
  let chars = 0;
  let reached = seq;
  let last = true;
  for (const entry of table.changesSince(seq)) {
    if (chars >= CHUNK_CHARS) {
      last = false;
      break;
    }
    if (entry.row === undefined) {
      deleted.push(entry.key);
      chars += String(entry.key).length + 3;
    } else {
      const json = JSON.stringify(entry.row);
      rows.push(json);
      chars += json.length;
    }
    reached = entry.seq;
  }
  if (last) reached = headSeq;
  const changes = rows.length + deleted.length;
  if (changes === 0) return { frame: undefined, seq: reached, last };
  const json = `{"type":"sync","data":[${rows.join(',')}],"deleted":${JSON.stringify(deleted)}}`;
  const frame = encodeFrame(json, last ? idOf(reached) : undefined, reached, changes);
  return { frame, seq: reached, last };
}
