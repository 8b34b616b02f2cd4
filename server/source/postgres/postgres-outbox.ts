/**
 * The Outbox of one PostgreSQL table.
 *
 * Transactions are numbered in the order in which readers first see them, so nothing ever appears
 * before what has been read, however late it commits. A page's entries and rows are read in one
 * snapshot, and the last page is one whose snapshot shows nothing without a number: at that point the
 * table is exactly what its seq says, which is what lets a client resume on another server.
 *
 * @see SPEC 6 "an order that is safe against transactions committing out of sequence"
 */
import type { RowState } from '../../table/row-set.ts';
import type { Row } from '../../wire/change.ts';
import type { Outbox, OutboxBounds, OutboxPage } from '../outbox.ts';
import type { CatalogTable } from './catalog.ts';
import { OUTBOX_SCHEMA, orderName, outboxName } from './outbox-sql.ts';
import { quoteText } from './quote.ts';
import type { RowCodec } from './row-codec.ts';
import { type PostgresSession, type Queryable, sqlState, type TextRow } from './session.ts';

/** Rows of one page, at first; then as many as fit PAGE_BYTES. */
const FIRST_PAGE_ROWS = 200;
const MAX_PAGE_ROWS = 2_000;

/** Characters of the rows in one page: megabyte rows come one by one, small ones in hundreds. */
const PAGE_LENGTH = 1024 * 1024;

/**
 * The cluster's part of a history's name: another one after a fail-over (the timeline) and in a copy
 * of the cluster.
 * Functions that a managed service denies are left out by `identify`.
 */
const CLUSTER_SQL = `SELECT (pg_control_system()).system_identifier || left(pg_walfile_name(pg_current_wal_lsn()), 8)`;

