/**
 * The changes of one table on their way to the workers: gathered between two flushes, then encoded
 * once for all of them.
 *
 * @see SPEC 9 "--workers N"; DESIGN 1
 */
import type { Applied, TableListener } from '../table/applied.ts';
import type { Table } from '../table/table.ts';
import type { Change } from '../wire/change.ts';

/** JSON characters in one message: a worker applies and flushes it in a few milliseconds. */
const MAX_MESSAGE_CHARS = 256 * 1_024;

/** Consecutive changes of one table, encoded. */
export interface Batch {
  table: Table;
  /** seq before the first change. */
  from: number;
  /** seq of the last. */
  to: number;
  bytes: Buffer;
}

export interface TableFeedEvents {
  /** Something has been gathered. */
  onGathered(): void;
  /** The changes of a batch update, which are told as one. */
  onBatch(batches: readonly Batch[]): void;
}

/** Gathers what a table applies. */
export class TableFeed implements TableListener {
  readonly table: Table;
  readonly #events: TableFeedEvents;
  readonly #stopListening: () => void;
  /** seq of the last change taken. */
  #seq: number;
  #applying: Applied[] = [];
  #gathered: Applied[] = [];

  constructor(table: Table, events: TableFeedEvents) {
    this.table = table;
    this.#events = events;
    this.#seq = table.seq;
    this.#stopListening = table.listen(this);
  }

  /** Lets go of the table. */
  close(): void {
    this.#stopListening();
  }

  /** Changes waiting for the next flush. */
  get size(): number {
    return this.#gathered.length;
  }

  onChange(applied: Applied): void {
    this.#applying.push(applied);
  }

  onApplied(batchUpdate: string | undefined): void {
    const applied = this.#applying;
    this.#applying = [];
    if (batchUpdate !== undefined) {
      const before = this.take();
      const batch = this.#encode(applied, applied.map(jsonOf), batchUpdate);
      this.#events.onBatch([...before, batch]);
      return;
    }
    if (this.#gathered.length === 0) this.#gathered = applied;
    else for (const each of applied) this.#gathered.push(each);
    this.#events.onGathered();
  }

  /** What has been gathered, which is then forgotten. */
  take(): Batch[] {
    const gathered = this.#gathered;
    this.#gathered = [];
    const batches: Batch[] = [];
    let start = 0;
    let parts: string[] = [];
    let chars = 0;
    for (const [index, applied] of gathered.entries()) {
      const json = jsonOf(applied);
      parts.push(json);
      chars += json.length;
      if (chars < MAX_MESSAGE_CHARS && index < gathered.length - 1) continue;
      batches.push(this.#encode(gathered.slice(start, index + 1), parts, undefined));
      start = index + 1;
      parts = [];
      chars = 0;
    }
    return batches;
  }

  #encode(
    applied: readonly Applied[],
    parts: readonly string[],
    batchUpdate: string | undefined,
  ): Batch {
    const { table } = this;
    const from = this.#seq;
    const to = applied.at(-1)?.seq ?? from;
    this.#seq = to;
    const isConsecutive = to - from === applied.length;
    const seqs = isConsecutive ? undefined : applied.map(({ seq }) => seq);
    const head = JSON.stringify({ type: 'changes', table: table.name, from, seqs, batchUpdate });
    const bytes = Buffer.from(`${head.slice(0, -1)},"changes":[${parts.join(',')}]}\n`);
    return { table, from, to, bytes };
  }
}

function jsonOf({ type, data, removed, message }: Applied): string {
  const change: Change =
    type === 'update' && removed !== undefined ? { type, data, removed } : { type, data };
  if (message !== undefined) change.message = message;
  return JSON.stringify(change);
}
