/**
 * The tables of the server, and which one the page shows: the one in `?table=`, else the first.
 *
 * @see SPEC 3.1, FRONTEND 5
 */
import { NOTHING_SET, writeAddress } from './dashboard-address.ts';
import { ApiError, listTables, type TableInfo } from './dashboard-api.ts';

/** How soon the list is asked for again, while it is empty or the server is away. */
const RETRY_MS = 2_000;

const PARAMETER = 'table';

/** The list behind the chooser. */
export class TableList {
  readonly #onChange: () => void;
  #tables: readonly TableInfo[] = [];
  #isLoaded = false;
  #failure: ApiError | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param onChange after each answer, choice, and step through the browser's history. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    addEventListener('popstate', onChange);
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.load();
    });
  }

  get tables(): readonly TableInfo[] {
    return this.#tables;
  }

  /** Whether the server has answered once. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why the last answer did not come. */
  get failure(): ApiError | undefined {
    return this.#failure;
  }

  /** The name in the address, whether there is such a table or not. */
  get asked(): string | undefined {
    return new URL(location.href).searchParams.get(PARAMETER) ?? undefined;
  }

  /** The table to show. */
  get chosen(): TableInfo | undefined {
    return this.#tables.find((table) => table.name === this.asked) ?? this.#tables[0];
  }

  /** Shows another table; the address can be shared, and Back returns. */
  choose(name: string): void {
    const url = new URL(writeAddress(location.href, NOTHING_SET));
    url.searchParams.set(PARAMETER, name);
    history.pushState(null, '', url);
    this.#onChange();
  }

  /** Asks the server, and again until it has a table. */
  async load(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      this.#tables = await listTables();
      this.#isLoaded = true;
      this.#failure = undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#failure = error;
    }
    if (this.#tables.length === 0) this.#retry = setTimeout(() => this.load(), RETRY_MS);
    this.#onChange();
  }
}
