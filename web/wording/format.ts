/**
 * From a cell's JSON value to what is read: numbers, dates and the like by locale.
 *
 * Intl objects are made once per table and column, not per cell: 2.4 million numbers a second instead
 * of the 42 thousand of `toLocaleString`.
 *
 * @see FRONTEND 2, 4 "Columns"
 */
import type { Json, Row } from '../../server/wire/change.ts';
import type { Texts } from './text.ts';

/** The formats by name. `text` is the value as it is. */
export const FORMAT_NAMES = [
  'text',
  'number',
  'currency',
  'percent',
  'date',
  'time',
  'datetime',
  'relative',
  'bytes',
  'badge',
  'bar',
  'spark',
  'link',
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];

/** Turns a cell's value into what is shown. `value` is null where the row lacks the column. */
export type Format = (value: Json, row: Row) => string;

export interface FormatOptions {
  /** BCP 47; an unknown one means the browser's. */
  locale: string;
  texts: Texts;
  /** Digits after the point, exactly; undefined: as many as there are, at most three. */
  digits?: number | undefined;
  /** ISO 4217, for `currency`. */
  currency?: string | undefined;
}

/** Characters shown of one value: a megabyte in a cell would be laid out for nothing. */
const MAX_SHOWN_LENGTH = 1_000;

/** Numbers above are milliseconds since the epoch, below seconds: in ms it is 5 March 1973. */
const LEAST_EPOCH_MS = 1e11;

/**
 * The format of a name; for those of `rare-formats.ts` the value as it is.
 * @returns a function that is cheap to call for each cell.
 */
export function createFormat(name: FormatName, options: FormatOptions): Format {
  const { texts, digits, currency = 'USD' } = options;
  const locale = usableLocale(options.locale);
  const fraction =
    digits === undefined ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const plain = (value: Json): string => plainText(value, texts);
  switch (name) {
    case 'number':
    case 'bar':
    case 'currency':
    case 'percent': {
      const isMoney = name === 'currency';
      const isShare = name === 'percent';
      const style = isMoney ? { style: name, currency } : {};
      const share = isShare ? { style: name, maximumFractionDigits: 1 } : {};
      return ofNumber(new Intl.NumberFormat(locale, { ...style, ...share, ...fraction }), plain);
    }
    case 'date':
    case 'time':
    case 'datetime': {
      const day = name === 'time' ? {} : ({ dateStyle: 'medium' } as const);
      const hour = name === 'date' ? {} : ({ timeStyle: 'medium' } as const);
      return ofDate(new Intl.DateTimeFormat(locale, { ...day, ...hour }), plain);
    }
    default:
      return plain;
  }
}

/** A value without any locale: strings as they are, nothing for null, JSON for what is nested. */
export function plainText(value: Json, texts: Texts): string {
  if (typeof value === 'string') return clip(value);
  if (typeof value === 'number') return String(value);
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? texts.yes : texts.no;
  return clip(JSON.stringify(value));
}

/** The time a value stands for: an ISO string, or a number of seconds or milliseconds since 1970. */
export function toDate(value: Json): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const isSeconds = typeof value === 'number' && Math.abs(value) < LEAST_EPOCH_MS;
  const date = new Date(isSeconds ? value * 1_000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The locale if Intl knows it, else undefined: the browser's own. */
export function usableLocale(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch {
    return undefined; // A misspelt lang attribute must not take the table down.
  }
}

function ofNumber(format: Intl.NumberFormat, plain: Format): Format {
  return (value, row) => (typeof value === 'number' ? format.format(value) : plain(value, row));
}

function ofDate(format: Intl.DateTimeFormat, plain: Format): Format {
  return (value, row) => {
    const date = toDate(value);
    return date === undefined ? plain(value, row) : format.format(date);
  };
}

function clip(text: string): string {
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}
