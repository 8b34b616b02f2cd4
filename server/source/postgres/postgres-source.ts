/**
 * The tables of a PostgreSQL database as a Source: all rows once, then what the outboxes say.
 *
 * One dedicated connection listens and looks; NOTIFY shortens the wait, polling makes sure. When the
 * connection is lost, it is made again and the outboxes are read on from where they were.
 *
 * @see SPEC 6 "PostgreSQL"
 */
import type { Clock } from '../../base/clock.ts';
import { SseTableError } from '../../base/errors.ts';
import { pause } from '../../base/pause.ts';
import type { Random } from '../../base/random.ts';
import { backoffMs } from '../../base/retry.ts';
import { hideSecret } from '../kind.ts';
import { Lag } from '../lag.ts';
import { OutboxReader } from '../outbox.ts';
import type { Batch, Source, SourceContext, SourceLag, TableSpec } from '../source.ts';
import { type Catalog, type CatalogTable, readCatalog } from './catalog.ts';
import { OUTBOX_SCHEMA, wakeChannel } from './outbox-sql.ts';
import { type Connection, identifyCluster, PostgresOutbox, shapeOf } from './postgres-outbox.ts';
import { PostgresWriter } from './postgres-writer.ts';
import { RowCodec } from './row-codec.ts';
import { isLost, PostgresSession, sqlState } from './session.ts';
import { problemOf } from './table-problem.ts';
import { Wakeup } from './wakeup.ts';

/** Waits between tries to connect. */
const RETRY_BASE_MS = 200;
const RETRY_MAX_MS = 10_000;

/** Between two looks when all is quiet: for changes whose transaction did not notify. */
const POLL_MS = 1_000;

/** The same where nobody notifies at all. */
const POLL_WITHOUT_NOTIFY_MS = 50;

/** After news, soon again and then ever later: others may have gone without notifying. */
const FIRST_LOOK_MS = 5;

/** Between two looks at the catalogs: for tables made, changed and dropped. */
const CATALOG_MS = 5_000;

export interface PostgresSourceOptions {
  url: string;
  /** `orders`, `sales.orders`; none: all of schema public that are installed. */
  tables: readonly string[];
  /** Between two looks at the catalogs; 5 s unless a test is in a hurry. */
  catalogMs?: number;
  /** How long the dedicated connection may be silent when it was asked; 5 s likewise. */
  watchTimeoutMs?: number;
}

/** A table being served. */
interface Served {
  table: CatalogTable;
  /** Changes with its columns or key: then it is read anew. */
  shape: string;
  outbox: PostgresOutbox;
  reader: OutboxReader;
  /** Which session it has caught up in. */
  caughtUpIn: Connection | undefined;
}

/** The tables of one database. */
export class PostgresSource implements Source {
  readonly name: string;
  readonly #options: PostgresSourceOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #served = new Map<string, Served>();
  /** Tables that people may see: served, or kept as they were when they could be served last. */
  readonly #shown = new Set<string>();
  /** Why a table is not served, or not any more. */
  readonly #problems = new Map<string, string>();
  /** Tables that have been without triggers: what changed meanwhile is in no outbox. */
  readonly #unwatched = new Set<string>();
  readonly #reported = new Set<string>();
  readonly #writer: PostgresWriter;
  readonly #lag: Lag;
  #failure: string | undefined = 'not connected yet';
  #catalog: Catalog | undefined;
  #wakeup: Wakeup;

