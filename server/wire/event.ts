/**
 * The events of the stream, as the JSON in each `data:` field.
 * Server and component share these types: what one writes is what the other reads.
 *
 * @see SPEC 3.2
 */
import type { Change, Json, Key, Row } from './change.ts';

/** A column's name and the JSON type seen in it; `mixed` after two different ones. */
export interface Column {
  name: string;
  type: ColumnType;
}

export type ColumnType = 'string' | 'number' | 'boolean' | 'json' | 'null' | 'mixed';

/** Replaces everything the client holds. `more`: `rows` and then `ready` follow. */
export interface InitEvent {
  type: 'init';
  session_id?: string;
  table: string;
  key: string;
  columns: Column[];
  data: Row[];
  total: number;
  more: boolean;
  heartbeat_ms: number;
  /** ISO 8601, as in every event but `heartbeat`. */
  timestamp: string;
}

/** A further chunk of a large snapshot. */
export interface RowsEvent {
  type: 'rows';
  data: Row[];
  loaded: number;
  total: number;
}

/** The chunked snapshot is complete. Only this event of it carries an `id:`. */
export interface ReadyEvent {
  type: 'ready';
  total: number;
}

/** The answer to a good Last-Event-ID: `missed` changes follow. */
export interface ResumedEvent {
  type: 'resumed';
  missed: number;
}

/** Catch-up: the current state of each row changed since the cursor, and the keys deleted since. */
export interface SyncEvent {
  type: 'sync';
  data: Row[];
  deleted: Key[];
}

/** One change. */
export type ChangeEvent = Change & {
  message: string;
  timestamp: string;
  generation_count?: number;
  /** Only with `?full=1`: the whole table. */
  table_data?: Row[];
};

/** Several changes flushed together: one event, one id. */
export interface BatchEvent {
  type: 'batch';
  changes: Change[];
  timestamp: string;
  generation_count?: number;
  table_data?: Row[];
}

/** The demo's batch operation; `data` are whole rows. */
export interface BatchUpdateEvent {
  type: 'batch_update';
  data: Row[];
  message: string;
  timestamp: string;
  generation_count?: number;
  table_data?: Row[];
}

/** `timestamp` in Unix seconds; `version` is the event id of the table's newest change. */
export interface HeartbeatEvent {
  type: 'heartbeat';
  timestamp: number;
  version: string;
}

/** The stream goes on, or `end` follows. */
export interface ErrorEvent {
  type: 'error';
  code: string;
  message: string;
}

/** A feed begins, or goes on where its client left it. */
export interface ConnectedEvent {
  type: 'connected';
  /** Whether the client's place was found: only what it missed follows. */
  resumed: boolean;
  heartbeat_ms: number;
  timestamp: string;
  message: string;
  /** The log that it is. */
  service?: string;
  /** What messages it has; null: all. */
  sessionId?: string | null;
  robotId?: string | null;
}

/** What a feed had for its client, who was away for too long, is gone. */
export interface SkippedEvent {
  type: 'skipped';
  message: string;
}

/** One line of a log. */
export interface LogEvent {
  type: 'log';
  service: string;
  message: string;
  /** Counts the lines since the server started: one that is missing shows. */
  line: number;
  timestamp: string;
}

/** Something said in a session, by a person or by a robot. */
export interface Message {
  id: number | string;
  /** Null: for everyone. */
  sessionId: string | null;
  robotId: string | null;
  content: string;
  isFromBot: boolean;
  isHuman: boolean;
  intent: string | null;
  /** ISO 8601, unless another program has written it. */
  createdAt: string | null;
}

/** Something said to one user, or to everyone. */
export interface Note {
  id: number | string;
  /** Null: for everyone. */
  userId: string | null;
  content: string;
  data: Json;
  createdAt: string;
}

/** A message of a session. */
export interface MessageEvent {
  type: 'message';
  data: Message;
  timestamp: string;
}

/** A message to a user. */
export interface NoteEvent {
  type: 'message';
  data: Note;
  timestamp: string;
}

/** How far an upload is. */
export interface ProgressEvent {
  type: 'progress';
  /** Percent. */
  progress: number;
  bytes: number;
  bytes_per_s: number;
}

/** A row of a feed. */
export type FeedEvent = LogEvent | MessageEvent | NoteEvent;

export type EndReason = 'stopped' | 'expired' | 'shutdown' | 'lifetime' | 'slow' | 'unauthorized';

/** `shutdown`, `lifetime`, `slow`: come back. After `stopped` and `expired` a reconnect gets 204. */
export interface EndEvent {
  type: 'end';
  reason: EndReason;
  message: string;
  session_id?: string;
}

export type StreamEvent =
  | InitEvent
  | RowsEvent
  | ReadyEvent
  | ResumedEvent
  | SyncEvent
  | ChangeEvent
  | BatchEvent
  | BatchUpdateEvent
  | HeartbeatEvent
  | ErrorEvent
  | EndEvent
  | ConnectedEvent
  | SkippedEvent
  | FeedEvent
  | ProgressEvent;
