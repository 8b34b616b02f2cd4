/**
 * How a reader has arranged the columns: their order, which are hidden, which stay in sight, and the
 * widths of those that were given one. Pure; kept as JSON.
 *
 * @see FRONTEND 4 "Columns"
 */

/** The least and greatest width a reader can give a column, in px. */
export const LEAST_WIDTH = 48;
export const GREATEST_WIDTH = 2_000;

/** Names kept at most: a stream of ever new columns must not fill the storage. */
const MAX_NAMES = 1_000;

/** Anything with a field: resolved columns, in production. */
interface Named {
  readonly field: string;
}

/** An arrangement. Columns it has never heard of are shown, after those before them. */
export class ColumnArrangement {
  #order: string[] = [];
  readonly #hidden = new Set<string>();
  readonly #pinned = new Set<string>();
  readonly #widths = new Map<string, number>();

  /** All columns in their order, hidden ones included, the pinned ones first. */
  sort<Column extends Named>(columns: readonly Column[]): Column[] {
    const rank = new Map(this.#order.map((field, index) => [field, index]));
    let before = -1;
    const ranked = columns.map((column) => {
      // A column that came later stays behind its neighbour.
      before = rank.get(column.field) ?? before;
      return { column, rank: before, isPinned: this.isPinned(column.field) };
    });
    ranked.sort((a, b) => Number(b.isPinned) - Number(a.isPinned) || a.rank - b.rank);
    return ranked.map(({ column }) => column);
  }

  /** Those to be shown, in their order. */
  arrange<Column extends Named>(columns: readonly Column[]): Column[] {
    return this.sort(columns).filter(({ field }) => !this.isHidden(field));
  }

  isHidden(field: string): boolean {
    return this.#hidden.has(field);
  }

  setHidden(field: string, isHidden: boolean): void {
    if (isHidden) this.#hidden.add(field);
    else this.#hidden.delete(field);
  }

  isPinned(field: string): boolean {
    return this.#pinned.has(field);
  }

  setPinned(field: string, isPinned: boolean): void {
    if (isPinned) this.#pinned.add(field);
    else this.#pinned.delete(field);
  }

  /** The width given, in px; undefined: as the table thinks fit. */
  width(field: string): number | undefined {
    return this.#widths.get(field);
  }

  setWidth(field: string, width: number | undefined): void {
    if (width === undefined) this.#widths.delete(field);
    else {
      const whole = Math.round(width);
      this.#widths.set(field, Math.min(Math.max(whole, LEAST_WIDTH), GREATEST_WIDTH));
    }
  }

  /** Puts a column before another, or last. @param columns all of them, as the table has them. */
  move(columns: readonly Named[], field: string, before: string | undefined): void {
    const order = this.sort(columns).map((column) => column.field);
    const others = order.filter((other) => other !== field);
    const at = before === undefined ? -1 : others.indexOf(before);
    others.splice(at === -1 ? others.length : at, 0, field);
    this.#order = others;
  }

  /** Back to how the page has them. */
  reset(): void {
    this.#order = [];
    this.#hidden.clear();
    this.#pinned.clear();
    this.#widths.clear();
  }

  toJSON(): Record<string, unknown> {
    return {
      order: this.#order.slice(0, MAX_NAMES),
      hidden: [...this.#hidden].slice(0, MAX_NAMES),
      pinned: [...this.#pinned].slice(0, MAX_NAMES),
      widths: Object.fromEntries([...this.#widths].slice(0, MAX_NAMES)),
    };
  }

  /** Takes over what `toJSON` gave, as far as it makes sense: storage can hold anything. */
  restore(kept: unknown): void {
    this.reset();
    if (!isRecord(kept)) return;
    this.#order = texts(kept.order);
    for (const field of texts(kept.hidden)) this.#hidden.add(field);
    for (const field of texts(kept.pinned)) this.#pinned.add(field);
    for (const [field, width] of Object.entries(isRecord(kept.widths) ? kept.widths : {})) {
      if (typeof width === 'number' && Number.isFinite(width)) this.setWidth(field, width);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