/** Where a reader is: after entry `number`, in a transaction. */
interface Position {
  number: number;
  xid: string;
}

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
  /** The outbox's own part of the epoch, as it is stored. */
  #stored = '';
  #position: Position | undefined;
  #pageRows = FIRST_PAGE_ROWS;
  /** Transactions before this one have their numbers. */
  #fromXid = '0';
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

  /** SQL that tells whether there is something to read: entries, or another history. */
  get newsSql(): string {
    const { id } = this.#table;
    const order = orderName(id);
    return `NOT EXISTS (SELECT FROM ${OUTBOX_SCHEMA}.watched
      WHERE id = ${id} AND epoch || tableoid = ${quoteText(this.#stored)}) OR coalesce((SELECT number + entries > ${this.#position?.number ?? 0} FROM ${order}
      ORDER BY number DESC LIMIT 1), false) OR ${this.#unassignedSql(this.#fromXid)}`;
  }

  /**
   * What an epoch is made of beside the outbox's own and the oid that its table got when it was made or
   * restored: in another cluster, or with other columns, rows of the same seq are not the same rows.
   */
  get #identity(): string {
    return this.#connection.cluster + this.#shape;
  }

  get #session(): PostgresSession {
    return this.#connection.session;
  }

  async bounds(): Promise<OutboxBounds> {
    const { id } = this.#table;
    this.#fromXid = '0'; // another session, perhaps another cluster
    await this.#assign();
    const held = this.#position ?? { number: 0, xid: '0' };
    const [row] = await this.#session.query(
      `SELECT epoch, watched.tableoid, left(md5(epoch || watched.tableoid || $1), 12), trimmed,
        (SELECT number + entries FROM ${orderName(id)} ORDER BY number DESC LIMIT 1),
        (SELECT max(r.number + o.seq) FROM ${outboxName(id)} o JOIN ${orderName(id)} r USING (xid)
          WHERE o.key IS NULL),
        EXISTS (SELECT FROM ${orderName(id)} WHERE xid = $2 AND number + entries >= $3::bigint
          AND number < $3::bigint),
        EXISTS (SELECT FROM ${outboxName(id)} WHERE xid >= txid_snapshot_xmax(txid_current_snapshot()))
      FROM ${OUTBOX_SCHEMA}.watched WHERE id = $4`,
      [this.#identity, held.xid, held.number, id],
    );
    if (row === undefined) throw notInstalled(this.#table);
    const [stored, oid, epoch, trimmed, head, mark, isHeldThere, isFromElsewhere] = row;
    this.#stored = `${stored}${oid}`;
    // What we have read is gone and was not trimmed: commits were lost in a crash.
    const isLost = held.number > Number(trimmed) && isHeldThere !== 't';
    if (isFromElsewhere === 't' || (isLost && this.#epoch === epoch)) {
      await this.#session.query(`SELECT ${OUTBOX_SCHEMA}.renew($1, $2)`, [id, stored]);
      this.#epoch = undefined;
      return this.bounds();
    }
    if (isLost || this.#epoch !== epoch) this.#position = undefined;
    this.#epoch = epoch ?? '';
    const floorSeq = Math.max(Number(trimmed), Number(mark ?? 0));
    return { epoch: this.#epoch, floorSeq, headSeq: Math.max(floorSeq, Number(head ?? 0)) };
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
    await this.#assign();
    const { id } = this.#table;
    const { select, from, keyJoin, presence } = this.#codec;
    const upTo = after + Math.min(limit, this.#pageRows);
    const entries = await this.#session.query(
      `SELECT w.is_same, w.trimmed, w.head, w.last_head, w.last_xid, w.is_unassigned,
        e.number, to_json(e.key), ${presence} IS NOT NULL, ${select}
      FROM (
        SELECT left(md5(epoch || watched.tableoid || $1), 12) = $2 AS is_same, trimmed, last.number AS last_head, last.xid AS last_xid,
          (SELECT number + entries FROM ${orderName(id)} ORDER BY number DESC LIMIT 1) AS head,
          ${this.#unassignedSql('$3::bigint')} AS is_unassigned
        FROM ${OUTBOX_SCHEMA}.watched LEFT JOIN (SELECT number + entries AS number, xid
          FROM ${orderName(id)} WHERE number < $5::bigint ORDER BY number DESC LIMIT 1) last ON true
        WHERE id = ${id} OFFSET 0 -- once, and not for each entry
      ) w LEFT JOIN (
        SELECT max(r.number + o.seq) AS number, o.key
        FROM ${orderName(id)} r JOIN ${outboxName(id)} o
          ON o.xid = r.xid AND o.seq > $4::bigint - r.number AND o.seq <= $5::bigint - r.number
        WHERE r.number < $5::bigint AND r.number >= coalesce(
          (SELECT max(number) FROM ${orderName(id)} WHERE number <= $4::bigint), 0)
        GROUP BY o.key
      ) e ON true LEFT JOIN ${from} ON ${keyJoin}
      ORDER BY e.number`,
      [this.#identity, this.#epoch ?? '', this.#fromXid, after, upTo],
    );
    const [isSameEpoch, trimmed, head, lastHead, lastXid, isUnassigned] = entries[0] ?? [];
    if (isSameEpoch !== 't' || Number(trimmed) > after) return undefined;
    const states: RowState[] = [];
    const rows: TextRow[] = [];
    for (const [, , , , , , number, key, isThere, ...values] of entries) {
      if (number == null) continue; // there is no entry
      if (key == null) return undefined; // a mark: the table is to be read anew
      const row = isThere === 't' ? this.#codec.decode(values) : undefined;
      if (row !== undefined) rows.push(values);
      states.push({ key: this.#codec.keyOf(row, JSON.parse(key)), row, seq: Number(number) });
    }
    this.#measure(rows);
    // The last transaction of the page may reach beyond it.
    const seq = Math.max(after, Math.min(upTo, Number(lastHead ?? 0)));
    const headSeq = Math.max(seq, Number(head ?? 0));
    if (seq > after) this.#position = { number: seq, xid: lastXid ?? '0' };
    return { states, seq, headSeq, more: headSeq > seq || isUnassigned === 't' };
  }

  async trim(upTo: number): Promise<void> {
    if (!this.#mayTrim) return;
    try {
      await this.#session.query(`SELECT ${OUTBOX_SCHEMA}.trim($1, $2)`, [this.#table.id, upTo]);
    } catch (error) {
      if (sqlState(error) !== '42501') throw error;
      this.#mayTrim = false;
      this.#onDenied(
        `this role may not trim the outbox: GRANT EXECUTE ON FUNCTION ${OUTBOX_SCHEMA}.trim TO it`,
      );
    }
  }

  /** Gives numbers to transactions that have none. */
  async #assign(): Promise<void> {
    const [row] = await this.#session.query(`SELECT ${OUTBOX_SCHEMA}.assign($1, $2)`, [
      this.#table.id,
      this.#fromXid,
    ]);
    this.#fromXid = row?.[0] ?? '0';
  }

  #unassignedSql(fromXid: string): string {
    const { id } = this.#table;
    return `EXISTS (SELECT FROM ${outboxName(id)} o WHERE o.xid >= ${fromXid}
      AND NOT EXISTS (SELECT FROM ${orderName(id)} r WHERE r.xid = o.xid))`;
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
