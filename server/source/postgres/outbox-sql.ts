/**
 * The SQL of the outbox in PostgreSQL: what `sse-table install` creates and `uninstall` removes.
 *
 * Statement-level triggers with transition tables write the keys that a statement touched, so a COPY
 * of 20,000 rows is one call. NOTIFY is a wake-up without payload. Nothing here may make the user's own
 * write fail or wait: a key column that has been renamed since gives a mark to read the table again,
 * the oldest entries leave when nobody reads them, and no lock is waited for.
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
  trimmed bigint NOT NULL DEFAULT 0 -- entries that have left the outbox
)`,
    // Entries up to a place leave, unless somebody else is trimming. Returns how many.
    `CREATE OR REPLACE FUNCTION ${OUTBOX_SCHEMA}.trim(outbox integer, upto_xid bigint, upto_seq bigint)
RETURNS bigint ${DEFINER} AS $$
DECLARE gone bigint;
BEGIN
  PERFORM FROM ${OUTBOX_SCHEMA}.watched WHERE id = outbox FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN 0; END IF;
  EXECUTE format('DELETE FROM ${OUTBOX_SCHEMA}.outbox_%s WHERE (xid, seq) <= ($1, $2)
    AND xid < txid_snapshot_xmin(txid_current_snapshot())', outbox) USING upto_xid, upto_seq;
  GET DIAGNOSTICS gone = ROW_COUNT;
  UPDATE ${OUTBOX_SCHEMA}.watched SET trimmed = trimmed + gone WHERE id = outbox;
  RETURN gone;
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
  upto record;
BEGIN
  PERFORM set_config('${SEQ_SETTING}', (seq_before + entries)::text, true);
  IF current_setting('max_prepared_transactions') = '0' AND pg_try_advisory_xact_lock(${WAKE_LOCK}, outbox)
  THEN PERFORM pg_notify('${OUTBOX_SCHEMA}_' || outbox, ''); END IF;
  IF entries < ${LARGE_STATEMENT} AND (seq_before > 0 OR txid_current() % ${RELIEF_INTERVAL} > 0)
    OR pg_relation_size(outbox_name) < ${MAX_UNCOUNTED_BYTES}
    OR current_setting('transaction_isolation') <> 'read committed'
  THEN RETURN; END IF;
  EXECUTE format('SELECT xid, seq FROM (SELECT xid, seq FROM %1$s
      WHERE xid < txid_snapshot_xmin(txid_current_snapshot()) ORDER BY xid, seq LIMIT $1) old
    WHERE EXISTS (SELECT FROM %1$s OFFSET ${MAX_UNREAD_ENTRIES})
    ORDER BY xid DESC, seq DESC LIMIT 1', outbox_name)
    INTO upto USING entries + ${RELIEF_ENTRIES};
  IF upto.xid IS NOT NULL THEN
    PERFORM ${OUTBOX_SCHEMA}.trim(outbox, upto.xid, upto.seq);
  END IF;
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
  return `INSERT INTO ${outboxName(id)} (seq, key) VALUES (0, NULL)`;
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
    `DROP TABLE IF EXISTS ${outboxName(id)}`,
    `DELETE FROM ${OUTBOX_SCHEMA}.watched WHERE id = ${id}`,
  ];
}

/** Removes what all tables share; once none is watched any more. */
export function uninstallSchemaSql(): string[] {
  return [
    `DROP FUNCTION ${OUTBOX_SCHEMA}.captured(integer, bigint, bigint)`,
    `DROP FUNCTION ${OUTBOX_SCHEMA}.trim(integer, bigint, bigint)`,
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
