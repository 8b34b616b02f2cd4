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
    await client.connect();
    return new RedisConnection(
      clock,
      (args) => client.sendCommand<Reply>(args),
      () => client.destroy(),
    );
  }

  /**
   * Sends a command and waits for its answer.
   * @param blockMs how long the command may take by itself.
   * @throws {Error} what Redis answers; or that nothing comes, and then the connection is cut.
   */
  async command(args: string[], blockMs = 0): Promise<Reply> {
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.after(blockMs + ANSWER_TIMEOUT_MS, () => {
      late.reject(new Error(`Redis does not answer (${args[0]})`));
    });
    try {
      return await Promise.race([this.#send(args), late.promise]);
    } finally {
      cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#destroy();
  }
}
