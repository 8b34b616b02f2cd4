/**
 * All demo sessions of a server. They change one table.
 *
 * @see SPEC 3.3, 10 "Demo"
 */
import type { Clock } from '../base/clock.ts';
import { SseTableError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { Table } from '../table/table.ts';
import { DEMO_KEY, nextOperation } from './generator.ts';
import { Session, type SessionEnd } from './session.ts';
import { checkSessionRequest, type SessionRequest } from './session-request.ts';

/** Ended sessions remembered, so that whoever reconnects is told 204. About 300 bytes each. */
const MAX_ENDED = 10_000;

/** Rows at which sessions stop adding: a demo left alone for days stays a demo. */
const DEFAULT_MAX_RECORDS = 10_000;

const ID_LENGTH = 16;

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Bytes from here on are drawn again: they would make the first letters likelier. */
const UNEVEN_BYTE = 256 - (256 % ID_ALPHABET.length);

export interface SessionsOptions {
  /** `users`, keyed by `id`; its first rows are there already. */
  table: Table;
  clock: Clock;
  /** Bytes that cannot be guessed: an id is what gives access to its session. */
  randomBytes: (count: number) => Uint8Array;
  /** Running at once. */
  maxSessions: number;
  /** Rows at which sessions stop adding. Keep it at or below the table's own limit. */
  maxRecords?: number;
}

/** Called once for each session, when it has ended. */
export type SessionEndListener = (session: Session, reason: SessionEnd) => void;

/** Starts, finds and stops sessions. */
export class Sessions {
  readonly table: Table;
  readonly #options: SessionsOptions;
  readonly #maxRecords: number;
  readonly #running = new Map<string, Session>();
  /** In order of their ends. */
  readonly #ended = new Map<string, Session>();
  readonly #listeners = new Set<SessionEndListener>();
  #lastId: number;
  #refused = 0;

  constructor(options: SessionsOptions) {
    this.table = options.table;
    this.#options = options;
    this.#maxRecords = options.maxRecords ?? DEFAULT_MAX_RECORDS;
    this.#lastId = highestId(options.table);
  }

  /** Running sessions. */
  get active(): number {
    return this.#running.size;
  }

  /** Starts refused because `maxSessions` were running. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Starts a session.
   * @param body as it came; undefined for none.
   * @throws {SseTableError} `bad_option` naming the member; `too_many`.
   */
  start(body?: unknown): Session {
    const request = checkSessionRequest(body);
    const { clock, maxSessions } = this.#options;
    if (this.#running.size >= maxSessions) {
      this.#refused++;
      throw new SseTableError(
        'too_many',
        `${maxSessions} sessions are running already; stop one, or raise --max-sessions`,
      );
    }
    const session = new Session(this.#newId(), request, {
      clock,
      step: this.#stepper(request),
      onEnd: (ended, reason) => this.#onEnd(ended, reason),
    });
    this.#running.set(session.id, session);
    return session;
  }

  /** A session that runs, or has ended and is among the newest 10,000 that did. */
  get(id: string): Session | undefined {
    return this.#running.get(id) ?? this.#ended.get(id);
  }

  /** Stops a session; harmless when it has ended. Returns whether there is, or was, one. */
  stop(id: string): boolean {
    const session = this.get(id);
    session?.stop();
    return session !== undefined;
  }

  /** Stops all. */
  close(): void {
    for (const session of [...this.#running.values()]) session.stop();
  }

  /** Tells of each end. Returns the undo. */
  onEnd(listener: SessionEndListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #onEnd(session: Session, reason: SessionEnd): void {
    this.#running.delete(session.id);
    this.#ended.set(session.id, session);
    if (this.#ended.size > MAX_ENDED) {
      for (const oldest of this.#ended.keys()) {
        this.#ended.delete(oldest);
        break;
      }
    }
    for (const listener of this.#listeners) listener(session, reason);
  }

  /** The generator of one session, with its own randomness. */
  #stepper({ seed, weights, minRecords }: SessionRequest): () => void {
    const random = seededRandom(seed ?? this.#newSeed());
    const limits = { weights, minRecords, maxRecords: this.#maxRecords };
    const nextId = (): number => this.#nextId();
    return () => {
      const { changes, batchUpdate } = nextOperation(this.table, limits, random, nextId);
      this.table.apply(changes, { batchUpdate });
    };
  }

  /** Neither one that was given before, so that no row comes back as another, nor one taken. */
  #nextId(): number {
    do this.#lastId++;
    while (this.table.get(this.#lastId) !== undefined);
    return this.#lastId;
  }

  #newSeed(): number {
    let seed = 0;
    for (const byte of this.#options.randomBytes(4)) seed = seed * 256 + byte;
    return seed;
  }

  #newId(): string {
    let id = '';
    while (id.length < ID_LENGTH) {
      for (const byte of this.#options.randomBytes(ID_LENGTH - id.length)) {
        if (byte < UNEVEN_BYTE) id += ID_ALPHABET[byte % ID_ALPHABET.length];
      }
    }
    return this.get(id) === undefined ? id : this.#newId();
  }
}

function highestId(table: Table): number {
  let highest = 0;
  for (const row of table.rows()) {
    const id = row[DEMO_KEY];
    if (typeof id === 'number' && Number.isSafeInteger(id) && id > highest) highest = id;
  }
  return highest;
}
