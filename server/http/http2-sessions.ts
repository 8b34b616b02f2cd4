/**
 * The HTTP/2 connections of a server: pings each, drops those that do not answer, closes idle ones.
 *
 * A connection whose peer has vanished takes heartbeats for a quarter of an hour without an error;
 * only a question that wants an answer tells.
 *
 * @see SPEC 8 "HTTP/2", 3.7 "SIGTERM"; RFC 9113, 6.7
 */
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Cancel, Clock } from '../base/clock.ts';
import { IDLE_SOCKET_MS, KEEP_ALIVE_MS } from './plain-server.ts';

/** How often each connection is looked at, and asked whether it is there. */
const PING_MS = 15_000;

/** A peer that has not answered for this long is gone. */
const PING_TIMEOUT_MS = 30_000;

/** RST_STREAM code of an answer that nobody reads. @see RFC 9113, 7 */
const CANCEL = 8;

/** What is known of one connection. */
interface Session {
  streams: number;
  /** When it last had a stream. */
  idleSinceMs: number;
  /** When a ping was sent that has not been answered. */
  askedAtMs: number | undefined;
}

export class Http2Sessions {
  readonly #clock: Clock;
  readonly #sessions = new Map<ServerHttp2Session, Session>();
  #lost = 0;
  #cancelSweep: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Connections open. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Connections dropped because their peer did not answer, since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Looks after a connection until it closes. */
  add(session: ServerHttp2Session): void {
    const known: Session = {
      streams: 0,
      idleSinceMs: this.#clock.now(),
      askedAtMs: undefined,
    };
    this.#sessions.set(session, known);
    this.#cancelSweep ??= this.#clock.every(PING_MS, () => this.#sweep());
    // Its own idle time-out knows nothing of streams that have nothing to say for long.
    session.setTimeout(0);
    session.on('stream', (stream) => this.#watch(stream, known));
    session.once('close', () => this.#forget(session));
  }

  /** Takes no more streams on any connection; each closes when its last stream has ended. */
  close(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  #watch(stream: ServerHttp2Stream, known: Session): void {
    known.streams++;
    // Event streams switch it off: they have their own, on what waits to be written.
    stream.setTimeout(IDLE_SOCKET_MS, () => stream.close(CANCEL));
    stream.once('close', () => {
      known.streams--;
      known.idleSinceMs = this.#clock.now();
    });
  }

  #forget(session: ServerHttp2Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
  }

  #sweep(): void {
    const nowMs = this.#clock.now();
    for (const [session, known] of this.#sessions) {
      const { streams, idleSinceMs, askedAtMs } = known;
      if (askedAtMs !== undefined) {
        if (nowMs - askedAtMs < PING_TIMEOUT_MS) continue;
        this.#lost++;
        session.destroy();
      } else if (streams === 0 && nowMs - idleSinceMs >= KEEP_ALIVE_MS) {
        session.close();
      } else if (!session.closed) {
        known.askedAtMs = nowMs;
        session.ping(() => {
          known.askedAtMs = undefined;
        });
      }
    }
  }
}
