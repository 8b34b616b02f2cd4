/**
 * One table of a SQLite file as it is served: through its outbox, or by comparing all its rows.
 *
 * @see SPEC 6 "SQLite"
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import type { Writer } from '../../table/writer.ts';
import { type Change, type Row, setColumn } from '../../wire/change.ts';
import { type Outbox, OutboxReader } from '../outbox.ts';
import type { Batch, TableSpec } from '../source.ts';
import type { SqliteValue } from './cell.ts';
import { pragma } from './database.ts';
import type { TableShape } from './shape.ts';
import { TableReader } from './table-reader.ts';

/** Comparing may take half of the time: after one that took 100 ms, the next waits for as long. */
const REST_FACTOR = 1;

/** How one table is followed. */
export class ServedTable {
  readonly shape: TableShape;
  readonly rows: TableReader;
  /** Undefined: there is no outbox, so rows are compared. */
  readonly reader: OutboxReader | undefined;
  /** Something has changed since the rows were compared. */
  isStale = true;
  #nextCompareMs = 0;
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #spec: Pick<TableSpec, 'name' | 'key' | 'writer'>;

  /**
   * @param epoch of its outbox, if it has one.
   * @param before the same table before the file was opened again or its shape changed.
   */
  constructor(
    db: DatabaseSync,
    shape: TableShape,
    {
      clock,
      writer,
      epoch,
      before,
    }: {
      clock: Clock;
      writer: Writer;
      epoch: string | undefined;
      before: ServedTable | undefined;
    },
  ) {
    this.shape = shape;
    this.#db = db;
    this.#clock = clock;
    this.#spec = { name: shape.name, key: shape.key, writer };
    this.rows = new TableReader(db, shape, clock.now);
    const outbox = epoch === undefined ? undefined : this.rows.outbox(epoch);
    this.reader = outbox && continueWith(outbox, this.#spec, before);
  }

  /** Everything, or what can be gone on from. */
  async *load(open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    this.rows.keyless = 0;
    if (this.reader === undefined) yield* this.#compare(open);
    else {
      yield* this.reader.catchUp(open);
      this.isStale = false;
    }
  }

  /** What has changed, as far as it is time to look. */
  async *follow(open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    if (!this.isStale) return;
    if (this.reader !== undefined) {
      yield* this.reader.drain(open);
      this.isStale = false;
    } else if (this.#clock.now() >= this.#nextCompareMs) yield* this.#compare(open);
  }

  /** The rows of these keys as they are now. */
  changesOf(keys: readonly SqliteValue[][]): Change[] {
    return keys.flatMap((values): Change[] => {
      const row = this.rows.get(values);
      if (row !== undefined) return [{ type: 'add', data: row }];
      const key = this.rows.keyOf(values);
      if (key === undefined) return [];
      const data: Row = {};
      setColumn(data, this.shape.key, key);
      return [{ type: 'delete', data }];
    });
  }

  /** Gives all rows; the table drops those that are the same. */
  async *#compare(open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const startMs = this.#clock.now();
    // In WAL mode a reader is in nobody's way: all pages are of one moment. Otherwise it would keep
    // writers waiting, so each page is of its own, and what moved meanwhile is seen the next time.
    const isWal = pragma(this.#db, 'journal_mode') === 'wal';
    if (isWal) this.#db.exec('BEGIN');
    try {
      open({ ...this.#spec, append: false, loads: true });
      for (const rows of this.rows.pages()) {
        const changes = rows.map((data): Change => ({ type: 'add', data }));
        yield { table: this.#spec.name, changes, whole: 'part' };
      }
      yield { table: this.#spec.name, changes: [], whole: 'last' };
      this.isStale = false;
    } finally {
      if (isWal && this.#db.isOpen) this.#db.exec('COMMIT');
    }
    const endMs = this.#clock.now();
    this.#nextCompareMs = endMs + REST_FACTOR * (endMs - startMs);
  }
}

function continueWith(
  outbox: Outbox,
  spec: Pick<TableSpec, 'name' | 'key' | 'writer'>,
  before: ServedTable | undefined,
): OutboxReader {
  if (before?.reader === undefined || before.shape.key !== spec.key) {
    return new OutboxReader(spec, outbox);
  }
  before.reader.rebind(outbox);
  return before.reader;
}
