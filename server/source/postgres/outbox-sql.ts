/**
 * The SQL of the outbox in PostgreSQL: what `sse-table install` creates and `uninstall` removes.
 *
 * Statement-level triggers with transition tables write the keys that a statement touched, so a COPY
 * of 20,000 rows is one call. NOTIFY is a wake-up without payload. Nothing here may make the user's own
 * write fail or wait: a key column that has been renamed since gives a mark to read the table again,
 * the oldest entries leave when nobody reads them, and no lock is waited for.
 *
 * The order is that of reading: transactions get their numbers, for good, when a reader first sees them
 * (`assign`). So a transaction that began early and commits late comes late, nothing is waited for,
 * and all readers count the same.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import { quoteName, quoteText } from './quote.ts';

/** The schema that holds all of it. */
export const OUTBOX_SCHEMA = 'sse_table';

/** Counted up when the SQL below changes; an older one says "install again". */
export const OUTBOX_VERSION = 1;

/** Entries of one table kept when no server reads and trims them. Servers keep fewer. */
const MAX_UNREAD_ENTRIES = 1_000_000;

/** Such an outbox is larger than this; below, nothing needs to be counted. An entry has about 90 bytes. */
const MAX_UNCOUNTED_BYTES = 64 * 1024 * 1024;

/** One transaction in so many looks at that bound, so that it costs a write next to nothing. */
const RELIEF_INTERVAL = 64;

/** A statement of so many entries always looks. */
const LARGE_STATEMENT = 8_192;

/** Entries deleted by one look, beside as many as the statement has added. */
const RELIEF_ENTRIES = 50_000;

/** Types whose text depends on the session's settings; where a key has one, the trigger fixes these. */
const SETTING_DEPENDENT = /^(date|time|interval|real|double|bytea|money|.*range)/;

/** A table, its key, and what is installed of it. */
export interface WatchedTable {
  /** Number of its outbox: `outbox_3`. */
  id: number;
  schema: string;
  name: string;
  /** Columns of the key with their types, in order. */
  key: readonly { name: string; type: string }[];
  /** What the triggers go on: itself and its partitions, with the triggers that are there. */
  relations: readonly { schema: string; name: string; triggers: readonly string[] }[];
}

/** The channel on which a table's changes are announced. */
export function wakeChannel(id: number): string {
  return `${OUTBOX_SCHEMA}_${id}`;
}

/** The table of a table's entries. */
export function outboxName(id: number): string {
  return `${OUTBOX_SCHEMA}.outbox_${id}`;
}

/** The table of its transactions, in the order in which they are read. */
export function orderName(id: number): string {
  return `${OUTBOX_SCHEMA}.order_${id}`;
}

/** The text of a key column, the same in the triggers and in the reader's queries. */
export function keyTextSql(column: string, alias: string): string {
  return `${alias}.${quoteName(column)}::text`;
}

/**
 * Entries written so far in a transaction. No sequence: a trigger that takes from one would change what
 * `lastval()` says to the user's program.
 */
const SEQ_SETTING = 'sse_table.seq';

/**
 * Who notifies: one transaction at a time, the others go without. NOTIFY takes one lock of the whole
 * cluster until the commit is on disk, so that 8 writers would have to queue: 220 commits/s instead of
 * 1,860 (bench/postgres.ts). Readers look again soon after each wake-up, for those who went without.
 * And a transaction that notifies cannot be prepared, so where that is allowed, nobody does.
 */
const WAKE_LOCK = 0x73736574; // "sset", the first half of an advisory lock; the outbox is the other

/** Readers take it to number transactions, one after the other. */
const ASSIGN_LOCK = 0x73736561; // "ssea"

