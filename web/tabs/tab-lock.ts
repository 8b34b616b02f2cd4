/**
 * Who leads: the tab that holds the lock. The others queue for it, so that the next one has it the moment
 * the leader is closed, crashes or is discarded; and it can be taken from one that is frozen.
 *
 * @see https://developer.mozilla.org/docs/Web/API/Web_Locks_API
 */

/** What the lock tells its tab. */
export interface TabLockHost {
  /** It is this tab's. */
  onLead(): void;
  /** It was taken away. */
  onLost(): void;
}

/** One tab's claim. */
export class TabLock {
  readonly #name: string;
  readonly #locks: LockManager;
  readonly #host: TabLockHost;
  #letGo: (() => void) | undefined;
  #queued: AbortController | undefined;

  constructor(name: string, locks: LockManager, host: TabLockHost) {
    this.#name = name;
    this.#locks = locks;
    this.#host = host;
  }

  get isHeld(): boolean {
    return this.#letGo !== undefined;
  }

  /**
   * Takes the lock if it is free, else queues for it.
   * @returns when it is known which.
   * @throws {DOMException} where there are no locks: a frame without an origin of its own.
   */
  async claim(): Promise<void> {
    if (this.#letGo !== undefined || this.#queued !== undefined) return;
    const decided = Promise.withResolvers<void>();
    this.#request({ ifAvailable: true }, (lock) => {
      decided.resolve();
      if (lock !== null) return this.#hold();
      this.#queue();
      return undefined;
    }).catch(decided.reject);
    await decided.promise;
  }

  /** Takes the lock from whoever has it. */
  steal(): void {
    this.#queued?.abort();
    this.#queued = undefined;
    this.#request({ steal: true }, () => this.#hold()).catch(() => undefined);
  }

  /** Gives the lock up, or the place in the queue. */
  release(): void {
    this.#queued?.abort();
    this.#queued = undefined;
    this.#letGo?.();
    this.#letGo = undefined;
  }

  #queue(): void {
    const queued = new AbortController();
    this.#queued = queued;
    this.#request({ signal: queued.signal }, () => {
      if (this.#queued !== queued) return undefined; // left the queue at the last moment
      this.#queued = undefined;
      return this.#hold();
    }).catch(() => undefined);
  }

  async #request(options: LockOptions, then: (lock: Lock | null) => Promise<void> | undefined) {
    let mine: (() => void) | undefined;
    try {
      await this.#locks.request(this.#name, options, (lock) => {
        const held = then(lock);
        mine = held && this.#letGo;
        return held;
      });
    } catch (error) {
      // Either this request was taken back, or the lock was stolen.
      if (mine === undefined || mine !== this.#letGo) throw error;
      this.#letGo = undefined;
      this.#host.onLost();
    }
  }

  #hold(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#letGo = resolve;
    this.#host.onLead();
    return promise;
  }
}
