/**
 * What clients post as messages, checked member by member.
 *
 * @see SPEC 3.4
 */
import { SseTableError } from '../../base/errors.ts';
import type { Json } from '../../wire/change.ts';
import { type Draft, EVERYONE } from './message-table.ts';

/** Characters of a session's, robot's or user's id, and of an intent. */
const MAX_NAME_LENGTH = 200;

/** Characters of what is said, and of a note's data as JSON: many thousand are kept in memory. */
const MAX_CONTENT_LENGTH = 16_384;

/** Control characters and lone surrogates are in no name. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** What is said to one user, or to everyone. */
export interface Note {
  content: string;
  /** Whatever else the page is to know. */
  data: Json;
}

/**
 * Reads `{sessionId, content, robotId?, isFromBot?, isHuman?, intent?}`.
 * @throws {SseTableError} `bad_request` naming the member and the fix.
 */
export function readDraft(body: unknown): Draft {
  const members = new Members(body, [
    'sessionId',
    'content',
    'robotId',
    'isFromBot',
    'isHuman',
    'intent',
  ]);
  const isFromBot = members.flag('isFromBot') ?? false;
  return {
    sessionId: members.name('sessionId'),
    robotId: members.optionalName('robotId'),
    content: members.text('content'),
    isFromBot,
    isHuman: members.flag('isHuman') ?? !isFromBot,
    intent: members.optionalName('intent'),
  };
}

/**
 * Reads `{content, data?}`.
 * @throws {SseTableError} `bad_request` naming the member and the fix.
 */
export function readNote(body: unknown): Note {
  const members = new Members(body, ['content', 'data']);
  return { content: members.text('content'), data: members.json('data') };
}

/**
 * Checks the id of a session, a robot or a user.
 * @param what names it in the message.
 * @throws {SseTableError} `bad_request`.
 */
export function checkName(value: unknown, what: string): string {
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  const isName =
    typeof text === 'string' &&
    text.trim() !== '' &&
    text.length <= MAX_NAME_LENGTH &&
    text !== EVERYONE &&
    !UNPRINTABLE.test(text);
  if (isName) return text;
  throw bad(
    `${what} is ${shown(value)}; give 1 to ${MAX_NAME_LENGTH} printable characters, not "*"`,
  );
}

/** The members of a body. */
class Members {
  readonly #members: ReadonlyMap<string, unknown>;

  constructor(body: unknown, known: readonly string[]) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw bad(`the body is ${shown(body)}; send an object such as {"content": "hello"}`);
    }
    this.#members = new Map(Object.entries(body));
    const unknown = [...this.#members.keys()].find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw bad(`${shown(unknown)} is not known here; known are ${known.join(', ')}`);
    }
  }

  text(name: string): string {
    const value = this.#members.get(name);
    if (typeof value !== 'string' || value === '') {
      throw bad(`${name} is ${shown(value)}; give a text that is not empty`);
    }
    checkLength(value, name);
    return value;
  }

  name(name: string): string {
    return checkName(this.#members.get(name), name);
  }

  optionalName(name: string): string | null {
    const value = this.#members.get(name) ?? null;
    return value === null ? null : checkName(value, name);
  }

  flag(name: string): boolean | undefined {
    const value = this.#members.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw bad(`${name} is ${shown(value)}; give true or false`);
  }

  /** The body was JSON. */
  json(name: string): Json {
    const value = (this.#members.get(name) ?? null) as Json;
    checkLength(JSON.stringify(value), name);
    return value;
  }
}

function checkLength({ length }: string, name: string): void {
  if (length <= MAX_CONTENT_LENGTH) return;
  throw bad(`${name} has ${length} characters; at most ${MAX_CONTENT_LENGTH} are taken`);
}

function bad(message: string): SseTableError {
  return new SseTableError('bad_request', message);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
