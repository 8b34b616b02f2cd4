/**
 * `<sse-messages>`: a conversation. Who speaks is on a side of their own, the latest is at the bottom
 * and stays in view unless the reader has scrolled up, and what is written below is posted.
 *
 * @see SPEC 3.4, FRONTEND 4 "Companions"
 */
import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit';
import type { Message, StreamEvent } from '../../server/wire/event.ts';
import { companionStyle } from '../element/companion-style.ts';
import type { FeedState } from '../feed/feed.ts';
import { fill } from '../wording/text.ts';
import { type CompanionTexts, companionTexts } from './companion-text.ts';
import { FeedLink } from './feed-link.ts';
import { MessageList } from './message-list.ts';
import { postMessage } from './post-message.ts';
import { messagesStyle } from './sse-messages-style.ts';

const DEFAULT_SRC = '/api/sse/messages';

const DEFAULT_POST = '/api/messages';

/** Earlier messages that are asked for. */
const DEFAULT_HISTORY = 100;

/** Messages that are drawn; the oldest leave. */
const MAX_MESSAGES = 500;

/** Scrolled to within this of the bottom counts as being there: zoom makes positions fractional. */
const BOTTOM_PX = 8;

/**
 * A conversation.
 *
 * @csspart messages the scroller
 * @csspart message one message; with it `own` or `other`
 * @csspart bubble what was said
 * @csspart about who said it, and when
 * @csspart day the date above its messages
 * @csspart empty what is shown before there is a message
 * @csspart state the state of the connection while it is not good
 * @csspart latest the button that goes back to the bottom
 * @csspart problem why a message was not sent
 * @csspart form the field and the button
 * @csspart input the field
 * @csspart send the button
 */
export class SseMessages extends LitElement {
  static override styles = [companionStyle, messagesStyle];
  static override properties = {
    src: { type: String },
    post: { type: String },
    sessionId: { type: String, attribute: 'session-id' },
    robotId: { type: String, attribute: 'robot-id' },
    history: { type: Number },
    as: { type: String },
    credentials: { type: String },
    readonly: { type: Boolean },
    unread: { type: Number, reflect: true },
  };

  /** The stream's address without parameters. */
  declare src: string | null | undefined;
  /** Where messages are posted. */
  declare post: string | null | undefined;
  declare sessionId: string | null | undefined;
  declare robotId: string | null | undefined;
  /** Earlier messages to begin with, up to 1,000. */
  declare history: number | null | undefined;
  /** Who writes here, and whose messages are on the end side: `human` or `bot`. */
  declare as: string | null | undefined;
  declare credentials: string | null | undefined;
  /** There is no field to write in. */
  declare readonly: boolean | null | undefined;
  /** Messages of others that came while the reader was elsewhere. */
  declare unread: number;

