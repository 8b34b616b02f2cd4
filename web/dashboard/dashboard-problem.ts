/**
 * The card shown in place of a table: the server is away, refuses, or has no table yet.
 *
 * @see FRONTEND 5 "loading and error states"
 */
import { element } from '../page/page-element.ts';
import type { TableList } from './dashboard-tables.ts';
import type { DashboardTexts } from './dashboard-text.ts';

/** The card in index.html. */
export class ProblemCard {
  readonly #list: TableList;
  readonly #main: HTMLElement;
  readonly #card = element('problem', HTMLElement);
  readonly #title = element('problem-title', HTMLElement);
  readonly #message = element('problem-message', HTMLElement);
  readonly #hint = element('problem-hint', HTMLElement);

  /** @param main its `data-empty` hides what needs a table. */
  constructor(list: TableList, main: HTMLElement) {
    this.#list = list;
    this.#main = main;
    element('try-again', HTMLButtonElement).addEventListener('click', () => list.load());
  }

  draw(words: DashboardTexts): void {
    const { chosen, failure, isLoaded } = this.#list;
    const isShown = chosen === undefined && (isLoaded || failure !== undefined);
    this.#card.hidden = !isShown;
    this.#main.toggleAttribute('data-empty', isShown);
    if (!isShown) return;
    const isAway = failure?.code === 'unreachable';
    this.#title.textContent = failure === undefined ? words.noTables : words.unreachable;
    this.#message.textContent =
      failure === undefined
        ? words.noTablesMessage
        : isAway
          ? words.unreachableMessage
          : failure.message;
    this.#hint.hidden = failure !== undefined;
    this.#hint.textContent = 'vmstat 1 | sse-table -\nsse-table orders.csv --follow';
  }
}
