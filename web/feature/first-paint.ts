/**
 * Reads a `<table>` that the server printed into the page, as the snapshot it is: rows are on the
 * screen before the script, and the stream goes on where they end.
 *
 * @see FRONTEND 4 "No-JavaScript first paint"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import type { InitEvent } from '../../server/wire/event.ts';

/** Until the stream names its own, in ms. */
const HEARTBEAT_MS = 15_000;

/** A snapshot, and the event id at which the stream goes on. */
export interface FirstPaint {
  init: InitEvent;
  id: string;
}

/** @returns undefined where the table is not one of ours, or not one that can be read. */
export function readFirstPaint(table: HTMLTableElement): FirstPaint | undefined {
  try {
    return read(table);
  } catch (error) {
    console.error('<sse-table>: the printed table cannot be read; all rows are loaded', error);
    return undefined;
  }
}

function read({ dataset, tBodies }: HTMLTableElement): FirstPaint {
  const { version, ...head }: Pick<InitEvent, 'table' | 'key' | 'columns'> & { version: string } =
    JSON.parse(dataset.sseTable ?? '');
  const names = head.columns.map(({ name }) => name);
  const data: Row[] = [];
  for (const line of tBodies[0]?.rows ?? []) {
    const row: Row = {};
    for (const [index, name] of names.entries()) {
      const value = valueIn(line.cells[index]);
      if (value !== undefined) Object.defineProperty(row, name, { ...WRITABLE, value });
    }
    data.push(row);
  }
  return {
    id: version,
    init: {
      type: 'init',
      ...head,
      data,
      total: data.length,
      more: false,
      heartbeat_ms: HEARTBEAT_MS,
      timestamp: '',
    },
  };
}

/** A column may be called `__proto__`: it is set as what it is. */
const WRITABLE = { writable: true, enumerable: true, configurable: true };

function valueIn(cell: HTMLTableCellElement | undefined): Json | undefined {
  if (cell === undefined || cell.dataset.none !== undefined) return undefined;
  return cell.dataset.json === undefined ? (cell.textContent ?? '') : JSON.parse(cell.dataset.json);
}
