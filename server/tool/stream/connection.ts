/**
 * One connection to a stream: a socket, a request, and the response as it comes.
 *
 * @see SPEC 3.2
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Cancel, Clock } from '../../base/clock.ts';
import { type Failure, failureOf } from './failure.ts';
import { type ResponseHandlers, ResponseReader } from './response-reader.ts';
import type { Target } from './target.ts';

/** Until the head has come. */
export const HEAD_LIMIT_MS = 10_000;

export interface ConnectionHandlers extends ResponseHandlers {
  /** It failed, or was cut off before the body was complete. Nothing follows. */
  onFailure(failure: Failure): void;
}

export interface ConnectionOptions {
  clock: Clock;
  /** Takes any certificate. */
  insecure: boolean;
  headLimitMs?: number;
  isHeadRequest?: boolean;
}

/** Open until the response is complete, it fails, or it is closed. */
export class Connection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  readonly #reader: ResponseReader;
  readonly #cancelLimit: Cancel;
  #isClosed = false;

  /** @param request the text of it, as `requestText` makes it. */
  constructor(
    target: Target,
    request: string,
    handlers: ConnectionHandlers,
    { clock, insecure, headLimitMs = HEAD_LIMIT_MS, isHeadRequest = false }: ConnectionOptions,
  ) {
    this.#handlers = handlers;
    const { host, port, isSecure } = target;
    this.#cancelLimit = clock.after(headLimitMs, () =>
      this.#fail({ kind: 'timed out', message: `no answer within ${headLimitMs / 1_000} s` }),
    );
    this.#reader = new ResponseReader(
      {
        onHead: (head) => {
          this.#cancelLimit();
          handlers.onHead(head);
        },
        onBody: (bytes) => {
          if (!this.#isClosed) handlers.onBody(bytes);
        },
        onEnd: () => {
          if (this.#isClosed) return;
          this.close();
          handlers.onEnd();
        },
      },
      isHeadRequest,
    );
    // The host may be the name's address already; certificates are for the name.
    const { hostname } = target.url;
    const name = isIP(hostname.replace(/^\[|\]$/g, '')) ? {} : { servername: hostname };
    this.#socket = isSecure
      ? connectSecure({ host, port, ...name, rejectUnauthorized: !insecure })
      : connectPlain({ host, port });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#socket.on('error', (error) => this.#fail(failureOf(error)));
    this.#socket.on('close', () => this.#onClose());
    this.#socket.write(request);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Stops reading, so that the server is held back. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends it; no handler is called any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelLimit();
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (this.#isClosed) return;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#fail(failureOf(error));
    }
  }

  #onClose(): void {
    if (this.#isClosed || this.#reader.close()) return;
    this.#fail({ kind: 'cut off', message: 'the connection was closed before the response ended' });
  }

  #fail(failure: Failure): void {
    if (this.#isClosed) return;
    this.close();
    this.#handlers.onFailure(failure);
  }
}
