/**
 * The way into a stream: what is checked before a client becomes a subscriber, and how one that
 * cannot be taken is told.
 *
 * @see SPEC 3.2 "Resume", "Refusals"; 7; 10 "Origin", "Overload"
 */
import { SseTableError } from '../base/errors.ts';
import { jitter, type Random } from '../base/random.ts';
import type { Stream } from '../stream/stream.ts';
import type { Access } from './access.ts';
import type { Exchange } from './exchange.ts';
import type { HttpRequest } from './message.ts';
import { prefer } from './negotiate.ts';
import { endStream, openStream } from './open-stream.ts';
import { sendEmpty } from './respond.ts';
import type { Refusals } from './stream-limits.ts';

/** When a refused client may come back, jittered: a constant would bring all back at once. */
const COME_BACK_MS = 10_000;

/** 5 to 15 seconds. */
const COME_BACK_JITTER = 0.5;

/** Statuses of refusals that end by themselves. */
const FOR_NOW: ReadonlySet<number> = new Set([429, 503]);

/** Who counts the streams: this process, or another one that is asked. */
export interface StreamGate {
  readonly refused: Pick<Refusals, 'overload' | 'draining'>;
  /**
   * Counts a stream in.
   * @returns what counts it out again; to be called once.
   * @throws {SseTableError} `overloaded` or `too_many`, naming the limit.
   */
  enter(address: string, sessionId: string | undefined): (() => void) | Promise<() => void>;
}

export interface StreamDoorOptions {
  access: Access;
  limits: StreamGate;
  random: Random;
  isDraining: () => boolean;
  isOverloaded: () => boolean;
  /** Resolves when the position named by a client is known here, where another process counts. */
  reach?: (lastEventId: string) => Promise<void>;
  /** A client has been let in. @returns what is called once it has gone. */
  onEntered?: ((exchange: Exchange) => (() => void) | undefined) | undefined;
}

/** Lets clients in, one server-wide. */
export class StreamDoor {
  readonly #options: StreamDoorOptions;

  constructor(options: StreamDoorOptions) {
    this.#options = options;
  }

  /**
   * Makes the client a reader of the channel, which is asked for only when it is let in.
   * @param sessionId counts the stream to that session's limit.
   * @throws {SseTableError} `not_acceptable`, `forbidden_origin`, `overloaded`, `draining`,
   * `too_many`; the last three only to those who can read a status.
   */
  async serve<Reader extends { drained(): void }>(
    exchange: Exchange,
    channel: () => Stream<Reader>,
    sessionId?: string,
  ): Promise<void> {
    const { request, query, caller, isGuest } = exchange;
    this.check(request);
    if (request.method === 'HEAD') {
      const headers = {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-cache, no-transform',
      };
      sendEmpty(exchange, 200, headers);
      return;
    }
    const lastEventId = lastEventIdOf(request, query);
    if (lastEventId !== undefined) await this.#options.reach?.(lastEventId);
    const entered = await this.#enter(exchange, channel, sessionId);
    if (entered === undefined) return;
    const { leave } = entered;
    const goodbye = this.#options.onEntered?.(exchange);
    const onClose = (): void => {
      leave();
      goodbye?.();
    };
    openStream(exchange, entered.channel, {
      lastEventId,
      expiresAtMs: caller.expiresAtMs,
      isGuest,
      // Holds on to neither request nor response: they would be most of an idle client's memory.
      onClose: goodbye === undefined ? leave : onClose,
    });
    exchange.letGo();
  }

  /** @throws {SseTableError} `not_acceptable`, `forbidden_origin`. */
  check(request: HttpRequest): void {
    if (prefer(request.headers.accept, ['text/event-stream']) === undefined) {
      throw new SseTableError(
        'not_acceptable',
        'this is an event stream; send Accept: text/event-stream',
      );
    }
    this.#options.access.checkOrigin(request);
  }

  /**
   * Does a step on the way into a stream. A refusal for now (429, 503) is told to a browser's
   * EventSource as a stream that ends, so that it comes back; others get the status.
   * @returns undefined: it was refused and answered.
   */
  async attempt<T extends object>(
    exchange: Exchange,
    step: () => T | Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      const isForNow = error instanceof SseTableError && FOR_NOW.has(error.status);
      if (!isForNow || !isEventSource(exchange.request)) throw error;
      const { code, message } = error;
      endStream(exchange, [{ type: 'error', code, message }], { retryMs: this.#comeBackMs() });
      return undefined;
    }
  }

  /** Seconds for Retry-After, different for each client. */
  retryAfter(): string {
    return String(Math.ceil(this.#comeBackMs() / 1_000));
  }

  /** @returns the channel and what counts the client out; undefined: it was refused and answered. */
  #enter<Entered>(
    exchange: Exchange,
    channel: () => Entered,
    sessionId: string | undefined,
  ): Promise<{ channel: Entered; leave: () => void } | undefined> {
    const { limits, isDraining, isOverloaded } = this.#options;
    return this.attempt(exchange, async () => {
      if (isDraining()) {
        limits.refused.draining++;
        throw new SseTableError('draining', 'the server is shutting down; try again soon');
      }
      if (isOverloaded()) {
        limits.refused.overload++;
        throw new SseTableError('overloaded', 'the server is overloaded; try again later');
      }
      const leave = await limits.enter(exchange.address, sessionId);
      try {
        return { channel: channel(), leave };
      } catch (error) {
        leave();
        throw error;
      }
    });
  }

  #comeBackMs(): number {
    return jitter(COME_BACK_MS, COME_BACK_JITTER, this.#options.random);
  }
}

/** Where the client wants to go on: the header, else the query parameter. */
export function lastEventIdOf(
  { headers }: HttpRequest,
  query: URLSearchParams,
): string | undefined {
  const header = headers['last-event-id'];
  const id = Array.isArray(header) ? header[0] : header;
  return id || query.get('lastEventId') || undefined;
}

/** A browser's own EventSource: it would never come back after a 429 or 503. */
function isEventSource({ headers }: HttpRequest): boolean {
  return (
    headers.accept?.trim().toLowerCase() === 'text/event-stream' &&
    headers['sec-fetch-mode'] !== undefined
  );
}
