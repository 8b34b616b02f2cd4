/**
 * `<sse-log>`: what happened on a stream, as coloured lines with the time. The latest is at the
 * bottom and stays in view, unless the reader has scrolled up.
 *
 * @see FRONTEND 4 "Companions"
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import type { StreamEvent } from '../../server/wire/event.ts';
import { companionStyle } from '../element/companion-style.ts';
import type { FeedState } from '../feed/feed.ts';
import { fill } from '../wording/text.ts';
import { companionTexts } from './companion-text.ts';
import { FeedLink, feedLinkProperties } from './feed-link.ts';
import { describeEvent, type LogLine } from './log-line.ts';

/** Lines are drawn together this often: faster than anyone reads. */
const DRAW_PERIOD_MS = 200;

const DEFAULT_MAX_LINES = 200;

/** Scrolled to within this of the bottom counts as being there: zoom makes positions fractional. */
const BOTTOM_PX = 8;

const STYLE = css`
  :host {
    block-size: 16rem;
    position: relative;
  }
  [role] {
    block-size: 100%;
    box-sizing: border-box;
    overflow: auto;
    overscroll-behavior: contain;
    padding: 0.5rem 0;
  }
  p {
    border-inline-start: 3px solid transparent;
    display: flex;
    gap: 0.75em;
    margin: 0;
    overflow-wrap: anywhere;
    padding: 0.15rem 1rem;
  }
  time {
    color: var(--_muted);
    flex: none;
  }
  .success {
    border-color: currentColor;
    color: var(--_success);
  }
  .error {
    border-color: currentColor;
    color: var(--_error);
  }
  button {
    background: var(--_accent);
    border: 0;
    border-radius: 1rem;
    color: var(--sse-table-on-accent, light-dark(#fff, #14172a));
    cursor: pointer;
    font: inherit;
    inset-block-end: 0.75rem;
    inset-inline-end: 1rem;
    padding: 0.2rem 0.9rem;
    position: absolute;
  }
`;

/**
 * The log of a stream.
 *
 * @csspart lines the scroller
 * @csspart line one line; with it `success`, `error` or `info`
 * @csspart latest the button that goes back to the bottom
 */
export class SseLog extends LitElement {
  static override styles = [companionStyle, STYLE];
  static override properties = { ...feedLinkProperties, max: { type: Number } };

  declare for: string | null | undefined;
  declare src: string | null | undefined;
  /** Lines kept; the oldest leave. */
  declare max: number | null | undefined;

  readonly #link: FeedLink = new FeedLink(this, {
    onFeed: (feed) => {
      this.#isLost = false;
      if (feed?.init !== undefined)
        this.#add(this.#describe({ ...feed.init, total: feed.rows.size }));
    },
    onEvent: (event) => this.#add(this.#describe(event)),
    onState: (state) => this.#onState(state),
  });
  /** Lines not drawn yet, never more than `max`. */
  #waiting: LogLine[] = [];
  #drawTimer: ReturnType<typeof setTimeout> | undefined;
  #follows = true;
  /** Lines drawn while the reader was elsewhere. */
  #unread = 0;
  #isLost = false;

  protected override render(): TemplateResult {
    const words = companionTexts(this.#link.language);
    return html`<div
        part="lines"
        role="log"
        aria-live="off"
        aria-label=${words.log}
        tabindex="0"
        @scroll=${this.#onScroll}
      ></div>
      ${
        this.#follows || this.#unread === 0
          ? ''
          : html`<button part="latest" type="button" @click=${this.#toBottom}>
              ↓ ${fill(words.newLines, { count: String(this.#unread) })}
            </button>`
      }`;
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector('[role]');
  }

  #describe(event: StreamEvent): LogLine | undefined {
    const { feed, language } = this.#link;
    return describeEvent(event, companionTexts(language), feed?.rows.key ?? 'id');
  }

  #onState(state: FeedState): void {
    const { problem, end } = this.#link.feed ?? {};
    const isLost = state === 'reconnecting' || state === 'offline';
    if (isLost && !this.#isLost && end === undefined) {
      const words = companionTexts(this.#link.language);
      const text = [words.lost, problem?.message].filter(Boolean).join(': ');
      this.#add({ kind: 'error', text, at: Date.now() });
    }
    this.#isLost = isLost;
  }

  get #limit(): number {
    return Math.max(1, this.max || DEFAULT_MAX_LINES);
  }

  #add(line: LogLine | undefined): void {
    if (line === undefined) return;
    this.#waiting.push(line);
    if (this.#waiting.length > this.#limit) this.#waiting.shift();
    this.#drawTimer ??= setTimeout(() => this.#draw(), DRAW_PERIOD_MS);
  }

  /** Lines are appended by hand: Lit would compare all of them each time. */
  #draw(): void {
    this.#drawTimer = undefined;
    const scroller = this.#scroller;
    if (scroller === null) return;
    const clock = new Intl.DateTimeFormat(this.#link.locale, { timeStyle: 'medium' });
    for (const line of this.#waiting) scroller.append(elementOf(line, clock));
    if (!this.#follows) this.#unread = Math.min(this.#unread + this.#waiting.length, this.#limit);
    this.#waiting = [];
    while (scroller.childElementCount > this.#limit) scroller.firstElementChild?.remove();
    if (this.#follows) scroller.scrollTop = scroller.scrollHeight;
    else this.requestUpdate();
  }

  #onScroll(): void {
    const scroller = this.#scroller;
    if (scroller === null) return;
    const { scrollHeight, scrollTop, clientHeight } = scroller;
    this.#follows = scrollHeight - scrollTop - clientHeight <= BOTTOM_PX;
    if (!this.#follows || this.#unread === 0) return;
    this.#unread = 0;
    this.requestUpdate();
  }

  #toBottom(): void {
    const scroller = this.#scroller;
    if (scroller === null) return;
    scroller.scrollTop = scroller.scrollHeight;
    // The button goes away, and the keyboard's place with it.
    scroller.focus();
  }
}

function elementOf(line: LogLine, clock: Intl.DateTimeFormat): HTMLElement {
  const element = document.createElement('p');
  element.className = line.kind;
  element.part.add('line', line.kind);
  const time = document.createElement('time');
  time.textContent = clock.format(line.at);
  // The blank is not seen, but heard and copied.
  element.append(time, ` ${line.text}`);
  return element;
}
