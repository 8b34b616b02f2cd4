/**
 * `<sse-status>`: how fresh the rows are. A dot and a word, the age of the data, the count-down to
 * the next try; a click connects at once.
 *
 * @see FRONTEND 4 "Honest freshness", "Companions"
 */
import { css, html, LitElement, type TemplateResult } from 'lit';
import { companionStyle } from '../element/companion-style.ts';
import type { FeedState } from '../feed/feed.ts';
import { fill } from '../wording/text.ts';
import { companionTexts } from './companion-text.ts';
import { FeedLink, feedLinkProperties } from './feed-link.ts';

/** A blip shorter than this is not worth interrupting a screen reader for. */
const ANNOUNCE_AFTER_MS = 3_000;

/** Younger data is simply fresh: a number that changes each second only makes nervous. */
const FRESH_MS = 3_000;

const STYLE = css`
  :host {
    display: inline-block;
  }
  button {
    align-items: center;
    background: none;
    border: 0;
    color: inherit;
    cursor: default;
    display: inline-flex;
    font: inherit;
    gap: 0.5em;
    padding: 0;
  }
  [aria-disabled='false'] {
    cursor: pointer;
  }
  .dot {
    background: var(--_muted);
    block-size: 0.6em;
    border-radius: 50%;
    inline-size: 0.6em;
  }
  .live {
    background: var(--_success);
  }
  .connecting,
  .reconnecting,
  .stale {
    background: var(--_warning);
  }
  .offline {
    background: var(--_error);
  }
  .state {
    font-weight: 600;
  }
  .detail {
    opacity: 0.85;
  }
  .unseen {
    block-size: 1px;
    clip-path: inset(50%);
    inline-size: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
  }
`;

/**
 * The state of a stream.
 *
 * @csspart button the whole
 * @csspart dot the coloured dot
 * @csspart state the word
 * @csspart detail age or count-down
 */
export class SseStatus extends LitElement {
  static override styles = [companionStyle, STYLE];
  static override properties = feedLinkProperties;

  declare for: string | null | undefined;
  declare src: string | null | undefined;

  readonly #link: FeedLink = new FeedLink(this, {
    onFeed: () => {
      this.#announced = this.#link.feed?.state;
    },
    onState: () => {
      this.requestUpdate();
      clearTimeout(this.#announceTimer);
      // A table speaks for itself.
      if (this.for) return;
      this.#announceTimer = setTimeout(() => this.#announce(), ANNOUNCE_AFTER_MS);
    },
    onTick: () => this.requestUpdate(),
  });
  #announced: FeedState | undefined;
  #announceTimer: ReturnType<typeof setTimeout> | undefined;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#announceTimer);
  }

  protected override render(): TemplateResult {
    const { feed, language } = this.#link;
    const state = feed?.state ?? 'connecting';
    const canRetry = feed?.retryAt !== undefined || state === 'ended';
    const words = companionTexts(language);
    const detail = this.#detail();
    return html`<button
        part="button"
        type="button"
        aria-disabled=${!canRetry}
        title=${feed?.problem?.message ?? (canRetry ? words.retry : '')}
        @click=${() => feed?.retryNow()}
      >
        <span part="dot" class="dot ${state}" aria-hidden="true"></span>
        <span part="state" class="state">${words[state]}</span>
        ${detail === '' ? '' : html`<span part="detail" class="detail">${detail}</span>`}
      </button>
      <span class="unseen" role="status"
        >${this.#announced === undefined ? '' : words[this.#announced]}</span
      >`;
  }

  #detail(): string {
    const { feed, language, locale } = this.#link;
    if (feed === undefined) return '';
    const words = companionTexts(language);
    const now = Date.now();
    if (feed.retryAt !== undefined) {
      return fill(words.nextTry, { age: duration(feed.retryAt - now, locale) });
    }
    const ageMs = now - feed.lastEventAt;
    if (feed.lastEventAt === 0) return '';
    return ageMs < FRESH_MS ? words.fresh : fill(words.ago, { age: duration(ageMs, locale) });
  }

  /** Says the state once it has lasted, and only when it is not the one said before. */
  #announce(): void {
    const state = this.#link.feed?.state;
    if (state === this.#announced) return;
    this.#announced = state;
    this.requestUpdate();
  }
}

/** Seconds up to which they are counted one by one. */
const MAX_SECONDS = 90;

/** `3s`, `2m`, in the signs of the language. */
function duration(ms: number, locale: string | undefined): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const isLong = seconds > MAX_SECONDS;
  const format = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: isLong ? 'minute' : 'second',
    unitDisplay: 'narrow',
  });
  return format.format(isLong ? Math.round(seconds / 60) : seconds);
}
