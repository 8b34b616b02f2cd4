/**
 * `sse-table install postgres://…` and `uninstall`: the outbox of tables, created and removed.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import { SseTableError } from '../../base/errors.ts';
import { type CatalogTable, readCatalog } from './catalog.ts';
import {
  installSchemaSql,
  installTableSql,
  markSql,
  OUTBOX_SCHEMA,
  TRIGGER_NAMES,
  uninstallSchemaSql,
  uninstallTableSql,
} from './outbox-sql.ts';
import { PostgresSession, type Queryable, sqlState } from './session.ts';

export interface PostgresInstallOptions {
  url: string;
  /** None: all of schema public; to uninstall, all that are installed. */
  tables: readonly string[];
  /** Columns of the key, for a table without a primary key: `id`, `region,number`. */
  key: string | undefined;
  action: 'install' | 'uninstall';
  /** Only say what would be done. */
  dryRun: boolean;
}

export interface PostgresInstallResult {
  /** The statements, in order; what is there already needs none. */
  sql: string[];
  /** Tables that got or lost their outbox; those that were so already are not among them. */
  tables: string[];
  /** Tables that cannot be watched, and why. */
  skipped: string[];
}

/**
 * Does it, in one transaction; doing it twice is harmless.
 * @throws {SseTableError} `bad_option` with the fix: no such table, no key, not allowed, not reached.
 */
export async function installPostgres(
  options: PostgresInstallOptions,
): Promise<PostgresInstallResult> {
  const handlers = { onWake: () => undefined, onLost: () => undefined };
  try {
    using session = await PostgresSession.connect(options.url, handlers);
    return await session.use((db) => run(db, options));
  } catch (error) {
    if (error instanceof SseTableError || !(error instanceof Error)) throw error;
    const hint =
      sqlState(error) === '42501'
        ? '; to install takes CREATE on the database and TRIGGER on each table, to uninstall the owner'
        : '';
    throw new SseTableError('bad_option', `${options.action}: ${error.message}${hint}`, {
      cause: error,
    });
  }
}

async function run(db: Queryable, options: PostgresInstallOptions): Promise<PostgresInstallResult> {
  await db.query('BEGIN');
  const plan =
    options.action === 'install'
      ? await planInstall(db, options)
      : await planUninstall(db, options);
  if (!options.dryRun) for (const statement of plan.sql) await db.query(statement);
  await db.query(options.dryRun ? 'ROLLBACK' : 'COMMIT');
  return plan;
}

async function planInstall(
  db: Queryable,
  { tables: labels, key }: PostgresInstallOptions,
): Promise<PostgresInstallResult> {
  const catalog = await readCatalog(db, labels);
  refuseMissing(catalog.missing);
  if (key !== undefined && catalog.tables.length !== 1) {
    throw new SseTableError('bad_option', '--key goes with one table; name it with --table');
  }
  const sql: string[] = [];
  const skipped: string[] = [];
  const tables: string[] = [];
  let { nextId } = catalog;
  for (const held of catalog.tables) {
    const table = key === undefined ? held : await withKey(db, held, key);
    if (table.key.length === 0) {
      const problem = `table "${table.label}" has no primary key; name a unique column with --key`;
      if (labels.length > 0) throw new SseTableError('bad_option', problem);
      skipped.push(problem);
      continue;
    }
    if (table.isInstalled && table.key === held.key) continue;
    const isNew = table.id === 0;
    const id = isNew ? nextId++ : table.id;
    sql.push(...installTableSql({ ...table, id }));
    const isComplete = table.relations.every(
      (each) => each.triggers.length === TRIGGER_NAMES.length,
    );
    if (!isNew && (!isComplete || table.key !== held.key)) sql.push(markSql(id));
    tables.push(table.label);
  }
  if (catalog.tables.length === 0) {
    throw new SseTableError('bad_option', 'schema public has no tables; create one, or name it');
  }
  if (tables.length > 0) sql.unshift(...installSchemaSql());
  return { sql, tables, skipped };
}

async function planUninstall(
  db: Queryable,
  { tables: labels }: PostgresInstallOptions,
): Promise<PostgresInstallResult> {
  const watched = await readWatched(db);
  const wanted = labels.length === 0 ? watched.map(({ label }) => label) : [...labels];
  const catalog = await readCatalog(db, wanted.length === 0 ? labels : wanted);
  const chosen = watched.filter(({ label }) => wanted.includes(label));
  refuseMissing(labels.filter((label) => !chosen.some((each) => each.label === label)));
  const sql = chosen.flatMap(({ id, label }) => {
    const table = catalog.tables.find((each) => each.label === label);
    // Of a table that has been dropped, only the outbox is left.
    return uninstallTableSql(table ?? { id, schema: '', name: '', key: [], relations: [] });
  });
  if (chosen.length === watched.length && watched.length > 0) sql.push(...uninstallSchemaSql());
  return { sql, tables: chosen.map(({ label }) => label), skipped: [] };
}

async function readWatched(db: Queryable): Promise<{ id: number; label: string }[]> {
  const [row] = await db.query(`SELECT to_regclass('${OUTBOX_SCHEMA}.watched') IS NOT NULL`);
  if (row?.[0] !== 't') return [];
  const rows = await db.query(
    `SELECT w.id, CASE WHEN c.oid IS NULL THEN w.relation::text WHEN n.nspname = 'public' THEN c.relname
      ELSE n.nspname || '.' || c.relname END
    FROM ${OUTBOX_SCHEMA}.watched w LEFT JOIN pg_class c ON c.oid = w.relation
    LEFT JOIN pg_namespace n ON n.oid = c.relnamespace`,
  );
  return rows.map(([id, label]) => ({ id: Number(id), label: label ?? '' }));
}

/** @throws {SseTableError} when the columns are not there, or two rows could have the same key. */
async function withKey(db: Queryable, table: CatalogTable, key: string): Promise<CatalogTable> {
  const names = key.split(',').map((name) => name.trim());
  const columns = names.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    if (column !== undefined) return column;
    const has = table.columns.map((each) => each.name).join(', ');
    throw new SseTableError(
      'bad_option',
      `table "${table.label}" has no column "${name}"; it has ${has}`,
    );
  });
  if (JSON.stringify(table.key) === JSON.stringify(columns)) return table;
  const [row] = await db.query(
    `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid
        AND i.indpred IS NULL AND i.indexprs IS NULL AND (
          SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
          WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
        ) = (SELECT array_agg(n ORDER BY n) FROM unnest($2::text[]) n))
      AND NOT EXISTS (SELECT FROM pg_attribute a
        WHERE a.attrelid = $1 AND a.attname = ANY($2) AND NOT a.attnotnull)`,
    [table.oid, names],
  );
  if (row?.[0] === 't') return { ...table, key: columns };
  throw new SseTableError(
    'bad_option',
    `--key ${key}: two rows of "${table.label}" could have the same; it takes NOT NULL and a unique index`,
  );
}

function refuseMissing(missing: readonly string[]): void {
  if (missing.length === 0) return;
  throw new SseTableError('bad_option', `there is no table "${missing.join('", "')}" to be found`);
}
