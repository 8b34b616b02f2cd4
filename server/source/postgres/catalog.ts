/**
 * What the catalogs say of the tables to serve: columns, keys, rights, and what is installed.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import { SseTableError } from '../../base/errors.ts';
import { type ColumnKind, kindOfType, type PostgresColumn } from './columns.ts';
import { OUTBOX_SCHEMA, OUTBOX_VERSION, TRIGGER_NAMES, type WatchedTable } from './outbox-sql.ts';
import type { Queryable, TextRow } from './session.ts';

/** The schema served unless a name says otherwise. */
const DEFAULT_SCHEMA = 'public';

/** The oldest PostgreSQL that this works with. */
const MIN_VERSION = 120_000;

/** A table as the catalogs have it. */
export interface CatalogTable extends WatchedTable {
  oid: string;
  /** Its name here: `orders`, `sales.orders`. */
  label: string;
  columns: readonly PostgresColumn[];
  /** Whether its outbox, function and all its triggers are there, and of this version. */
  isInstalled: boolean;
  /** Whether this role may read the table and its outbox. */
  isReadable: boolean;
}

/** The tables in a database. */
export interface Catalog {
  tables: CatalogTable[];
  /** Number for the outbox of the next table. */
  nextId: number;
  /** Labels of tables that have an outbox. */
  watched: number;
  /** False: nobody is woken (see outbox-sql.ts), so the outbox has to be looked at often. */
  notifies: boolean;
  /** Tables that were asked for and are not there. */
  missing: string[];
}

const TABLES_SQL = `
SELECT c.oid, n.nspname, c.relname,
  (SELECT json_agg(a.attname ORDER BY k.place)
    FROM pg_index i, unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attnum = k.attnum
    WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND k.place <= i.indnkeyatts),
  has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (n.nspname, c.relname) IN (SELECT * FROM unnest($1::text[], $2::text[]))
ORDER BY c.relname`;

const ALL_TABLES_SQL = TABLES_SQL.replace(
  /AND \(n\.nspname, c\.relname\).*\n/,
  `AND n.nspname = $1 AND $2::text IS NULL\n`,
);

/** Each column with the type under its domain, which may lie under another. */
const COLUMNS_SQL = `
WITH RECURSIVE bases AS (
  SELECT oid AS type, oid AS base, typtype, typbasetype FROM pg_type
  WHERE oid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = ANY($1::oid[]))
  UNION ALL
  SELECT b.type, t.oid, t.typtype, t.typbasetype FROM bases b JOIN pg_type t ON t.oid = b.typbasetype
  WHERE b.typtype = 'd'
)
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), t.oid,
  t.typtype = 'c' OR t.typcategory = 'A', a.attgenerated, a.attidentity
FROM pg_attribute a
JOIN bases b ON b.type = a.atttypid AND b.typtype <> 'd'
JOIN pg_type t ON t.oid = b.base
WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum`;

/** The tables' own triggers and those of their partitions that can have some. */
const RELATIONS_SQL = `
SELECT root, n.nspname, c.relname,
  (SELECT json_agg(t.tgname) FROM pg_trigger t
    WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND NOT t.tgisinternal AND t.tgname = ANY($2::text[]))
FROM unnest($1::oid[]) AS root, LATERAL (
  SELECT root AS relid UNION SELECT relid::oid FROM pg_partition_tree(root::regclass)
) AS tree JOIN pg_class c ON c.oid = tree.relid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
ORDER BY root, c.oid <> root, n.nspname, c.relname`;

const WATCHED_SQL = `
SELECT w.relation::oid, w.id, w.version, to_json(w.key_columns),
  coalesce(has_table_privilege(to_regclass('${OUTBOX_SCHEMA}.outbox_' || w.id), 'SELECT'), false),
  to_regclass('${OUTBOX_SCHEMA}.outbox_' || w.id) IS NOT NULL
FROM ${OUTBOX_SCHEMA}.watched w`;

/** Splits `sales.orders`; a name without a schema is one of `public`. */
export function splitLabel(label: string): { schema: string; name: string } {
  const dot = label.indexOf('.');
  return dot < 0
    ? { schema: DEFAULT_SCHEMA, name: label }
    : { schema: label.slice(0, dot), name: label.slice(dot + 1) };
}