/** A function's head: it runs with its owner's rights, and finds nothing but what it means. */
const DEFINER = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/** Creates the schema and the functions that all tables share. Harmless where they are there. */
export function installSchemaSql(): string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${OUTBOX_SCHEMA}`,
    `CREATE TABLE IF NOT EXISTS ${OUTBOX_SCHEMA}.watched (
  id integer PRIMARY KEY,
  relation regclass NOT NULL UNIQUE,
  key_columns text[] NOT NULL,
  version integer NOT NULL,
  epoch text NOT NULL, -- the name of this history
  trimmed bigint NOT NULL DEFAULT 0 -- entries up to this number have left the outbox
)`,
    // Numbers the transactions that are visible and have none: entry n of one is number + n. Those
    // before from_xid all have one. Returns the from_xid of the next time.
    `CREATE OR REPLACE FUNCTION ${OUTBOX_SCHEMA}.assign(outbox integer, from_xid bigint)
RETURNS bigint ${DEFINER} SET enable_seqscan = off AS $$ -- statistics come later than entries
DECLARE next_xid bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(${ASSIGN_LOCK}, outbox); -- only readers take it
  next_xid := txid_snapshot_xmin(txid_current_snapshot());
  EXECUTE format('INSERT INTO ${OUTBOX_SCHEMA}.order_%1$s (number, xid, entries)
    SELECT last.number + sum(entries) OVER (ORDER BY xid) - entries, xid, entries FROM (
      SELECT xid, max(seq) AS entries FROM ${OUTBOX_SCHEMA}.outbox_%1$s o
      WHERE xid >= $1 AND NOT EXISTS (SELECT FROM ${OUTBOX_SCHEMA}.order_%1$s r WHERE r.xid = o.xid)
      GROUP BY xid
    ) fresh, (
      SELECT coalesce((SELECT number + entries FROM ${OUTBOX_SCHEMA}.order_%1$s
        ORDER BY number DESC LIMIT 1), 0) AS number
    ) last', outbox) USING from_xid;
  RETURN next_xid;
END $$`,
    // Entries up to a number leave, unless somebody else is trimming. The last transaction keeps its
    // number, from which the next one goes on.
    `CREATE OR REPLACE FUNCTION ${OUTBOX_SCHEMA}.trim(outbox integer, upto bigint)
RETURNS void ${DEFINER} AS $$
BEGIN
  PERFORM FROM ${OUTBOX_SCHEMA}.watched WHERE id = outbox FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  EXECUTE format('DELETE FROM ${OUTBOX_SCHEMA}.outbox_%1$s o USING ${OUTBOX_SCHEMA}.order_%1$s r
    WHERE r.xid = o.xid AND r.number < $1 AND o.seq <= $1 - r.number', outbox) USING upto;
  EXECUTE format('DELETE FROM ${OUTBOX_SCHEMA}.order_%1$s WHERE number + entries <= $1
    AND number < (SELECT max(number) FROM ${OUTBOX_SCHEMA}.order_%1$s)', outbox) USING upto;
  UPDATE ${OUTBOX_SCHEMA}.watched SET trimmed = greatest(trimmed, upto) WHERE id = outbox;
END $$`,
    // Another history begins: the one before has lost entries, or came from another cluster.
    `CREATE OR REPLACE FUNCTION ${OUTBOX_SCHEMA}.renew(outbox integer, old_epoch text)
RETURNS void ${DEFINER} AS $$
BEGIN
  UPDATE ${OUTBOX_SCHEMA}.watched
  SET epoch = left(md5(epoch || random() || clock_timestamp()), 12)
  WHERE id = outbox AND epoch = old_epoch;
  EXECUTE format('DELETE FROM ${OUTBOX_SCHEMA}.outbox_%s
    WHERE xid >= txid_snapshot_xmax(txid_current_snapshot())', outbox);
END $$`,
    // After each statement: wakes the servers, and now and then keeps the bound. A repeatable-read
    // transaction could fail on a row that another has trimmed; it leaves that to the others.
    `CREATE OR REPLACE FUNCTION ${OUTBOX_SCHEMA}.captured(outbox integer, seq_before bigint, entries bigint)
RETURNS void ${DEFINER} AS $$
DECLARE
  outbox_name text := '${OUTBOX_SCHEMA}.outbox_' || outbox;
  gone bigint;
BEGIN
  PERFORM set_config('${SEQ_SETTING}', (seq_before + entries)::text, true);
  IF current_setting('max_prepared_transactions') = '0' AND pg_try_advisory_xact_lock(${WAKE_LOCK}, outbox)
  THEN PERFORM pg_notify('${OUTBOX_SCHEMA}_' || outbox, ''); END IF;
  IF entries < ${LARGE_STATEMENT} AND (seq_before > 0 OR txid_current() % ${RELIEF_INTERVAL} > 0)
    OR pg_relation_size(outbox_name) < ${MAX_UNCOUNTED_BYTES}
    OR current_setting('transaction_isolation') <> 'read committed'
  THEN RETURN; END IF;
  EXECUTE format('DELETE FROM %1$s WHERE (xid, seq) IN (
    SELECT xid, seq FROM %1$s WHERE EXISTS (SELECT FROM %1$s OFFSET ${MAX_UNREAD_ENTRIES})
    ORDER BY xid, seq LIMIT $1 FOR UPDATE SKIP LOCKED)', outbox_name)
    USING entries + ${RELIEF_ENTRIES};
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone = 0 THEN RETURN; END IF;
  EXECUTE format('INSERT INTO %1$s (seq, key) VALUES ($1, NULL)', outbox_name)
    USING seq_before + entries + 1;
  PERFORM set_config('${SEQ_SETTING}', (seq_before + entries + 1)::text, true);
END $$`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ${OUTBOX_SCHEMA} FROM PUBLIC`,
  ];
}

/** Creates a table's outbox, its function, and those of its triggers that are absent. */
export function installTableSql(table: WatchedTable): string[] {
  const { id, schema, name, key } = table;
  const relation = `${quoteText(`${quoteName(schema)}.${quoteName(name)}`)}::regclass`;
  const columns = `ARRAY[${key.map((column) => quoteText(column.name)).join(', ')}]::text[]`;
  const statements = [
    `CREATE TABLE IF NOT EXISTS ${outboxName(id)} (
  xid bigint NOT NULL DEFAULT txid_current(), -- the transaction that wrote it
  seq bigint NOT NULL, -- the order within that transaction
  key text[], -- null: read the whole table again
  PRIMARY KEY (xid, seq)
)`,
    `CREATE TABLE IF NOT EXISTS ${orderName(id)} (
  number bigint PRIMARY KEY, -- entries before this transaction's
  xid bigint NOT NULL UNIQUE,
  entries bigint NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS outbox_${id}_marks ON ${outboxName(id)} (xid, seq) WHERE key IS NULL`,
    `INSERT INTO ${OUTBOX_SCHEMA}.watched (id, relation, key_columns, version, epoch)
VALUES (${id}, ${relation}, ${columns}, ${OUTBOX_VERSION}, left(md5(random()::text || clock_timestamp()), 12))
ON CONFLICT (id) DO UPDATE SET version = EXCLUDED.version, key_columns = EXCLUDED.key_columns`,
    captureFunctionSql(table),
    `REVOKE ALL ON FUNCTION ${captureName(id)}() FROM PUBLIC`,
  ];
  for (const { schema, name, triggers } of table.relations) {
    for (const [trigger, when] of TRIGGERS) {
      // Looked up and not replaced: whoever may create a trigger may not always drop it.
      if (triggers.includes(trigger)) continue;
      statements.push(
        `CREATE TRIGGER ${trigger} AFTER ${when(`${quoteName(schema)}.${quoteName(name)}`)} ` +
          `FOR EACH STATEMENT EXECUTE FUNCTION ${captureName(id)}()`,
      );
    }
  }
  return statements;
}

/** Says that changes may have gone unseen: the table is to be read again, and clients with it. */
export function markSql(id: number): string {
  return `INSERT INTO ${outboxName(id)} (seq, key) VALUES (1, NULL)`;
}

/** Removes a table's triggers, its function and its outbox. */
export function uninstallTableSql({ id, relations }: WatchedTable): string[] {
  const triggers = relations.flatMap(({ schema, name, triggers }) =>
    TRIGGERS.filter(([trigger]) => triggers.includes(trigger)).map(
      ([trigger]) => `DROP TRIGGER ${trigger} ON ${quoteName(schema)}.${quoteName(name)}`,
    ),
  );
  return [
    ...triggers,
    `DROP FUNCTION IF EXISTS ${captureName(id)}()`,
    `DROP TABLE IF EXISTS ${outboxName(id)}, ${orderName(id)}`,
    `DELETE FROM ${OUTBOX_SCHEMA}.watched WHERE id = ${id}`,
  ];
}

/** Removes what all tables share; once none is watched any more. */
export function uninstallSchemaSql(): string[] {
  return [
    `DROP FUNCTION ${OUTBOX_SCHEMA}.captured(integer, bigint, bigint)`,
    `DROP FUNCTION ${OUTBOX_SCHEMA}.trim(integer, bigint)`,
    `DROP FUNCTION ${OUTBOX_SCHEMA}.assign(integer, bigint)`,
    `DROP FUNCTION ${OUTBOX_SCHEMA}.renew(integer, text)`,
    `DROP TABLE ${OUTBOX_SCHEMA}.watched`,
    `DROP SCHEMA ${OUTBOX_SCHEMA}`, // fails where somebody has put something else into it
  ];
}

/** A trigger with a transition table is for one event. */
const TRIGGERS: readonly (readonly [name: string, when: (relation: string) => string])[] = [
  ['sse_table_insert', (on) => `INSERT ON ${on} REFERENCING NEW TABLE AS new_rows`],
  [
    'sse_table_update',
    (on) => `UPDATE ON ${on} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows`,
  ],
  ['sse_table_delete', (on) => `DELETE ON ${on} REFERENCING OLD TABLE AS old_rows`],
  ['sse_table_truncate', (on) => `TRUNCATE ON ${on}`],
];

/** The triggers that a watched table has, by name. */
export const TRIGGER_NAMES: readonly string[] = TRIGGERS.map(([name]) => name);

function captureName(id: number): string {
  return `${OUTBOX_SCHEMA}.capture_${id}`;
}

function captureFunctionSql({ id, key }: WatchedTable): string {
  const keyOf = (alias: string): string =>
    `ARRAY[${key.map(({ name }) => keyTextSql(name, alias)).join(', ')}]`;
  const names = key.map(({ name }) => quoteText(name)).join(', ');
  const insert = (from: string, keys: string): string =>
    `INSERT INTO ${outboxName(id)} (seq, key) SELECT seq_before + row_number() OVER (), ${keys} FROM ${from}`;
  const settings = key.some(({ type }) => SETTING_DEPENDENT.test(type))
    ? " SET DateStyle = 'ISO, YMD' SET TimeZone = 'UTC' SET IntervalStyle = 'postgres'" +
      " SET extra_float_digits = 1 SET bytea_output = 'hex'"
    : '';
  return `CREATE OR REPLACE FUNCTION ${captureName(id)}() RETURNS trigger
${DEFINER}${settings} AS $$
DECLARE
  seq_before bigint := coalesce(nullif(current_setting('${SEQ_SETTING}', true), ''), '0');
  entries bigint;
BEGIN
  IF TG_OP = 'TRUNCATE' OR ${key.length} <> (
    SELECT count(*) FROM pg_attribute
    WHERE attrelid = TG_RELID AND attname IN (${names}) AND NOT attisdropped
  ) THEN
    INSERT INTO ${outboxName(id)} (seq, key) VALUES (seq_before + 1, NULL);
  ELSIF TG_OP = 'INSERT' THEN
    ${insert('new_rows n', keyOf('n'))};
  ELSIF TG_OP = 'DELETE' THEN
    ${insert('old_rows o', keyOf('o'))};
  ELSE
    ${insert(`(SELECT ${keyOf('n')} FROM new_rows n UNION SELECT ${keyOf('o')} FROM old_rows o) AS both_rows (k)`, 'k')};
  END IF;
  GET DIAGNOSTICS entries = ROW_COUNT;
  IF entries > 0 THEN PERFORM ${OUTBOX_SCHEMA}.captured(${id}, seq_before, entries); END IF;
  RETURN NULL;
END $$`;
}
