/**
 * A stream in a Lit element: connected while the element is in the page, and drawn when it changes.
 *
 * @see SPEC 5; https://lit.dev/docs/composition/controllers/
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Client, type ConnectOptions, type Snapshot } from './connect.ts';

/**
 * @example
 * class ScoreBoard extends LitElement {
 *   #stream = new SseController(this, '/api/tables/scores/stream');
 *   render() { return html`${this.#stream.value?.rows.length} players`; }
 * }
 */
export class SseController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: ConnectOptions;
  #src: string | undefined;
  #client: Client | undefined;
  #unsubscribe: (() => void) | undefined;
  #isInPage = false;

  /** @param src where to connect; undefined: nowhere yet. */
  constructor(
    host: ReactiveControllerHost,
    src: string | undefined = undefined,
    options: ConnectOptions = {},
  ) {
    this.#host = host;
    this.#src = src;
    this.#options = options;
    host.addController(this);
  }

  /** The address; set it to leave one stream for another. */
  get src(): string | undefined {
    return this.#src;
  }

  set src(src: string | undefined) {
    if (src === this.#src) return;
    this.#src = src;
    this.#leave();
    if (this.#isInPage) this.#join();
    this.#host.requestUpdate();
  }

  /** What the stream has brought; undefined while there is no address or no page. */
  get value(): Snapshot | undefined {
    return this.#client?.snapshot;
  }

  /** For `connect()`, `disconnect()` and `clearMessages()`. */
  get client(): Client | undefined {
    return this.#client;
  }

  hostConnected(): void {
    this.#isInPage = true;
    this.#join();
  }

  hostDisconnected(): void {
    this.#isInPage = false;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#client?.disconnect();
  }

  /** The client stays while the element is away, so that it resumes when it is back. */
  #join(): void {
    if (this.#src === undefined) return;
    this.#client ??= new Client(this.#src, { ...this.#options, autoConnect: false });
    this.#unsubscribe ??= this.#client.subscribe(() => this.#host.requestUpdate());
    if (this.#options.autoConnect !== false) this.#client.connect();
  }

  #leave(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#client?.disconnect();
    this.#client = undefined;
  }
}
