/**
 * Sends rows of a table in chunks: the client's reading sets the pace, and a slow one costs a
 * pointer to rows that the table holds anyway.
 *
 * @see SPEC 3.1 "streamed with back pressure", 3.2 "Write stall"
 */
import type { Clock } from '../base/clock.ts';
import type { Table } from '../table/table.ts';
import type { View } from '../table/view/view.ts';
import type { Row } from '../wire/change.ts';
import { drained } from './drained.ts';
import { type Answerable, type Headers, writeHead } from './head.ts';
import { isGone } from './message.ts';
import type { RowsFormat } from './rows-format.ts';

/** Characters encoded in one go: about a millisecond of work, then others get their turn. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Views of a table whose lists are shared: more are not worth remembering. */
const MAX_SHARED_LISTS = 256;

/** The lists of a table at one seq, by view. */
interface ListsAtSeq {
  seq: number;
  lists: Map<string, WeakRef<readonly Row[]>>;
}

/**
 * Takes the rows of tables as they are now, one list for all who read the same at the same seq:
 * many slow exports of a large table then share one array of pointers.
 */
export class RowLists {
  readonly #tables = new WeakMap<Table, ListsAtSeq>();

  /** The rows of `table`, or those of them that are in `view`: whole, in its order. */
  at(table: Table, view?: View): readonly Row[] {
    const name = view?.canonical ?? '';
    const lists = this.#listsOf(table);
    let rows = lists.get(name)?.deref();
    if (rows === undefined) {
      rows = view === undefined ? table.rows() : view.rowsOf(table);
      if (lists.size === MAX_SHARED_LISTS) lists.clear();
      lists.set(name, new WeakRef(rows));
    }
    return rows;
  }

  #listsOf(table: Table): Map<string, WeakRef<readonly Row[]>> {
    let held = this.#tables.get(table);
    if (held?.seq !== table.seq) {
      held = { seq: table.seq, lists: new Map() };
      this.#tables.set(table, held);
    }
    return held.lists;
  }
}

export interface SendRowsOptions {
  clock: Clock;
  /** A client that reads nothing for this long is dropped. */
  stallTimeoutMs: number;
}

/** Answers 200 with `rows` in `format`. Ends early, without an error, when the client has gone. */
export async function sendRows(
  exchange: Answerable,
  rows: readonly Row[],
  format: RowsFormat,
  headers: Headers,
  { clock, stallTimeoutMs }: SendRowsOptions,
): Promise<void> {
  const { request, response } = exchange;
  writeHead(exchange, 200, { 'Content-Type': format.contentType, ...headers });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  let chunk = format.head;
  for (const [index, row] of rows.entries()) {
    if (index > 0) chunk += format.separator;
    chunk += format.row(row);
    if (chunk.length < CHUNK_CHARACTERS) continue;
    const hasRoom = response.write(chunk);
    chunk = '';
    if (hasRoom) await new Promise<void>((resolve) => clock.after(0, resolve));
    else await drained(exchange, clock, stallTimeoutMs);
    if (isGone(response)) return;
  }
  response.end(chunk + format.tail);
}
