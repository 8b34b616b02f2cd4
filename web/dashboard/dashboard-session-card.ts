/**
 * The card of the demo generator: what it does, its buttons, and the facts of its session.
 *
 * @see SPEC 10 "Dashboard", FRONTEND 5
 */
import { element } from '../page/page-element.ts';
import type { Language } from '../page/preferences.ts';
import type { DemoSession, SessionPhase } from './dashboard-session.ts';
import type { DashboardTexts } from './dashboard-text.ts';

const TICK_MS = 1_000;

/** The card in index.html. */
export class SessionCard {
  readonly #session: DemoSession;
  readonly #card = element('session', HTMLElement);
  readonly #state = element('session-state', HTMLElement);
  readonly #facts = element('session-facts', HTMLElement);
  readonly #id = element('session-id', HTMLElement);
  readonly #count = element('session-count', HTMLElement);
  readonly #expiry = element('session-expiry', HTMLElement);
  readonly #pace = element('pace', HTMLSelectElement);
  readonly #start = element('start', HTMLButtonElement);
  readonly #startText = element('start-text', HTMLElement);
  readonly #stop = element('stop', HTMLButtonElement);

  constructor(session: DemoSession) {
    this.#session = session;
    this.#start.addEventListener('click', () => session.start(Number(this.#pace.value)));
    this.#stop.addEventListener('click', () => session.stop());
    setInterval(() => this.#drawExpiry(), TICK_MS);
  }

  /** Draws the session; `isShown` where the table on the page is the generator's. */
  draw(isShown: boolean, words: DashboardTexts, language: Language): void {
    const { id, isRunning, generated, phase } = this.#session;
    this.#card.hidden = !isShown;
    this.#card.dataset.phase = phase;
    const state = words[phase];
    // A status region speaks when it is written to, so only write what is new.
    if (this.#state.textContent !== state) this.#state.textContent = state;
    this.#startText.textContent = hasEnded(phase) ? words.startAgain : words.start;
    // While an answer is awaited nothing goes grey: a disabled button would lose the focus.
    const canStart = !isRunning;
    const focused = document.activeElement;
    this.#start.disabled = !canStart;
    this.#stop.disabled = canStart;
    this.#pace.disabled = !canStart;
    // A button that goes grey under the keyboard passes the focus on to its opposite.
    if (focused === this.#start && !canStart) this.#stop.focus();
    if (focused === this.#stop && canStart) this.#start.focus();
    this.#facts.hidden = id === undefined;
    this.#id.textContent = id ?? '';
    this.#count.textContent = new Intl.NumberFormat(language).format(generated ?? 0);
    this.#drawExpiry();
  }

  #drawExpiry(): void {
    const leftMs = this.#session.remainingMs(Date.now());
    const seconds = Math.ceil((leftMs ?? 0) / 1_000);
    const minutes = Math.floor(seconds / 60);
    this.#expiry.textContent =
      leftMs === undefined ? '–' : `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
  }
}

function hasEnded(phase: SessionPhase): boolean {
  return phase === 'stopped' || phase === 'expired' || phase === 'gone';
}
