/**
 * The Outbox of one PostgreSQL table.
 *
 * Entries are ordered by (transaction id, order within it), and only those of transactions below the
 * snapshot's xmin are read: all of these have ended, so nothing can appear before them any more. An
 * entry's seq is its place in that order, counted from the first one ever: the same for every reader,
 * without a write.
 *
 * @see SPEC 6 "an order that is safe against transactions committing out of sequence"
 */
import type { RowState } from '../../table/row-set.ts';
import type { Row } from '../../wire/change.ts';
import type { Outbox, OutboxBounds, OutboxPage } from '../outbox.ts';
import type { CatalogTable } from './catalog.ts';
import { OUTBOX_SCHEMA, outboxName } from './outbox-sql.ts';
import type { RowCodec } from './row-codec.ts';
import { type PostgresSession, type Queryable, sqlState, type TextRow } from './session.ts';

/** Rows of one page, at first; then as many as fit PAGE_BYTES. */
const FIRST_PAGE_ROWS = 200;
const MAX_PAGE_ROWS = 2_000;

/** Characters of the rows in one page: megabyte rows come one by one, small ones in hundreds. */
const PAGE_LENGTH = 1024 * 1024;

/** Entries that cannot be overtaken any more. */
const SETTLED = 'xid < txid_snapshot_xmin(txid_current_snapshot())';

/**
 * This history's name: another one after a fail-over (the timeline) and in a copy of the cluster.
 * Functions that a managed service denies are left out by `identify`.
 */
const CLUSTER_SQL = `SELECT (pg_control_system()).system_identifier || left(pg_walfile_name(pg_current_wal_lsn()), 8)`;

/** Where a reader is: after this entry, which is the `number`th. */
interface Position {
  xid: string;
  seq: string;
  number: number;
}

const START = { xid: '0', seq: '0' };

/** A session, and what its cluster is called. */
export interface Connection {
  session: PostgresSession;
  cluster: string;
}

/** Reads one table's outbox and rows; goes on in the next session where it was in the last. */
export class PostgresOutbox implements Outbox {
  readonly #table: CatalogTable;
  readonly #shape: string;
  readonly #codec: RowCodec;
  readonly #onDenied: (message: string) => void;
  #connection: Connection;
  #epoch: string | undefined;
  #position: Position | undefined;
  #pageRows = FIRST_PAGE_ROWS;
  #settledXid = 0n;
  #mayTrim = true;

  /** @param onDenied told once that the role may not trim. */
  constructor(
    connection: Connection,
    table: CatalogTable,
    codec: RowCodec,
    onDenied: (message: string) => void,
  ) {
    this.#connection = connection;
    this.#table = table;
    this.#shape = shapeOf(table);
    this.#codec = codec;
    this.#onDenied = onDenied;
  }

  /** From now on in this session. */
  reconnect(connection: Connection): void {
    this.#connection = connection;
  }

  /** Transactions below this have been read when the last page had no more. */
  get settledXid(): bigint {
    return this.#settledXid;
  }

  /** Whether an entry is beyond what has been read. */
  isBehind(xid: string, seq: string): boolean {
    const held = this.#position ?? START;
    const ahead = BigInt(xid) - BigInt(held.xid);
    return ahead > 0n || (ahead === 0n && BigInt(seq) > BigInt(held.seq));
  }

