/**
 * Ties a companion to a feed: the one of its own `src`, or that of the `<sse-table>` it is `for`.
 * The connection is shared either way; the link follows when the table gets another `src`.
 *
 * @see FRONTEND 4 "Companions", "Resume"
 */
import type { LitElement, ReactiveController } from 'lit';
import type { StreamEvent } from '../../server/wire/event.ts';
import type { Feed, FeedState } from '../feed/feed.ts';
import { acquireFeed } from '../feed/shared-feed.ts';
import { usableLocale } from '../wording/format.ts';
import { languageOf } from '../wording/language.ts';

/** A companion, as its link sees it. */
export interface FeedLinkHost extends LitElement {
  /** The `id` of an `<sse-table>` in the same document or shadow root. */
  for: string | null | undefined;
  /** The address of a stream; not read where `for` is set. */
  src: string | null | undefined;
  /** The same, where `src` is only a part of it. */
  readonly streamSrc?: string;
}

/** What a companion wants to hear. */
export interface FeedLinkListener {
  /** Another feed, or none: forget what was counted of the last one. */
  onFeed?(feed: Feed | undefined): void;
  /** After each event was merged. */
  onEvent?(event: StreamEvent): void;
  onState?(state: FeedState): void;
  /** Once a second while there is a feed. */
  onTick?(): void;
}

/** Also how soon a table that came, went or was replaced is noticed. */
const TICK_MS = 1_000;

/** The reactive properties of every companion. */
export const feedLinkProperties = {
  for: { type: String },
  src: { type: String },
};

/** The link of one companion; made in its constructor. */
export class FeedLink implements ReactiveController {
  readonly #host: FeedLinkHost;
  readonly #listener: FeedLinkListener;
  #feed: Feed | undefined;
  /** What `#feed` was acquired with. */
  #address: string | undefined;
  #release: (() => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(host: FeedLinkHost, listener: FeedLinkListener) {
    this.#host = host;
    this.#listener = listener;
    host.addController(this);
  }

  /** The feed at the moment. */
  get feed(): Feed | undefined {
    return this.#feed;
  }

  /** The language to speak. */
  get language(): string {
    return languageOf(this.#host);
  }

  /** The same for Intl, which throws at a tag it cannot read. */
  get locale(): string | undefined {
    return usableLocale(this.language);
  }

  hostConnected(): void {
    const resolve = () => this.#resolve();
    // A table says its state whenever it has another feed.
    const root = this.#host.getRootNode();
    root.addEventListener('sse-table-state', resolve);
    // A page that switches its language changes the root's `lang`.
    const language = new MutationObserver(() => this.#host.requestUpdate());
    language.observe(document.documentElement, { attributeFilter: ['lang'] });
    const timer = setInterval(() => {
      resolve();
      if (this.#feed !== undefined) this.#listener.onTick?.();
    }, TICK_MS);
    this.#stop = () => {
      root.removeEventListener('sse-table-state', resolve);
      language.disconnect();
      clearInterval(timer);
      this.#attach(undefined);
    };
    resolve();
  }

  hostUpdate(): void {
    if (this.#stop !== undefined) this.#resolve();
  }

  hostDisconnected(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #resolve(): void {
    const { for: id } = this.#host;
    const root = this.#host.getRootNode();
    const isTree = root instanceof Document || root instanceof ShadowRoot;
    this.#attach(id ? (isTree && root.getElementById(id)) || undefined : this.#host);
  }

  #attach(source: Element | undefined): void {
    const src = (source === this.#host ? this.#host.streamSrc : undefined) ?? textOf(source, 'src');
    // With `for` the table's, so that both have the same connection.
    const wanted = textOf(source, 'credentials');
    const credentials = CREDENTIALS.find((name) => name === wanted);
    const address = src && `${credentials} ${src}`;
    if (address === this.#address) return;
    this.#address = address;
    this.#release?.();
    this.#release = undefined;
    this.#feed = undefined;
    if (src !== undefined) {
      const { feed, release } = acquireFeed(src, credentials);
      const offEvent = feed.on('event', (event) => this.#listener.onEvent?.(event));
      const offState = feed.on('state', (state) => this.#listener.onState?.(state));
      this.#feed = feed;
      this.#release = () => {
        offEvent();
        offState();
        release();
      };
    }
    this.#listener.onFeed?.(this.#feed);
    this.#host.requestUpdate();
  }
}

const CREDENTIALS: readonly RequestCredentials[] = ['include', 'omit', 'same-origin'];

/** A property, or the attribute of an element that is not upgraded yet or has no such property. */
function textOf(element: Element | undefined, name: 'src' | 'credentials'): string | undefined {
  const value: unknown = element && (Reflect.get(element, name) ?? element.getAttribute(name));
  return typeof value === 'string' && value !== '' ? value : undefined;
}
