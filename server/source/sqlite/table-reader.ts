/**
 * Reads the rows of one table of a SQLite file: all in pages, some by key, or those that its outbox
 * names.
 *
 * @see SPEC 6
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RowState } from '../../table/row-set.ts';
import { type Json, type Key, type Row, setColumn } from '../../wire/change.ts';
import { joinKey } from '../composite-key.ts';
import type { Outbox, OutboxBounds, OutboxPage } from '../outbox.ts';
import { type CellKind, readCell, type SqliteValue } from './cell.ts';
import { first, isReadOnly, prepare, quoteName, rowsOf } from './database.ts';
import { renewEpoch } from './installation.ts';
import { outboxColumns, outboxName } from './outbox-sql.ts';
import type { TableShape } from './shape.ts';

/** Rows of a page: some 3 ms. Of wide rows it has fewer, so that nobody waits long. */
const PAGE_ROWS = 1_000;
const FIRST_PAGE_ROWS = 128;
const MIN_PAGE_ROWS = 8;

/** What a page may take before the next one is smaller. */
const PAGE_MS = 10;

/** Keys longer than a table takes. */
const MAX_KEY_LENGTH = 1_024;

/** One table, read on one connection. */
export class TableReader {
  readonly shape: TableShape;
  /** Rows that cannot be shown: their key is null, empty or too long. */
  keyless = 0;
  readonly #db: DatabaseSync;
  readonly #now: () => number;
  readonly #kinds: CellKind[];
  readonly #keyKinds: CellKind[];
  readonly #isComposite: boolean;
  readonly #firstPage: StatementSync;
  readonly #nextPage: StatementSync;
  readonly #byKey: StatementSync;

  constructor(db: DatabaseSync, shape: TableShape, now: () => number) {
    const { keyColumns, columns, rowid } = shape;
    this.shape = shape;
    this.#db = db;
    this.#now = now;
    this.#kinds = columns.map(({ kind }) => kind);
    this.#keyKinds = keyColumns.map((key) => kindOf(shape, key));
    this.#isComposite = keyColumns.length > 1;
    const place = rowid === undefined ? keyColumns : [rowid];
    const places = place.map(quoteName).join(', ');
    const cells = [...keyColumns, ...columns.map(({ name }) => name)].map(quoteName).join(', ');
    const from = `SELECT ${places}, ${cells} FROM ${quoteName(shape.name)}`;
    const tail = `ORDER BY ${places} LIMIT ?`;
    const marks = place.map(() => '?').join(', ');
    this.#firstPage = prepare(db, `${from} ${tail}`);
    this.#nextPage = prepare(db, `${from} WHERE (${places}) > (${marks}) ${tail}`);
    const isKey = keyColumns.map((key) => `${quoteName(key)} = ?`).join(' AND ');
    this.#byKey = prepare(db, `SELECT ${cells} FROM ${quoteName(shape.name)} WHERE ${isKey}`);
  }

