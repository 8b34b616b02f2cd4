/**
 * The demo's generator: what happens next to the table of people. Pure: the same numbers and the
 * same table give the same operation.
 *
 * @see SPEC 3.3, 10 "Demo"
 */
import type { Random } from '../base/random.ts';
import type { Change, Key, Row } from '../wire/change.ts';
import { changePerson, createPerson, nameOf } from './people.ts';

/** The key column of the demo's table. */
export const DEMO_KEY = 'id';

/** Share of updates that change several rows at once. */
const BATCH_SHARE = 0.1;

/** Rows of a batch update. */
const MIN_BATCH = 2;
const MAX_BATCH = 5;

/** How often each kind of operation comes, relative to the others. */
export interface Weights {
  add: number;
  update: number;
  delete: number;
}

/** What the generator sees of the table. */
export interface Population {
  readonly size: number;
  at(index: number): Row | undefined;
}

export interface GeneratorLimits {
  weights: Weights;
  /** Nothing is deleted at this many rows or fewer. */
  minRecords: number;
  /** Nothing is added at this many rows or more. */
  maxRecords: number;
}

/** Changes applied together; more than one only for a batch update, which has a message of its own. */
export interface Operation {
  changes: Change[];
  batchUpdate: string | undefined;
}

/** The first rows, ids from 1 on. */
export function seedRows(random: Random, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => createPerson(index + 1, random));
}

/** The next operation. `nextId` is asked only for an add. */
export function nextOperation(
  people: Population,
  limits: GeneratorLimits,
  random: Random,
  nextId: () => number,
): Operation {
  switch (chooseKind(people.size, limits, random)) {
    case 'add': {
      const data = createPerson(nextId(), random);
      return single({ type: 'add', data, message: `Added user: ${nameOf(data, '')}` });
    }
    case 'delete': {
      const row = pickRow(people, random);
      const key = keyOf(row);
      const message = `Deleted user: ${nameOf(row, key)}`;
      return single({ type: 'delete', data: { [DEMO_KEY]: key }, message });
    }
    case 'update': {
      if (people.size >= MIN_BATCH && random() < BATCH_SHARE) return batchUpdate(people, random);
      const row = pickRow(people, random);
      const message = `Updated user: ${nameOf(row, keyOf(row))}`;
      return single({ type: 'update', data: changePerson(row, random), message });
    }
  }
}

/** A kind by the weights, of those that are possible; a lone impossible one becomes an update. */
function chooseKind(size: number, limits: GeneratorLimits, random: Random): Change['type'] {
  if (size === 0) return 'add';
  const add = size < limits.maxRecords ? limits.weights.add : 0;
  const remove = size > limits.minRecords ? limits.weights.delete : 0;
  const { update } = limits.weights;
  const dice = random() * (add + update + remove);
  if (dice < add) return 'add';
  return dice < add + remove ? 'delete' : 'update';
}

function batchUpdate(people: Population, random: Random): Operation {
  const wanted = MIN_BATCH + Math.floor(random() * (MAX_BATCH - MIN_BATCH + 1));
  const count = Math.min(wanted, people.size);
  const positions = new Set<number>();
  while (positions.size < count) positions.add(Math.floor(random() * people.size));
  const changes: Change[] = [];
  for (const position of positions) {
    const data = changePerson(rowAt(people, position), random);
    changes.push({ type: 'update', data });
  }
  return { changes, batchUpdate: `Batch updated ${count} users` };
}

function single(change: Change): Operation {
  return { changes: [change], batchUpdate: undefined };
}

function pickRow(people: Population, random: Random): Row {
  return rowAt(people, Math.floor(random() * people.size));
}

function rowAt(people: Population, position: number): Row {
  const row = people.at(position);
  if (row === undefined) throw new RangeError(`no row at ${position} of ${people.size}`);
  return row;
}

function keyOf(row: Row): Key {
  const key = row[DEMO_KEY];
  return typeof key === 'number' ? key : String(key);
}
