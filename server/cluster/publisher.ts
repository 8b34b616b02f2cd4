/**
 * Sends each change to the workers: encoded once, whatever their number, and in the same batches, so
 * that the frames that clients get end at the same event ids at every worker.
 *
 * @see SPEC 9 "--workers N"; DESIGN 4 "Flush at once when idle and gather when busy"
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { Table } from '../table/table.ts';
import type { Tables } from '../table/tables.ts';
import { Following } from './following.ts';
import type { Link } from './link.ts';
import { type Batch, TableFeed } from './table-feed.ts';

/** Changes of one table that are worth a flush at once, whatever the window. */
const MAX_GATHERED = 4_096;

export interface PublisherOptions {
  clock: Clock;
  tables: Tables;
  /** Shortest time between two flushes, in ms. */
  flushMs: number;
}

/** The tables' changes, and the links that want them. */
export class Publisher {
  readonly #options: PublisherOptions;
  /** By the table's name. */
  readonly #feeds = new Map<string, TableFeed>();
  readonly #links = new Set<Link>();
  #gathered = new Set<TableFeed>();
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;
  #easing: PromiseWithResolvers<void> | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    for (const table of options.tables.list()) this.#follow(table);
    options.tables.onShown((table) => this.#follow(table));
    options.tables.onRetired((table) => this.#retire(table));
  }

  /** Brings a new worker's copies up to date, and keeps them so. */
  join(link: Link): void {
    this.#links.add(link);
    for (const { table } of this.#feeds.values()) link.follow(new Following(table));
  }

  leave(link: Link): void {
    this.#links.delete(link);
    this.ease();
  }

  /** Sends what has been gathered, now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const gathered = this.#gathered;
    if (gathered.size === 0) return;
    this.#gathered = new Set();
    for (const feed of gathered) this.#send(feed.take());
    this.#lastFlushMs = this.#options.clock.now();
  }

  /**
   * Resolves when all workers have kept up; undefined when they have. Whoever reads rows as fast as
   * it can waits for it, so that no worker falls so far behind that it must begin anew.
   */
  keptUp(): Promise<void> | undefined {
    if (!this.#isPressed) return undefined;
    this.#easing ??= Promise.withResolvers<void>();
    return this.#easing.promise;
  }

  /** A link can take more than before, or is gone. */
  ease(): void {
    if (this.#easing === undefined || this.#isPressed) return;
    this.#easing.resolve();
    this.#easing = undefined;
  }

  /** Cancels what is scheduled. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  get #isPressed(): boolean {
    for (const link of this.#links) if (link.isPressed) return true;
    return false;
  }

  #follow(table: Table): void {
    this.#feeds.get(table.name)?.close();
    const feed = new TableFeed(table, {
      onGathered: () => this.#onGathered(feed),
      onBatch: (batches) => this.#send(batches),
    });
    this.#feeds.set(table.name, feed);
    for (const link of this.#links) link.follow(new Following(table));
  }

  #retire({ name }: Table): void {
    // Where another takes its place, workers show the old one until they have the new one whole.
    if (this.#options.tables.get(name) !== undefined) return;
    this.#feeds.get(name)?.close();
    this.#feeds.delete(name);
    for (const link of this.#links) link.drop(name);
  }

  #onGathered(feed: TableFeed): void {
    this.#gathered.add(feed);
    if (feed.size >= MAX_GATHERED) {
      this.#send(feed.take());
      return;
    }
    const { clock, flushMs } = this.#options;
    const waitMs = Math.max(0, this.#lastFlushMs + flushMs - clock.now());
    this.#cancel ??= clock.after(waitMs, () => this.flush());
  }

  #send(batches: readonly Batch[]): void {
    for (const batch of batches) for (const link of this.#links) link.send(batch);
  }
}