  constructor(options: PostgresSourceOptions, deps: { clock: Clock; random: Random }) {
    this.name = `postgres ${describeUrl(options.url)}`;
    this.#options = options;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#wakeup = new Wakeup(deps.clock);
    this.#lag = new Lag(deps.clock);
    this.#writer = new PostgresWriter({
      clock: deps.clock,
      tableOf: (name) => this.#served.get(name)?.table,
      wake: (table) => this.#wakeup.ring(wakeChannel(table.id)),
    });
  }

  get down(): string | undefined {
    if (this.#failure !== undefined) return this.#failure;
    return this.#problems.size === 0 ? undefined : [...this.#problems.values()].join('; ');
  }

  get lag(): SourceLag {
    let waiting = 0;
    for (const { reader } of this.#served.values()) waiting += reader.waiting;
    return this.#lag.measure(waiting);
  }

  /**
   * Runs until aborted.
   * @throws {SseTableError} `bad_option`: this PostgreSQL is too old.
   */
  async *run(context: SourceContext, open: (spec: TableSpec) => void): AsyncGenerator<Batch> {
    const { signal } = context;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        yield* this.#runSession(context, open, () => {
          attempt = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof SseTableError) throw error;
        this.#lag.fellBehind();
        const reason = error instanceof Error ? error.message : String(error);
        const waitMs = backoffMs(attempt, RETRY_BASE_MS, RETRY_MAX_MS, this.#random);
        if (this.#failure !== reason) {
          context.report({ level: 'warn', message: `${reason}; connecting again until it works` });
        }
        this.#failure = reason;
        await pause(this.#clock, waitMs, signal);
      }
    }
  }

  async *#runSession(
    context: SourceContext,
    open: (spec: TableSpec) => void,
    onWell: () => void,
  ): AsyncGenerator<Batch> {
    const { signal } = context;
    const wakeup = new Wakeup(this.#clock);
    this.#wakeup = wakeup;
    const onAbort = (): void => wakeup.fail(new Error('stopped'));
    signal.addEventListener('abort', onAbort);
    using session = await PostgresSession.connect(this.#options.url, {
      timeoutMs: this.#options.watchTimeoutMs,
      onWake: (channel) => wakeup.ring(channel),
      onLost: (error) => wakeup.fail(error),
    });
    try {
      const [isStandby] = (await session.query('SELECT pg_is_in_recovery()'))[0] ?? [];
      if (isStandby === 't') throw new Error('the server is a standby; its primary is waited for');
      const connection = { session, cluster: await identifyCluster(session) };
      let catalogAt = Number.NEGATIVE_INFINITY;
      let waitMs = FIRST_LOOK_MS;
      let rung: ReadonlySet<string> = new Set();
      while (!signal.aborted) {
        if (
          this.#clock.now() - catalogAt >= (this.#options.catalogMs ?? CATALOG_MS) ||
          this.#clock.now() < catalogAt
        ) {
          await this.#look(connection, context);
          catalogAt = this.#clock.now();
        }
        const behind = await this.#findNews(connection, rung);
        if (behind.length > 0) this.#lag.fellBehind();
        for (const served of behind) yield* this.#bringUp(served, connection, context, open);
        if (this.#problems.size === 0) this.#lag.caughtUp();
        if (this.#failure !== undefined) context.report({ level: 'info', message: 'connected' });
        this.#failure = undefined;
        onWell();
        this.#writer.connected(session);
        const pollMs = this.#catalog?.notifies === false ? POLL_WITHOUT_NOTIFY_MS : POLL_MS;
        waitMs = behind.length > 0 ? FIRST_LOOK_MS : Math.min(waitMs * 2, pollMs);
        rung = await wakeup.next(waitMs);
      }
    } finally {
      this.#writer.disconnected();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Looks at the catalogs: which tables there are, and whether they can be served. */
  async #look(connection: Connection, context: SourceContext): Promise<void> {
    const catalog = await readCatalog(connection.session, this.#options.tables);
    this.#catalog = catalog;
    const isNamed = this.#options.tables.length > 0;
    const hasInstalled = catalog.tables.some((table) => table.isInstalled);
    const problems = new Map(
      catalog.missing.map((label) => [label, `there is no table "${label}"`]),
    );
    if (catalog.tables.length === 0 && !isNamed) problems.set('', 'schema public has no tables');
    for (const table of catalog.tables) {
      const problem = problemOf(table, hideSecret(this.#options.url));
      if (problem === undefined) {
        if (this.#unwatched.delete(table.label)) await renew(connection, table);
        await this.#serve(table, connection, context);
        continue;
      }
      if (!table.isInstalled) this.#unwatched.add(table.label);
      if (isNamed || this.#served.has(table.label) || !hasInstalled) {
        problems.set(table.label, problem);
      } else this.#report(context, 'info', problem);
    }
    const labels = new Set(catalog.tables.map((table) => table.label));
    for (const label of problems.keys()) this.#served.delete(label); // read anew once it is well
    for (const label of this.#shown) {
      if (labels.has(label)) continue;
      this.#served.delete(label);
      this.#shown.delete(label);
      context.drop(label);
      context.report({ level: 'warn', message: `table "${label}" has been dropped` });
    }
    for (const [label, problem] of problems) {
      if (this.#problems.get(label) !== problem)
        context.report({ level: 'warn', message: problem });
    }
    this.#problems.clear();
    for (const [label, problem] of problems) this.#problems.set(label, problem);
  }

  async #serve(table: CatalogTable, connection: Connection, context: SourceContext): Promise<void> {
    const { id, label } = table;
    const shape = shapeOf(table);
    const held = this.#served.get(label);
    if (held?.shape === shape) {
      if (held.caughtUpIn === connection) return;
      held.outbox.reconnect(connection);
    } else {
      const codec = new RowCodec(table);
      const onDenied = (message: string): void => this.#report(context, 'warn', message);
      const outbox = new PostgresOutbox(connection, table, codec, onDenied);
      const spec = { name: label, key: codec.key, writer: this.#writer };
      const reader = new OutboxReader(spec, outbox);
      this.#shown.add(label);
      this.#served.set(label, { table, shape, outbox, reader, caughtUpIn: undefined });
    }
    await connection.session.query(`LISTEN ${wakeChannel(id)}`);
  }

  /** The tables whose outbox has entries not read yet, and those that have rung. */
  async #findNews({ session }: Connection, rung: ReadonlySet<string>): Promise<Served[]> {
    const all = [...this.#served.values()];
    const isDue = (served: Served): boolean =>
      served.caughtUpIn?.session !== session || rung.has(wakeChannel(served.table.id));
    const due = all.filter(isDue);
    if (due.length > 0) return due;
    const news = all.map(({ outbox }, index) => `SELECT ${index} WHERE ${outbox.newsSql}`);
    // It tells too whether the line is alive.
    const rows = await session.query(news.join(' UNION ALL ') || 'SELECT WHERE false');
    return rows.flatMap(([index]) => all[Number(index)] ?? []);
  }

  async *#bringUp(
    served: Served,
    connection: Connection,
    context: SourceContext,
    open: (spec: TableSpec) => void,
  ): AsyncGenerator<Batch> {
    const { table, reader } = served;
    const shows = this.#writer.waitingFor(table.label);
    try {
      if (served.caughtUpIn === connection) yield* reader.drain(open);
      else yield* reader.catchUp(open);
      served.caughtUpIn = connection;
      for (const show of shows) show();
    } catch (error) {
      if (sqlState(error) === undefined || isLost(error)) throw error;
      // Rights, columns, the table itself: the next look at the catalogs tells.
      const reason = error instanceof Error ? error.message : String(error);
      const problem = `table "${table.label}": ${reason}`;
      this.#problems.set(table.label, problem);
      this.#report(context, 'warn', problem);
      this.#served.delete(table.label);
    }
  }

  #report(context: SourceContext, level: 'info' | 'warn', message: string): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    context.report({ level, message });
  }
}

/** Begins another history, so that no client resumes past changes that nobody has seen. */
async function renew({ session }: Connection, { id }: CatalogTable): Promise<void> {
  await session.query(
    `SELECT ${OUTBOX_SCHEMA}.renew(id, epoch) FROM ${OUTBOX_SCHEMA}.watched WHERE id = $1`,
    [id],
  );
}

/** Host and database, without the secrets. */
export function describeUrl(url: string): string {
  try {
    const { hostname, pathname } = new URL(url);
    return `${hostname || 'localhost'}${pathname}`;
  } catch {
    return 'database'; // pg tells what is wrong with it
  }
}
