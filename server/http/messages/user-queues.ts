/**
 * What waits for each user: rows of one table, bounded for each of them; the oldest leave. A client's
 * place among them is its last event id, as in any stream.
 *
 * @see SPEC 3.4 "Private delivery"
 */
import type { Applied, TableListener } from '../../table/applied.ts';
import type { Table } from '../../table/table.ts';
import type { NewTable, Tables } from '../../table/tables.ts';
import { View } from '../../table/view/view.ts';
import type { Change, Json, Key, Row } from '../../wire/change.ts';
import type { NoteEvent } from '../../wire/event.ts';
import { EVERYONE, isOneOf } from './message-table.ts';
import type { Note } from './read-draft.ts';

/** Messages that wait for one user. */
const MAX_WAITING = 1_000;

/** Of all users together, where no store is given. */
const KEPT_IN_MEMORY = 20_000;

/** A permission for all tables does not reach it: see `Caller`. */
export const USER_MESSAGES: NewTable = {
  name: 'user_messages',
  key: 'id',
  append: true,
  maxRows: KEPT_IN_MEMORY,
};

/** The queues of all users. */
export class UserQueues implements TableListener {
  readonly #tables: Tables;
  readonly #isHere: (user: string) => boolean;
  /** Keys by user, oldest first. */
  readonly #queues = new Map<string, Set<Key>>();
  #table: Table | undefined;
  #stop: (() => void) | undefined;
  #dropped = 0;

  /** @param isHere whether the user is connected. */
  constructor(tables: Tables, isHere: (user: string) => boolean) {
    this.#tables = tables;
    this.#isHere = isHere;
  }

  /** Messages that wait, for all users together. */
  get waiting(): number {
    return this.#table?.size ?? 0;
  }

  /** Messages that left unread, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The table, made if there is none. @throws {SseTableError} as `Tables.write`. */
  async table(): Promise<Table> {
    const table = await this.#tables.obtain(USER_MESSAGES);
    if (table !== this.#table) this.#listen(table);
    return table;
  }

  /**
   * Adds a note for a user.
   * @returns the row, and how many wait with it.
   * @throws {SseTableError} as `Tables.insert`.
   */
  async add(user: string, note: Note, createdAt: string): Promise<{ row: Row; waiting: number }> {
    const table = await this.table();
    const row = await this.#tables.insert(USER_MESSAGES, {
      user_id: user,
      content: note.content,
      // As a text, which every store gives back as it was.
      data: note.data === null ? null : JSON.stringify(note.data),
      created_at: createdAt,
    });
    const queue = this.#queues.get(user) ?? new Set();
    const excess = [...queue].slice(0, Math.max(0, queue.size - MAX_WAITING));
    if (excess.length > 0) {
      if (user !== EVERYONE && !this.#isHere(user)) this.#dropped += excess.length;
      await this.#tables.write(
        table,
        excess.map((key) => deleteOf(table, key)),
      );
    }
    return { row, waiting: Math.min(queue.size, MAX_WAITING) };
  }

  /** Takes away what waits for a user, up to `seq`. @returns how many. */
  async clear(user: string, seq: number): Promise<number> {
    const table = await this.table();
    const keys = [...(this.#queues.get(user) ?? [])].filter(
      (key) => (table.seqOf(key) ?? Number.POSITIVE_INFINITY) <= seq,
    );
    if (keys.length > 0)
      await this.#tables.write(
        table,
        keys.map((key) => deleteOf(table, key)),
      );
    return keys.length;
  }

  /** What a user gets: their own, and those for everyone. */
  viewOf(user: string, table: Table): View {
    const where = [isOneOf('user_id', [user, EVERYONE])];
    return new View({ key: table.key, where, select: [], order: [], limit: undefined });
  }

  onChange({ key, before, after }: Applied): void {
    const user = String((after ?? before)?.user_id);
    const queue = this.#queues.get(user);
    if (after !== undefined) {
      if (queue === undefined) this.#queues.set(user, new Set([key]));
      else queue.add(key);
    } else if (queue?.delete(key) === true && queue.size === 0) {
      this.#queues.delete(user);
    }
  }

  onApplied(): void {
    // Nothing to be done at the end of a batch.
  }

  #listen(table: Table): void {
    this.#stop?.();
    this.#queues.clear();
    this.#table = table;
    for (const row of table.rows()) {
      const user = String(row.user_id);
      const key = row[table.key];
      if (typeof key !== 'string' && typeof key !== 'number') continue;
      const queue = this.#queues.get(user);
      if (queue === undefined) this.#queues.set(user, new Set([key]));
      else queue.add(key);
    }
    this.#stop = table.listen(this);
  }
}

/** The event that a row is. */
export function noteEventOf(row: Row, timestamp: string): NoteEvent {
  const { id = 0, user_id, content, data = null, created_at } = row;
  return {
    type: 'message',
    data: {
      id: typeof id === 'number' ? id : String(id),
      userId: user_id === EVERYONE ? null : String(user_id),
      content: String(content),
      data: parsed(data),
      createdAt: String(created_at),
    },
    timestamp,
  };
}

/** What another program has written need not be JSON. */
function parsed(data: Json): Json {
  if (typeof data !== 'string') return data;
  try {
    return JSON.parse(data);
  } catch (error) {
    if (error instanceof SyntaxError) return data;
    throw error;
  }
}

function deleteOf(table: Table, key: Key): Change {
  return { type: 'delete', data: { [table.key]: key } };
}
