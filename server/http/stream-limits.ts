/**
 * How many streams may be open: in all, from one address, of one session; and who was refused.
 *
 * @see SPEC 7, 3.2 "Refusals"
 */
import { SseTableError } from '../base/errors.ts';

export interface StreamLimitsOptions {
  maxConnections: number;
  maxPerAddress: number;
  maxPerSession: number;
}

/** Refusals since the start, by limit. */
export interface Refusals {
  connections: number;
  address: number;
  session: number;
  overload: number;
  draining: number;
}

export class StreamLimits {
  readonly #options: StreamLimitsOptions;
  readonly #byAddress = new Map<string, number>();
  readonly #bySession = new Map<string, number>();
  readonly refused: Refusals = { connections: 0, address: 0, session: 0, overload: 0, draining: 0 };
  #open = 0;

  constructor(options: StreamLimitsOptions) {
    this.#options = options;
  }

  /** Streams open now. */
  get open(): number {
    return this.#open;
  }

  /**
   * Counts a stream in.
   * @returns what counts it out again; to be called once.
   * @throws {SseTableError} `overloaded` or `too_many`, naming the limit.
   */
  enter(address: string, sessionId: string | undefined): () => void {
    const { maxConnections, maxPerAddress, maxPerSession } = this.#options;
    if (this.#open >= maxConnections) {
      this.refused.connections++;
      throw new SseTableError(
        'overloaded',
        `all ${maxConnections} connections are taken (--max-connections); try again later`,
      );
    }
    if ((this.#byAddress.get(address) ?? 0) >= maxPerAddress) {
      this.refused.address++;
      throw new SseTableError(
        'too_many',
        `your address has ${maxPerAddress} streams open already (--max-per-address)`,
      );
    }
    if (sessionId !== undefined && (this.#bySession.get(sessionId) ?? 0) >= maxPerSession) {
      this.refused.session++;
      throw new SseTableError(
        'too_many',
        `session ${sessionId} has ${maxPerSession} streams open already (--max-per-session)`,
      );
    }
    this.#open++;
    increase(this.#byAddress, address);
    if (sessionId !== undefined) increase(this.#bySession, sessionId);
    return () => {
      this.#open--;
      decrease(this.#byAddress, address);
      if (sessionId !== undefined) decrease(this.#bySession, sessionId);
    };
  }
}

function increase(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function decrease(counts: Map<string, number>, name: string): void {
  const left = (counts.get(name) ?? 0) - 1;
  if (left > 0) counts.set(name, left);
  else counts.delete(name);
}
