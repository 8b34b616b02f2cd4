/**
 * The demo as the app wires it: its table with the first rows, and the sessions that change it.
 *
 * @see SPEC 3.3, 10 "Demo"
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from './base/clock.ts';
import { seededRandom } from './base/random.ts';
import { DEMO_KEY, seedRows } from './source/generator.ts';
import { Sessions } from './source/sessions.ts';
import type { Tables } from './table/tables.ts';

/** Demo sessions are short and watched closely. */
export const DEMO_HEARTBEAT_MS = 10_000;

/** The demo's table. */
const DEMO_TABLE = 'users';

/** Rows that it begins with. */
const DEMO_ROWS = 10;

/** Rows at which the demo stops adding, so that one left alone for days stays a demo. */
const DEMO_MAX_ROWS = 10_000;

export interface DemoOptions {
  maxRows: number;
  maxSessions: number;
  seed: number;
}

/** Makes the demo's table and the registry of its sessions. */
export function createSessions(tables: Tables, clock: Clock, options: DemoOptions): Sessions {
  const { maxRows, maxSessions, seed } = options;
  const table = tables.create({ name: DEMO_TABLE, key: DEMO_KEY });
  const rows = seedRows(seededRandom(seed), Math.min(DEMO_ROWS, maxRows));
  table.apply(rows.map((data) => ({ type: 'add', data })));
  const maxRecords = Math.min(DEMO_MAX_ROWS, maxRows);
  return new Sessions({ table, clock, randomBytes, maxSessions, maxRecords });
}
