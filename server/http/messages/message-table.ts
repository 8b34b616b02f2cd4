/**
 * The table of messages: how its rows are read and made. Columns are named as in SQL; a table that is
 * there already may have them as they are in JSON.
 *
 * @see SPEC 3.4
 */

import type { Table } from '../../table/table.ts';
import type { NewTable } from '../../table/tables.ts';
import { parseFilter } from '../../table/view/filter.ts';
import { View } from '../../table/view/view.ts';
import type { Json, Row } from '../../wire/change.ts';
import type { Message } from '../../wire/event.ts';

/** Messages kept where no store is given; the oldest leave. */
const KEPT_IN_MEMORY = 10_000;

/** Of a message for everyone: no session and no robot can be named so. */
export const EVERYONE = '*';

export const MESSAGES: NewTable = {
  name: 'session_messages',
  key: 'id',
  append: true,
  maxRows: KEPT_IN_MEMORY,
};

/** What somebody says, before it has an id. */
export type Draft = Omit<Message, 'id' | 'createdAt'>;

/** Which messages; undefined: any. */
export interface MessageFilter {
  sessionId: string | undefined;
  robotId: string | undefined;
}

/** Columns by the names of JSON. */
const COLUMNS = {
  sessionId: 'session_id',
  robotId: 'robot_id',
  content: 'content',
  isFromBot: 'is_from_bot',
  isHuman: 'is_human',
  intent: 'intent',
  createdAt: 'created_at',
} as const;

/** The message that a row is. */
export function messageOf(row: Row): Message {
  const cell = (name: keyof typeof COLUMNS): Json => row[name] ?? row[COLUMNS[name]] ?? null;
  return {
    id: typeof row.id === 'number' ? row.id : String(row.id),
    sessionId: addressOf(cell('sessionId')),
    robotId: addressOf(cell('robotId')),
    content: textOf(cell('content')) ?? '',
    isFromBot: isTrue(cell('isFromBot')),
    isHuman: cell('isHuman') === null || isTrue(cell('isHuman')),
    intent: textOf(cell('intent')),
    createdAt: textOf(cell('createdAt')),
  };
}

/** The row to be added. What says nothing is left out: a table need not have a column for it. */
export function rowOf(draft: Draft, createdAt: string, table: Table): Row {
  const { isFromBot, isHuman, ...texts } = draft;
  const row: Row = {};
  for (const [name, value] of Object.entries({ ...texts, createdAt })) {
    if (value !== null) row[columnOf(name, table)] = value;
  }
  if (isFromBot) row[columnOf('isFromBot', table)] = true;
  if (!isHuman) row[columnOf('isHuman', table)] = false;
  return row;
}

/** The messages of a session, of a robot, and those for everyone; undefined: all there are. */
export function viewOf({ sessionId, robotId }: MessageFilter, table: Table): View | undefined {
  const where = Object.entries({ sessionId, robotId }).flatMap(([name, value]) =>
    value === undefined ? [] : [isOneOf(columnOf(name, table), [value, EVERYONE])],
  );
  if (where.length === 0) return undefined;
  return new View({ key: table.key, where, select: [], order: [], limit: undefined });
}

/** A filter that passes these texts, and the numbers that they spell. */
export function isOneOf(column: string, texts: readonly string[]): ReturnType<typeof parseFilter> {
  const quoted = texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`);
  return parseFilter(column, `in.(${quoted.join()})`);
}

function columnOf(name: string, table: Table): string {
  const isAsInJson = table.columns.some((column) => column.name === name);
  return isAsInJson ? name : (COLUMNS[name as keyof typeof COLUMNS] ?? name);
}

function addressOf(cell: Json): string | null {
  return cell === EVERYONE ? null : textOf(cell);
}

function textOf(cell: Json): string | null {
  if (cell === null) return null;
  return typeof cell === 'string' ? cell : JSON.stringify(cell);
}

/** SQLite has 1 and 0. */
function isTrue(cell: Json): boolean {
  return cell === true || cell === 1;
}
