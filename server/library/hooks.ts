/**
 * Hooks: what a program does when a client asks, comes and goes.
 *
 * @see SPEC 4, 8
 */
import type { Log } from '../base/log.ts';
import type { Asking, Verdict } from '../http/authorize.ts';
import type { Exchange } from '../http/exchange.ts';

/** One open stream. */
export interface Client {
  /** Counted from 1. */
  readonly id: number;
  /** The path it was opened with, without the query. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly address: string;
  /** As its token or `authorize` says. */
  readonly user: string | undefined;
}

export interface Hooks {
  /**
   * Asked for every request that needs a permission: `false` refuses it with 403, `true` lets it do
   * anything (or what its token allows), an object says who it is and what it may.
   */
  authorize?: ((asking: Asking) => Verdict | Promise<Verdict>) | undefined;
  /** A stream has been opened. */
  onConnect?: ((client: Client) => void) | undefined;
  /** That stream is closed, whoever closed it. Called once for each `onConnect`. */
  onDisconnect?: ((client: Client) => void) | undefined;
}

/** Tells the hooks of streams. What a hook throws is logged; the stream goes on. */
export class Visits {
  readonly #hooks: Hooks;
  readonly #log: Log;
  #count = 0;

  constructor(hooks: Hooks, log: Log) {
    this.#hooks = hooks;
    this.#log = log;
  }

  /** A stream is open. @returns what tells that it is closed; undefined: nobody wants to know. */
  begin({ path, params, address, caller }: Exchange): (() => void) | undefined {
    const { onConnect, onDisconnect } = this.#hooks;
    if (onConnect === undefined && onDisconnect === undefined) return undefined;
    const id = ++this.#count;
    const client = { id, path, params: Object.fromEntries(params), address, user: caller.user };
    this.#tell('onConnect', onConnect, client);
    return () => this.#tell('onDisconnect', onDisconnect, client);
  }

  #tell(name: string, hook: ((client: Client) => void) | undefined, client: Client): void {
    try {
      hook?.(client);
    } catch (error) {
      this.#log.error(`the hook ${name} failed`, { error });
    }
  }
}
