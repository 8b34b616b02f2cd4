/**
 * The table as the visitor has it: its order, search, filters and size go into the address, and come from
 * there at the start and with Back. Filters and the first so many rows are the server's work.
 *
 * @see FRONTEND 5, SPEC 3.1 "Views"
 */
import { element } from '../page/page-element.ts';
import { NOTHING_SET, readAddress, type Shown, writeAddress } from './dashboard-address.ts';

/** What of `<sse-table>` is used here; its own file brings the rest. */
interface TableElement extends HTMLElement {
  sort?: string | null;
  search?: string | null;
  filters?: Readonly<Record<string, string>>;
  remote?: boolean;
  paused?: boolean;
}

/** The table and the control of its size. */
export class TableView {
  readonly #table: TableElement;
  readonly #top = element('top', HTMLSelectElement);
  #onChange: () => void = () => undefined;
  #name: string | undefined;
  #shown: Shown = NOTHING_SET;

  constructor(table: HTMLElement) {
    this.#table = table;
    table.addEventListener('sse-table-sort', () => this.#note());
    // The fields within the element, which takes them up first.
    customElements.whenDefined('sse-table').then(() => {
      for (const type of ['input', 'change']) {
        table.shadowRoot?.addEventListener(type, ({ target }) => {
          // Not those of this page's own controls in its toolbar.
          if (target instanceof Node && target.getRootNode() === table.shadowRoot) this.#note();
        });
      }
    });
    this.#top.addEventListener('change', () => this.#note());
    addEventListener('popstate', () => {
      this.#name = undefined;
    });
  }

  /** Calls `fn` when what is shown has changed. */
  onChange(fn: () => void): void {
    this.#onChange = fn;
  }

  /** Shows a table as the address has it. @param isView whether `src` takes the parameters of a view. */
  show(name: string, src: string, isView: boolean): void {
    if (name !== this.#name) {
      this.#name = name;
      this.#take(readAddress(location.href));
    }
    this.#top.hidden = !isView;
    const remote = isView;
    if (this.#table.remote !== remote) Object.assign(this.#table, { remote });
    const { sort, top } = this.#shown;
    const order = sort === '' ? '' : `order=${encodeURIComponent(sort)}&`;
    const address = isView && top !== undefined ? `${src}?${order}limit=${top}` : src;
    if (this.#table.getAttribute('src') !== address) this.#table.setAttribute('src', address);
  }

  /** Order, search and filters as if nobody had touched them. */
  reset(): void {
    this.#take(NOTHING_SET);
    this.#save();
  }

  togglePause(): void {
    Object.assign(this.#table, { paused: this.#table.paused !== true });
  }

  focusSearch(): void {
    this.#table.shadowRoot?.querySelector<HTMLInputElement>('[part~=search]')?.focus();
  }

  #take(shown: Shown): void {
    this.#shown = shown;
    const { sort, search, filters, top } = shown;
    Object.assign(this.#table, { sort, search, filters });
    this.#top.value = top === undefined ? '' : String(top);
  }

  #note(): void {
    const { sort, search, filters = {} } = this.#table;
    const top = Number(this.#top.value) || undefined;
    this.#shown = { sort: sort ?? '', search: search ?? '', filters, top };
    this.#save();
  }

  #save(): void {
    history.replaceState(history.state, '', writeAddress(location.href, this.#shown));
    this.#onChange();
  }
}