  readonly #link: FeedLink = new FeedLink(this, {
    onFeed: () => this.#restart(),
    onEvent: (event) => this.#onEvent(event),
    onState: (state) => this.#onState(state),
  });
  readonly #messages = new MessageList();
  #follows = true;
  #isLost = false;
  #isSending = false;
  #problem: string | undefined;
  readonly #onVisible = (): void => this.#see();

  constructor() {
    super();
    this.unread = 0;
  }

  /** A companion of no table. */
  get for(): undefined {
    return undefined;
  }

  /** The stream of this conversation. */
  get streamSrc(): string {
    const query = new URLSearchParams();
    if (this.sessionId) query.set('sessionId', this.sessionId);
    if (this.robotId) query.set('robotId', this.robotId);
    query.set('history', String(this.history ?? DEFAULT_HISTORY));
    return `${this.src || DEFAULT_SRC}?${query}`;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.#onVisible);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#onVisible);
  }

  protected override render(): TemplateResult {
    const words = companionTexts(this.#link.language);
    return html`<ol
        part="messages"
        role="log"
        aria-label=${words.messages}
        tabindex="0"
        @scroll=${this.#onScroll}
      >
        ${this.#items(words)}
      </ol>
      ${this.#isLost ? html`<p part="state" class="state" role="status">${words.lost}</p>` : ''}
      <footer>
        ${
          this.#follows || this.unread === 0
            ? ''
            : html`<button part="latest" class="latest" type="button" @click=${this.#toBottom}>
                ↓ ${fill(words.newMessages, { count: String(this.unread) })}
              </button>`
        }
        ${
          this.#problem === undefined
            ? ''
            : html`<p part="problem" class="problem" role="alert">
                ${fill(words.notSent, { reason: this.#problem })}
              </p>`
        }
        ${this.readonly || !this.sessionId ? '' : this.#form(words)}
      </footer>`;
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.#follows) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #form(words: CompanionTexts): TemplateResult {
    return html`<form part="form" @submit=${this.#onSubmit}>
      <textarea
        part="input"
        rows="1"
        aria-label=${words.write}
        placeholder=${words.write}
        @keydown=${this.#onKey}
      ></textarea>
      <button part="send" type="submit" aria-disabled=${String(this.#isSending)}>
        ${words.send}
      </button>
    </form>`;
  }

  #items(words: CompanionTexts): TemplateResult | TemplateResult[] {
    if (this.#messages.size === 0) {
      return html`<li part="empty" class="empty">${words.noMessages}</li>`;
    }
    const { locale } = this.#link;
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
    const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
    const items: TemplateResult[] = [];
    let lastDay = '';
    for (const message of this.#messages.values()) {
      const at = timeOf(message);
      const thisDay = at === undefined ? lastDay : day.format(at);
      if (thisDay !== lastDay) items.push(html`<li part="day" class="day">${thisDay}</li>`);
      lastDay = thisDay;
      items.push(this.#item(message, at === undefined ? '' : time.format(at), words));
    }
    return items;
  }

  #item(message: Message, time: string, words: CompanionTexts): TemplateResult {
    const { content, createdAt, isFromBot } = message;
    const isOwn = this.#isOwn(message);
    const sender = isOwn ? words.you : isFromBot ? words.bot : words.human;
    // One line: white space within a bubble is shown.
    return html`<li part=${isOwn ? 'message own' : 'message other'} class=${isOwn ? 'own' : ''}>
      <p part="bubble" class="bubble">${content}</p>
      <p part="about" class="about">
        <span>${sender}</span> <time datetime=${createdAt ?? ''}>${time}</time>
      </p>
    </li>`;
  }

  get #scroller(): Element {
    const scroller = this.renderRoot.querySelector('ol');
    if (scroller === null) throw new TypeError('<sse-messages> has not been drawn');
    return scroller;
  }

  #isOwn({ isFromBot }: Message): boolean {
    return isFromBot === (this.as === 'bot');
  }

  #restart(): void {
    this.#messages.clear();
    this.#follows = true;
    this.#isLost = false;
    this.unread = 0;
    this.requestUpdate();
  }

  #onEvent(event: StreamEvent): void {
    if (event.type !== 'message' || !('content' in event.data && 'isFromBot' in event.data)) return;
    const isNew = this.#messages.put(event.data, MAX_MESSAGES);
    const isSeen = this.#follows && !document.hidden;
    if (isNew && !isSeen && !this.#isOwn(event.data)) this.unread++;
    this.requestUpdate();
  }

  #onState(state: FeedState): void {
    this.#isLost = state === 'reconnecting' || state === 'offline';
    this.requestUpdate();
  }

  #onScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const follows = scrollHeight - scrollTop - clientHeight <= BOTTOM_PX;
    if (follows === this.#follows) return;
    this.#follows = follows;
    this.#see();
    this.requestUpdate();
  }

  /** Who is at the bottom, with the page in view, has read everything. */
  #see(): void {
    if (this.#follows && !document.hidden) this.unread = 0;
  }

  #toBottom(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    // The button goes away, and the keyboard's place with it.
    if (this.#scroller instanceof HTMLElement) this.#scroller.focus();
  }

  #onKey(event: KeyboardEvent): void {
    // Enter also ends the composition of Chinese text.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (event.target instanceof HTMLTextAreaElement) event.target.form?.requestSubmit();
  }

  async #onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const input = this.renderRoot.querySelector('textarea');
    const content = input?.value.trim() ?? '';
    if (input === null || content === '' || this.#isSending || !this.sessionId) return;
    this.#isSending = true;
    this.#problem = undefined;
    this.requestUpdate();
    const problem = await postMessage(this.post || DEFAULT_POST, this.credentials, {
      sessionId: this.sessionId,
      content,
      isFromBot: this.as === 'bot',
      ...(this.robotId ? { robotId: this.robotId } : {}),
    });
    this.#isSending = false;
    this.#problem = problem;
    // What was written in the meantime stays, and so does what could not be sent.
    if (problem === undefined && input.value.trim() === content) input.value = '';
    this.#follows ||= problem === undefined;
    this.requestUpdate();
  }
}

function timeOf({ createdAt }: Message): number | undefined {
  const at = createdAt === null ? Number.NaN : Date.parse(createdAt);
  return Number.isNaN(at) ? undefined : at;
}
