/**
 * What tabs say to each other about one stream. `from` and `to` are tabs; a leader holds the connection,
 * the others follow it.
 *
 * @see FRONTEND 4 "one per browser across tabs"
 */
import type { Outcome } from '../feed/connection.ts';

/** How a newcomer comes to the leader's place. */
export type Welcome =
  /** Not yet: the leader itself has no rows. */
  | 'wait'
  /** It is there already: events after `n` are what it lacks. */
  | 'go on'
  /** All rows by the newcomer's own channel, and then the events after `n`. */
  | 'snapshot'
  /** Not at all: the stream is no table's, and its past is the server's to tell. */
  | 'alone';

export type TabMessage =
  /** I hold the connection from now on, and am about to make it. */
  | { type: 'lead'; from: string }
  /** I want to follow, and got as far as this event. `isUrgent`: do not wait for a back-off. */
  | { type: 'join'; from: string; lastEventId: string | undefined; isUrgent: boolean }
  | { type: 'welcome'; from: string; to: string; how: Welcome; n: number; isLive: boolean }
  /** The n-th event of this connection, as it came. */
  | { type: 'event'; from: string; n: number; text: string; id: string | undefined }
  | { type: 'retry'; from: string; retryMs: number }
  /** The connection is over. */
  | { type: 'over'; from: string; outcome: Outcome }
  /** The connection failed; `isDamaged`: by an event that cannot be read. */
  | { type: 'failed'; from: string; isDamaged: boolean; message: string }
  /** Is the leader alive? */
  | { type: 'ping'; from: string }
  | { type: 'pong'; from: string };

/** On a newcomer's own channel: it asks for each part of a snapshot when it has taken the last. */
export type SnapshotMessage =
  | { type: 'next' }
  | { type: 'part'; text: string; id: string | undefined; isLast: boolean };
