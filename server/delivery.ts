/**
 * Brings what one source yields into the tables: changes, and loads of a whole table.
 *
 * A load into a table that is held compares: `apply` drops what is the same, and what no part names
 * is deleted at the end. A load into a new one builds it unseen, and shows it when it is whole.
 *
 * @see SPEC 6 "the tables equal the source"
 */
import { SseTableError } from './base/errors.ts';
import type { Batch, TableSpec } from './source/source.ts';
import { keyOf } from './table/row.ts';
import type { RowState } from './table/row-set.ts';
import type { Table } from './table/table.ts';
import type { Tables } from './table/tables.ts';
import { type Change, keyId, type Row, setColumn } from './wire/change.ts';

/** Rows deleted in one go: a few ms. */
const MAX_DELETES = 1_000;

/** A load under way. */
interface Load {
  spec: TableSpec;
  table: Table;
  /** Keys of the table held that no part has named yet; undefined: the table is new. */
  unseen: Set<string | number> | undefined;
}

/** The tables of one source. */
export class Delivery {
  readonly #tables: Tables;
  readonly #loads = new Map<string, Load>();
  readonly #owned = new Set<string>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /**
   * A table is announced, or another load of it.
   * @throws {SseTableError} `conflict`: another source has a table of that name; as `Tables.create`.
   */
  open(spec: TableSpec): void {
    const { name, key, history, loads = false, writer } = spec;
    if (!loads) {
      this.#tables.create(spec);
      this.#tables.bind(name, writer);
      return;
    }
    const held = this.#tables.get(name);
    if (held !== undefined && !this.#owned.has(name)) {
      throw new SseTableError(
        'conflict',
        `there is a table "${name}" already; choose which to serve with --table`,
      );
    }
    const goesOn = held !== undefined && held.key === key && history === undefined;
    const table = goesOn ? held : this.#tables.prepare(spec);
    const unseen = goesOn ? new Set(Array.from(held.keys(), keyId)) : undefined;
    this.#loads.set(name, { spec, table, unseen });
  }

  /** The table is no more. */
  drop(name: string): void {
    this.#loads.delete(name);
    if (this.#owned.delete(name)) this.#tables.remove(name);
  }

  /** Applies a batch. `turn` is awaited where much is to be done at once. */
  async take(batch: Batch, turn: () => Promise<void>): Promise<void> {
    const { table: name, changes, seqs, whole } = batch;
    const load = whole === undefined ? undefined : this.#loads.get(name);
    if (load === undefined) {
      this.#tables.require(name).apply(changes, { seqs });
      return;
    }
    const { table, unseen, spec } = load;
    if (spec.history !== undefined) table.restore(toStates(changes, seqs ?? [], spec));
    else {
      table.apply(changes);
      for (const { data } of changes) unseen?.delete(keyId(keyOf(data, table.key)));
    }
    if (whole !== 'last') return;
    if (unseen !== undefined) await deleteAll(table, [...unseen], turn);
    this.#loads.delete(name);
    this.#owned.add(name);
    this.#tables.put(table);
    this.#tables.bind(name, spec.writer);
  }
}

function toStates(
  changes: readonly Change[],
  seqs: readonly number[],
  { key, history }: TableSpec,
): RowState[] {
  return changes.map(({ type, data }, index) => ({
    key: keyOf(data, key),
    row: type === 'delete' ? undefined : data,
    seq: seqs[index] ?? history?.seq ?? 0,
  }));
}

async function deleteAll(
  table: Table,
  keys: readonly (string | number)[],
  turn: () => Promise<void>,
): Promise<void> {
  for (let start = 0; start < keys.length; start += MAX_DELETES) {
    if (start > 0) await turn();
    table.apply(keys.slice(start, start + MAX_DELETES).map((key) => deleteOf(key, table.key)));
  }
}

function deleteOf(key: string | number, column: string): Change {
  const data: Row = {};
  setColumn(data, column, key);
  return { type: 'delete', data };
}
