/**
 * The gallery's tables, alive while somebody visits: a visit makes them and keeps them changing for
 * some minutes. Without visitors they cost nothing.
 *
 * @see FRONTEND 6 "gallery", SPEC 3.3
 */
import type { Cancel, Clock } from './base/clock.ts';
import { SseTableError } from './base/errors.ts';
import { seededRandom } from './base/random.ts';
import { EXHIBITS, type Exhibit } from './source/showcase.ts';
import type { Table } from './table/table.ts';
import type { Tables } from './table/tables.ts';

/** How long tables change after a visit; the page visits again before that. */
const VISIT_MS = 120_000;

export interface GalleryDeps {
  tables: Tables;
  clock: Clock;
  seed: number;
}

/** Everything on show. */
export class Gallery {
  readonly #deps: GalleryDeps;
  #shown: { exhibit: Exhibit; table: Table; step: () => void }[] = [];
  #running: Cancel[] = [];
  #cancelEnd: Cancel | undefined;
  #isClosed = false;

  constructor(deps: GalleryDeps) {
    this.#deps = deps;
  }

  /**
   * Makes the tables, at the first visit, and has them change for a while.
   * @returns the tables' names, and for how long they change.
   * @throws {SseTableError} `conflict` where a table of that name is not the gallery's; `too_many`.
   */
  visit(): { tables: string[]; visitMs: number } {
    const { clock } = this.#deps;
    if (this.#shown.length === 0) this.#shown = this.#create();
    if (this.#running.length === 0 && !this.#isClosed) {
      this.#running = this.#shown.map(({ exhibit, step }) => clock.every(exhibit.intervalMs, step));
    }
    this.#cancelEnd?.();
    this.#cancelEnd = this.#isClosed ? undefined : clock.after(VISIT_MS, () => this.#rest());
    return { tables: EXHIBITS.map(({ name }) => name), visitMs: VISIT_MS };
  }

  /** Lets the tables rest for good, whoever may still come while the server is closing. */
  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  #rest(): void {
    this.#cancelEnd?.();
    this.#cancelEnd = undefined;
    for (const cancel of this.#running) cancel();
    this.#running = [];
  }

  #create() {
    const { tables, clock, seed } = this.#deps;
    const taken = EXHIBITS.find(({ name }) => tables.get(name) !== undefined);
    if (taken !== undefined) {
      throw new SseTableError(
        'conflict',
        `the gallery needs the name of your table "${taken.name}"`,
      );
    }
    const random = seededRandom(seed);
    return EXHIBITS.map((exhibit) => {
      const table = tables.create({ name: exhibit.name, key: exhibit.key });
      const rows = exhibit.rows(random, clock.now());
      table.apply(rows.map((data) => ({ type: 'add', data })));
      const at = () => table.at(Math.floor(random() * table.size));
      let n = 0;
      const step = () => {
        n++;
        table.apply(exhibit.step(at, random, clock.now(), n));
      };
      return { exhibit, table, step };
    });
  }
}