  /** All rows in pages of a few ms, each of its own moment. */
  *pages(): Generator<Row[]> {
    const places = this.shape.rowid === undefined ? this.shape.keyColumns.length : 1;
    let last: SqliteValue[] | undefined;
    let limit = FIRST_PAGE_ROWS;
    for (;;) {
      const rows: Row[] = [];
      const startMs = this.#now();
      const found =
        last === undefined
          ? rowsOf(this.#firstPage, limit)
          : rowsOf(this.#nextPage, ...last, limit);
      for (const values of found) {
        const row = this.#toRow(values, places);
        if (row !== undefined) rows.push(row);
      }
      last = found.at(-1)?.slice(0, places);
      const tookMs = this.#now() - startMs;
      yield rows;
      if (found.length < limit) return;
      if (tookMs > PAGE_MS) limit = Math.max(MIN_PAGE_ROWS, limit >> 1);
      else if (tookMs * 2 < PAGE_MS) limit = Math.min(PAGE_ROWS, limit * 2);
    }
  }

  /** The row of a key as it is now. */
  get(key: readonly SqliteValue[]): Row | undefined {
    const [values] = rowsOf(this.#byKey, ...key);
    return values && this.#toRow(values, 0);
  }

  /** The key that rows of these key columns are shown under; undefined where it can be none. */
  keyOf(values: readonly SqliteValue[], offset = 0): Key | undefined {
    const parts: Key[] = [];
    for (let i = 0; i < this.#keyKinds.length; i++) {
      const part = readCell(values[offset + i] ?? null, this.#keyKinds[i] ?? 'plain');
      if (typeof part !== 'string' && typeof part !== 'number') return undefined;
      parts.push(part);
    }
    const key = this.#isComposite ? joinKey(parts) : parts[0];
    const isFit = typeof key === 'number' || (key !== '' && (key?.length ?? 0) <= MAX_KEY_LENGTH);
    return isFit ? key : undefined;
  }

  /** The outbox of the table. */
  outbox(epoch: string): Outbox {
    const { shape } = this;
    const db = this.#db;
    const name = quoteName(outboxName(shape.name));
    const table = quoteName(shape.name);
    const keys = outboxColumns(shape);
    const joined = shape.keyColumns
      .map((column, index) => {
        const held = `t.${quoteName(column)}`;
        // The first uses the index, whatever its collation; the second is exact.
        return `${held} = o.k${index} AND ${held} = o.k${index} COLLATE BINARY`;
      })
      .join(' AND ');
    const cells = [...shape.keyColumns, ...shape.columns.map((column) => column.name)]
      .map((column) => `t.${quoteName(column)}`)
      .join(', ');
    const oldest = prepare(db, `SELECT min("seq") FROM ${name}`);
    const newest = prepare(db, `SELECT max("seq") FROM ${name}`);
    const changed = prepare(
      db,
      `SELECT o.seq, ${keys.map((key) => `o.${key}`).join(', ')}, ${cells}
       FROM (SELECT max("seq") AS seq, ${keys.join(', ')} FROM ${name}
             WHERE "seq" > ? AND "seq" <= ? GROUP BY ${keys.join(', ')}) o
       LEFT JOIN ${table} t ON ${joined} ORDER BY o.seq`,
    );
    const count = keys.length;
    let current = epoch;
    const seqOf = (statement: StatementSync): number => Number(first(statement) ?? 0);

    const readAfter = (seq: number, limit: number): OutboxPage | undefined => {
      const head = seqOf(newest);
      const to = Math.min(seq + limit, head);
      const states = new Map<Key, RowState>();
      for (const values of head > seq ? rowsOf(changed, seq, to) : []) {
        const key = this.keyOf(values, 1);
        if (key === undefined) continue;
        const isHeld = values[1 + count] !== null;
        const row = isHeld ? this.#toRow(values, 1 + count) : undefined;
        // 1 and '1' are two keys to SQLite and one to the table: the row there is wins.
        const id = String(key);
        const before = states.get(id);
        states.delete(id);
        states.set(id, { key, row: row ?? before?.row, seq: Number(values[0]) });
      }
      // Looked at last: what has been trimmed meanwhile may have been missed.
      if (head < seq || seqOf(oldest) - 1 > seq) return undefined;
      return {
        states: [...states.values()],
        seq: Math.max(seq, to),
        headSeq: head,
        more: to < head,
      };
    };
    return {
      bounds: (read): OutboxBounds => {
        const headSeq = seqOf(newest);
        // The newest entry is never trimmed: the file is an older copy of what was read.
        if (read?.epoch === current && read.seq > headSeq) current = renewEpoch(db, shape, current);
        return { epoch: current, floorSeq: Math.max(0, seqOf(oldest) - 1), headSeq };
      },
      rows: () => this.pages(),
      readAfter,
      trim: (seq) => {
        try {
          prepare(db, `DELETE FROM ${name} WHERE "seq" <= ?`).run(seq);
        } catch (error) {
          if (!isReadOnly(error)) throw error; // the triggers keep their own bound
        }
      },
    };
  }

  #toRow(values: readonly SqliteValue[], offset: number): Row | undefined {
    const key = this.keyOf(values, offset);
    if (key === undefined) {
      this.keyless++;
      return undefined;
    }
    const { columns, keyColumns } = this.shape;
    const row: Row = {};
    // First, so that people see it first; a key column of the table's own comes where it stands.
    if (this.#isComposite || !columns.some(({ name }) => name === this.shape.key)) {
      setColumn(row, this.shape.key, key);
    }
    const start = offset + keyColumns.length;
    for (let i = 0; i < columns.length; i++) {
      const name = columns[i]?.name;
      if (name === undefined) continue;
      const cell: Json = readCell(values[start + i] ?? null, this.#kinds[i] ?? 'plain');
      setColumn(row, name, cell);
    }
    return row;
  }
}

function kindOf({ columns }: TableShape, name: string): CellKind {
  return columns.find((column) => column.name === name)?.kind ?? 'plain';
}
