/**
 * One connection to a Redis server, with a deadline on every answer. It is never mended: when it
 * fails, the source makes another.
 *
 * @see SPEC 6 "Redis"
 */
import type { Clock } from '../../base/clock.ts';

/** A server that is there answers long before. */
const CONNECT_TIMEOUT_MS = 5_000;

/** For an answer, beyond the time that the command itself may block. */
const ANSWER_TIMEOUT_MS = 5_000;

/** What Redis answers in RESP2, errors aside. */
export type Reply = string | number | null | Reply[];

export class RedisConnection implements Disposable {
  readonly #clock: Clock;
  readonly #send: (args: string[]) => Promise<Reply>;
  readonly #destroy: () => void;

  private constructor(clock: Clock, send: (args: string[]) => Promise<Reply>, destroy: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#destroy = destroy;
  }

  /** Connects. The package is loaded here, when it is needed. */
  static async open(url: string, clock: Clock): Promise<RedisConnection> {
    const { createClient } = await import('redis');
    const client = createClient({
      url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT_MS },
    });
    // The command under way fails with the same error; that is where it is told.
    client.on('error', () => undefined);
    try {
      // The client's own limit is for TCP; a server or a proxy may accept and then say nothing.
      await within(clock, CONNECT_TIMEOUT_MS, 'connecting', client.connect());
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
    return new RedisConnection(
      clock,
      (args) => client.sendCommand<Reply>(args),
      () => client.destroy(),
    );
  }

  /**
   * Sends a command and waits for its answer.
   * @param blockMs how long the command may take by itself.
   * @throws {Error} what Redis answers; or that nothing comes, and then the connection is of no use.
   */
  command(args: string[], blockMs = 0): Promise<Reply> {
    const limitMs = blockMs + ANSWER_TIMEOUT_MS;
    return within(this.#clock, limitMs, args[0] ?? '', this.#send(args));
  }

  [Symbol.dispose](): void {
    this.#destroy();
  }
}

/** @throws {Error} that no answer has come in time. */
async function within<T>(
  clock: Clock,
  limitMs: number,
  what: string,
  answer: Promise<T>,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => {
    late.reject(new Error(`Redis does not answer (${what})`));
  });
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    cancel();
  }
}
