/**
 * The rows of the browser benchmark and how they change: a market whose prices walk at random, the same
 * walk in every run.
 */
import { type Random, seededRandom } from '../../server/base/random.ts';
import type { Change, Row } from '../../server/wire/change.ts';

const SEED = 42;

const SECTORS = ['Energy', 'Metals', 'Grain', 'Power', 'Freight'];
const STATES = ['open', 'halted', 'auction'];

/** One step of a price, in both directions, as a share of it. */
const STEP = 0.01;

/** Above every price: the marker is the first row of a table sorted by price. */
const MARKER_PRICE = 1e9;

/** The row whose name tells when it was written, so that a page can tell how old what it shows is. */
const MARKER_ID = 0;

const US_PER_MS = 1_000;

interface Quote {
  id: number;
  price: number;
  volume: number;
}

/** All rows by number; the first is the marker. */
export class Market {
  readonly #random: Random = seededRandom(SEED);
  readonly #quotes: Quote[] = [];
  #nextId = MARKER_ID;

  /** Adds `count` rows. */
  open(count: number): Change[] {
    return Array.from({ length: count }, () => this.#list());
  }

  /** A trade in a row taken at random: three of seven columns change. */
  trade(): Change {
    const at = 1 + Math.floor(this.#random() * (this.#quotes.length - 1));
    const quote = this.#quotes[at];
    if (quote === undefined) throw new RangeError('a market of the marker alone has no trades');
    const before = quote.price;
    quote.price = round(before * (1 + (this.#random() * 2 - 1) * STEP));
    quote.volume += 1 + Math.floor(this.#random() * 100);
    const data = { id: quote.id, price: quote.price, change: round(quote.price - before) };
    return { type: 'update', data: { ...data, volume: quote.volume } };
  }

  /** A new row, and one taken at random that goes: as many as before. */
  turnOver(): [Change, Change] {
    const at = 1 + Math.floor(this.#random() * (this.#quotes.length - 1));
    const gone = this.#quotes[at];
    const last = this.#quotes.pop();
    if (last !== undefined && at < this.#quotes.length) this.#quotes[at] = last;
    return [{ type: 'delete', data: { id: gone?.id ?? MARKER_ID } }, this.#list()];
  }

  /** The marker, written now: `@` and milliseconds since the Unix epoch, on every process's clock. */
  mark(nowUs: number): Change {
    return { type: 'update', data: { id: MARKER_ID, name: `@${nowUs / US_PER_MS}` } };
  }

  #fresh(): Quote {
    const id = this.#nextId++;
    const price = id === MARKER_ID ? MARKER_PRICE : round(10 + this.#random() * 990);
    return { id, price, volume: 0 };
  }

  #list(): Change {
    const quote = this.#fresh();
    this.#quotes.push(quote);
    const { id, price, volume } = quote;
    const data: Row = {
      id,
      name: `Contract ${id}`,
      sector: SECTORS[id % SECTORS.length] ?? '',
      price,
      change: 0,
      volume,
      state: STATES[id % STATES.length] ?? '',
    };
    return { type: 'add', data };
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