/**
 * Reads the catalogs.
 * @param labels of the tables; none means all of schema public.
 * @throws {SseTableError} `bad_option`: the database is too old, the role may not read the outbox.
 */
export async function readCatalog(db: Queryable, labels: readonly string[]): Promise<Catalog> {
  const [settings] = await db.query(
    `SELECT current_setting('server_version_num'), current_setting('server_version'),
      current_setting('max_prepared_transactions'), to_regclass('${OUTBOX_SCHEMA}.watched') IS NOT NULL`,
  );
  const [version, versionName, prepared, isThere] = settings ?? [];
  if (Number(version) < MIN_VERSION) {
    throw new SseTableError(
      'bad_option',
      `PostgreSQL ${versionName} is too old; 12 or later works`,
    );
  }
  const wanted = labels.map(splitLabel);
  const found =
    labels.length === 0
      ? await db.query(ALL_TABLES_SQL, [DEFAULT_SCHEMA, null])
      : await db.query(TABLES_SQL, [wanted.map((w) => w.schema), wanted.map((w) => w.name)]);
  const oids = found.map(([oid]) => text(oid));
  const columns = groupByFirst(await db.query(COLUMNS_SQL, [oids]));
  const relations = groupByFirst(await db.query(RELATIONS_SQL, [oids, TRIGGER_NAMES]));
  const watched = new Map(
    (isThere === 't' ? await db.query(WATCHED_SQL) : []).map((row) => [text(row[0]), row]),
  );
  const ids = Array.from(watched.values(), (row) => Number(row[1]));
  const tables = found.map((row) =>
    toTable(row, columns, relations, watched.get(text(row[0])) ?? []),
  );
  return {
    tables,
    nextId: Math.max(0, ...ids) + 1,
    watched: watched.size,
    notifies: prepared === '0',
    missing: labels.filter(
      (label) => !tables.some((table) => table.label === labelOf(splitLabel(label))),
    ),
  };
}

function toTable(
  [oid, schema, name, primaryKey, isReadable]: TextRow,
  columnsOf: ReadonlyMap<string, TextRow[]>,
  relationsOf: ReadonlyMap<string, TextRow[]>,
  [, id, version, keyColumns, isOutboxReadable, isOutboxThere]: TextRow,
): CatalogTable {
  const columns = (columnsOf.get(text(oid)) ?? []).map(toColumn);
  const names = namesIn(keyColumns ?? primaryKey ?? null);
  const key = names.flatMap((column) => columns.find((each) => each.name === column) ?? []);
  const relations = (relationsOf.get(text(oid)) ?? []).map(([, schema, name, triggers]) => ({
    schema: text(schema),
    name: text(name),
    triggers: namesIn(triggers ?? null),
  }));
  return {
    id: Number(id ?? 0),
    oid: text(oid),
    schema: text(schema),
    name: text(name),
    label: labelOf({ schema: text(schema), name: text(name) }),
    key: key.length === names.length ? key : [],
    relations,
    columns,
    isInstalled:
      isOutboxThere === 't' &&
      Number(version) === OUTBOX_VERSION &&
      relations.every(({ triggers }) => triggers.length === TRIGGER_NAMES.length),
    isReadable: isReadable === 't' && isOutboxReadable !== 'f',
  };
}

function toColumn([, name, type, oid, isStructure, generated, identity]: TextRow): PostgresColumn {
  const kind: ColumnKind = kindOfType(Number(oid), isStructure === 't');
  return {
    name: text(name),
    type: text(type),
    kind,
    generated: generated !== '' ? 'stored' : identity === 'a' ? 'identity' : undefined,
  };
}

function labelOf({ schema, name }: { schema: string; name: string }): string {
  return schema === DEFAULT_SCHEMA ? name : `${schema}.${name}`;
}

function groupByFirst(rows: readonly TextRow[]): Map<string, TextRow[]> {
  return Map.groupBy(rows, ([first]) => text(first));
}

function namesIn(json: string | null): string[] {
  const names: unknown = JSON.parse(json ?? '[]');
  return Array.isArray(names) ? names.map(String) : [];
}

function text(value: string | null | undefined): string {
  return value ?? '';
}