  /**
   * What an epoch is made of beside the outbox's own: in another cluster, or with other columns, rows of
   * the same seq are not the same rows.
   */
  get #identity(): string {
    return this.#connection.cluster + this.#shape;
  }

  get #session(): PostgresSession {
    return this.#connection.session;
  }

  async bounds(): Promise<OutboxBounds> {
    const outbox = outboxName(this.#table.id);
    const held = this.#position ?? { ...START, number: 0 };
    const [row] = await this.#session.query(
      `SELECT epoch, trimmed, left(md5(epoch || $1), 12),
        (SELECT count(*) FROM ${outbox} WHERE ${SETTLED}),
        (SELECT count(*) FROM ${outbox} WHERE (xid, seq) <= (
          SELECT xid, seq FROM ${outbox} WHERE key IS NULL AND ${SETTLED}
          ORDER BY xid DESC, seq DESC LIMIT 1)),
        (SELECT count(*) FROM ${outbox} WHERE (xid, seq) <= ($2, $3)),
        EXISTS (SELECT FROM ${outbox} WHERE (xid, seq) = ($2, $3)),
        EXISTS (SELECT FROM ${outbox} WHERE xid >= txid_snapshot_xmax(txid_current_snapshot()))
      FROM ${OUTBOX_SCHEMA}.watched WHERE id = $4`,
      [this.#identity, held.xid, held.seq, this.#table.id],
    );
    if (row === undefined) throw notInstalled(this.#table);
    const [storedEpoch, ...rest] = row;
    const [trimmedText, epoch, settled, upToMark, upToHeld, isHeldThere, isFromElsewhere] = rest;
    const trimmed = Number(trimmedText);
    // Entries that we have read are gone and were not trimmed: commits were lost in a crash.
    const isLost =
      held.number > trimmed && !(isHeldThere === 't' && trimmed + Number(upToHeld) === held.number);
    if (isFromElsewhere === 't' || (isLost && this.#epoch === epoch)) {
      const { id } = this.#table;
      await this.#session.query(`SELECT ${OUTBOX_SCHEMA}.renew($1, $2)`, [id, storedEpoch]);
      this.#epoch = undefined;
      return this.bounds();
    }
    if (isLost || this.#epoch !== epoch) this.#position = undefined;
    this.#epoch = epoch ?? '';
    return {
      epoch: this.#epoch,
      floorSeq: trimmed + Number(upToMark),
      headSeq: trimmed + Number(settled),
    };
  }

  async *rows(): AsyncGenerator<Row[]> {
    const { select, from } = this.#codec;
    const page = (rows: TextRow[]): Row[] => this.#decode(rows);
    const size = (): number => this.#pageRows;
    yield* this.#session.pages(async function* (db: Queryable) {
      await db.query('BEGIN READ ONLY');
      await db.query(`DECLARE rows NO SCROLL CURSOR FOR SELECT ${select} FROM ${from}`);
      for (;;) {
        const rows = await db.query(`FETCH ${size()} FROM rows`);
        if (rows.length === 0) break;
        yield page(rows);
      }
      await db.query('COMMIT');
    });
  }

  async readAfter(after: number, limit: number): Promise<OutboxPage | undefined> {
    const from = await this.#find(after);
    if (from === undefined) return undefined;
    const most = Math.min(limit, this.#pageRows);
    const entries = await this.#session.query(
      `SELECT w.is_same, w.trimmed, w.xmin, b.xid, b.seq, to_json(b.key), b.xid IS NOT NULL AND b.key IS NULL
      FROM (
        SELECT left(md5(epoch || $1), 12) = $2 AS is_same, trimmed,
          txid_snapshot_xmin(txid_current_snapshot()) AS xmin
        FROM ${OUTBOX_SCHEMA}.watched WHERE id = $5 OFFSET 0 -- once, and not for each entry
      ) w LEFT JOIN (
        SELECT xid, seq, key FROM ${outboxName(this.#table.id)}
        WHERE (xid, seq) > ($3, $4) AND ${SETTLED} ORDER BY xid, seq LIMIT ${most}
      ) b ON true ORDER BY b.xid, b.seq`,
      [this.#identity, this.#epoch ?? '', from.xid, from.seq, this.#table.id],
    );
    const [isSameEpoch, trimmed, xmin] = entries[0] ?? [];
    if (isSameEpoch !== 't' || Number(trimmed) > after) return undefined;
    if (entries.some(([, , , , , , isMark]) => isMark === 't')) return undefined;
    const last = entries.at(-1);
    const count = last?.[3] == null ? 0 : entries.length;
    const seq = after + count;
    const states = await this.#readStates(entries.slice(0, count), after);
    this.#position = { xid: last?.[3] ?? from.xid, seq: last?.[4] ?? from.seq, number: seq };
    const more = count === most;
    if (!more) this.#settledXid = BigInt(xmin ?? 0);
    return { states, seq, more };
  }

  async trim(upTo: number): Promise<void> {
    const position = this.#mayTrim ? await this.#find(upTo) : undefined;
    if (position === undefined) return;
    try {
      const { xid, seq } = position;
      await this.#session.query(`SELECT ${OUTBOX_SCHEMA}.trim($1, $2, $3)`, [
        this.#table.id,
        xid,
        seq,
      ]);
    } catch (error) {
      if (sqlState(error) !== '42501') throw error;
      this.#onDenied(
        `this role may not trim the outbox: GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${OUTBOX_SCHEMA} TO it`,
      );
      this.#mayTrim = false;
    }
  }

  /** The entry that is the `number`th. Undefined: it has been trimmed, and others after it. */
  async #find(number: number): Promise<Position | undefined> {
    if (this.#position?.number === number) return this.#position;
    const [row] = await this.#session.query(
      `SELECT w.trimmed, p.xid, p.seq FROM ${OUTBOX_SCHEMA}.watched w LEFT JOIN LATERAL (
        SELECT xid, seq FROM ${outboxName(this.#table.id)} WHERE ${SETTLED}
        ORDER BY xid, seq OFFSET greatest($1::bigint - w.trimmed - 1, 0) LIMIT 1
      ) p ON $1::bigint > w.trimmed WHERE w.id = $2`,
      [number, this.#table.id],
    );
    const [trimmed, xid, seq] = row ?? [];
    if (row === undefined || Number(trimmed) > number) return undefined;
    return { xid: xid ?? START.xid, seq: seq ?? START.seq, number };
  }

  /** The rows of the keys in `entries` as they are now, each with the seq of its last entry. */
  async #readStates(entries: readonly TextRow[], after: number): Promise<RowState[]> {
    if (entries.length === 0) return [];
    const seqOf = new Map<string, number>();
    for (const [index, entry] of entries.entries()) {
      const key = entry[5] ?? '';
      seqOf.delete(key); // so that the order is that of the last entries
      seqOf.set(key, after + index + 1);
    }
    const keys = Array.from(seqOf.keys(), (key): string[] => JSON.parse(key));
    const { select, from, keyTexts, keyMatch } = this.#codec;
    const found = await this.#session.use((db) =>
      db.query(
        `SELECT to_json(ARRAY[${keyTexts}]), ${select} FROM ${from} WHERE ${keyMatch}`,
        this.#codec.keyColumns(keys),
      ),
    );
    const rows = new Map(found.map(([key, ...values]) => [key ?? '', values]));
    this.#measure(found);
    return Array.from(seqOf, ([key, seq]) => {
      const values = rows.get(key);
      const parts: string[] = JSON.parse(key);
      const row = values === undefined ? undefined : this.#codec.decode(values);
      return { key: this.#codec.keyOf(row, parts), row, seq };
    });
  }

  #decode(rows: TextRow[]): Row[] {
    this.#measure(rows);
    return rows.map((values) => this.#codec.decode(values));
  }

  /** Chooses the size of the next page by the rows of this one. */
  #measure(rows: readonly TextRow[]): void {
    let length = 0;
    for (const row of rows) for (const value of row) length += value?.length ?? 0;
    if (rows.length === 0) return;
    const fit = Math.floor((PAGE_LENGTH * rows.length) / Math.max(1, length));
    // Twice as many at most: the next rows may be larger.
    this.#pageRows = Math.max(1, Math.min(fit, this.#pageRows * 2, MAX_PAGE_ROWS));
  }
}

/** Changes with the columns or the key of a table. */
export function shapeOf({ id, key, columns }: CatalogTable): string {
  return JSON.stringify([id, key, columns]);
}

/** What tells this cluster and its history from others; empty where the role may not know. */
export async function identifyCluster(session: PostgresSession): Promise<string> {
  try {
    const [row] = await session.query(CLUSTER_SQL);
    return row?.[0] ?? '';
  } catch (error) {
    if (sqlState(error) === undefined) throw error;
    return ''; // a managed service denies these functions
  }
}

function notInstalled({ label }: CatalogTable): Error {
  return new Error(`the outbox of table "${label}" has been removed`);
}
